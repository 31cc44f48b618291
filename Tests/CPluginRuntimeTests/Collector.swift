import CKaizenPlugin
import CPluginRuntime
import Synchronization

/// Gathers what a component emits in process, as text that compares easily.
final class Collector: Sendable {
  private let gathered = Mutex<[String]>([])

  var lines: [String] { gathered.withLock { $0 } }

  func add(_ line: String) { gathered.withLock { $0.append(line) } }

  private static func at(_ context: UnsafeMutableRawPointer?) -> Collector? {
    context.map { Unmanaged<Collector>.fromOpaque($0).takeUnretainedValue() }
  }

  private var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  /// Valid as long as the collector lives.
  var events: kzr_events {
    kzr_events(
      context: context,
      opportunity: { context, found in
        guard let found = found?.pointee else { return }
        Collector.at(context)?.add(
          "\(text(found.type)) \(text(found.title)) \(found.strength) \(text(found.evidence_json))")
      },
      score: { Collector.at($0)?.add("score \(text($1)) \($2)") },
      finding: { context, finding in
        guard let finding = finding?.pointee else { return }
        Collector.at(context)?.add(
          "finding \(text(finding.rule)) \(text(finding.file)):\(finding.line)")
      },
      note: { Collector.at($0)?.add("note \(text($1))") },
      progress: { Collector.at($0)?.add("progress \($1)") })
  }

  /// Valid as long as the collector lives.
  var log: kzr_log {
    kzr_log(context: context, log: { Collector.at($0)?.add("log \($1) \(text($2))") })
  }
}

func text(_ raw: kz_text) -> String {
  String(
    decoding: UnsafeRawBufferPointer(start: raw.data, count: Int(raw.length)), as: UTF8.self)
}

extension String {
  func withText<R>(_ body: (kz_text) throws -> R) rethrows -> R {
    var copy = self
    return try copy.withUTF8 { bytes in
      try bytes.withMemoryRebound(to: CChar.self) {
        try body(kz_text(data: $0.baseAddress, length: UInt64($0.count)))
      }
    }
  }
}

func message(_ error: kzr_error) -> String {
  withUnsafePointer(to: error) { String(cString: kzr_error_message($0)) }
}

func size<T>(of type: T.Type) -> UInt32 { UInt32(MemoryLayout<T>.stride) }
