import CKaizenPlugin
import Synchronization

/// A host, and the sinks of all kinds, that write down what a component does.
final class RecordingHost: @unchecked Sendable {
  // Unchecked: the C structs are written in init and only read after that.
  private let gathered = Mutex<[String]>([])
  private let stops = Mutex(false)
  let host = UnsafeMutablePointer<kz_host>.allocate(capacity: 1)
  let analyzerSink = UnsafeMutablePointer<kz_analyzer_sink>.allocate(capacity: 1)
  let applierSink = UnsafeMutablePointer<kz_applier_sink>.allocate(capacity: 1)
  let scorerSink = UnsafeMutablePointer<kz_scorer_sink>.allocate(capacity: 1)

  init() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    host.initialize(
      to: kz_host(
        size: size(of: kz_host.self), reserved: 0, context: context,
        log: { RecordingHost.at($0?.pointee.context)?.add("log \($1) \(text($2))") },
        progress: { RecordingHost.at($0?.pointee.context)?.add("progress \($1)") },
        should_stop: { RecordingHost.at($0?.pointee.context)?.shouldStop == true ? 1 : 0 },
        fail: { RecordingHost.at($0?.pointee.context)?.add("fail \(text($1))") },
        now_ns: { _ in 99 }, random_u64: { _ in 7 }, extension: { _, _ in nil }))
    analyzerSink.initialize(
      to: kz_analyzer_sink(
        size: size(of: kz_analyzer_sink.self), reserved: 0, context: context,
        opportunity: { sink, found in
          guard let found = found?.pointee else { return kz_status(KZ_FAILED) }
          return RecordingHost.take(
            sink?.pointee.context,
            "\(text(found.type)) \(found.severity) \(text(found.title)) \(found.strength) "
              + text(found.evidence_json))
        }))
    applierSink.initialize(
      to: kz_applier_sink(
        size: size(of: kz_applier_sink.self), reserved: 0, context: context,
        note: { RecordingHost.take($0?.pointee.context, "note \(text($1))") }))
    scorerSink.initialize(
      to: kz_scorer_sink(
        size: size(of: kz_scorer_sink.self), reserved: 0, context: context,
        score: { RecordingHost.take($0?.pointee.context, "score \(text($1)) \($2)") },
        finding: { sink, finding in
          guard let finding = finding?.pointee else { return kz_status(KZ_FAILED) }
          return RecordingHost.take(
            sink?.pointee.context,
            "finding \(text(finding.rule)) \(finding.level) \(text(finding.file)):\(finding.line) "
              + text(finding.message))
        }))
  }

  deinit {
    host.deallocate()
    analyzerSink.deallocate()
    applierSink.deallocate()
    scorerSink.deallocate()
  }

  var lines: [String] { gathered.withLock { $0 } }

  var shouldStop: Bool {
    get { stops.withLock { $0 } }
    set { stops.withLock { $0 = newValue } }
  }

  func add(_ line: String) { gathered.withLock { $0.append(line) } }

  static func at(_ context: UnsafeMutableRawPointer?) -> RecordingHost? {
    context.map { Unmanaged<RecordingHost>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func take(_ context: UnsafeMutableRawPointer?, _ line: String) -> kz_status {
    at(context)?.add(line)
    return kz_status(line.contains("refuse me") ? KZ_FAILED : KZ_OK)
  }
}

func text(_ raw: kz_text) -> String {
  String(decoding: UnsafeRawBufferPointer(start: raw.data, count: Int(raw.length)), as: UTF8.self)
}

/// A text whose bytes are a literal's, and so live for ever.
func lasting(_ literal: StaticString) -> kz_text {
  literal.withUTF8Buffer { bytes in
    bytes.withMemoryRebound(to: CChar.self) {
      kz_text(data: $0.baseAddress, length: UInt64($0.count))
    }
  }
}

func size<T>(of type: T.Type) -> UInt32 { UInt32(MemoryLayout<T>.stride) }
