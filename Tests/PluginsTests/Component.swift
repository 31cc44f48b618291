import CKaizenPlugin
import CPluginRuntime
import JSONStream
import Linux
import Model

/// Why a component could not be loaded or a call failed.
struct CallFailure: Error, CustomStringConvertible {
  var code: UInt32
  var description: String
}

/// What one call emitted.
final class Emitted {
  struct Opportunity {
    var type: String
    var title: String
    var strength: Double
    var evidence: JSONValue
    var evidenceText: String
  }

  struct Finding: Equatable {
    var rule: String
    var file: String
    var line: Int
  }

  var opportunities: [Opportunity] = []
  var scores: [String: Double] = [:]
  var findings: [Finding] = []
  var notes: [String] = []
  var logs: [String] = []
}

/// One component of the shipped libraries, loaded as the host loads it.
final class Component {
  private let library: OpaquePointer
  private let index: Int32
  private let config: String

  /// Opens the library that stands beside the test's own program, where the build put it.
  init(_ library: String, _ id: String, kind: Int, config: String = "{}") throws {
    let folder = Files.parent(of: try Files.resolve("/proc/self/exe"))
    var error = kzr_error()
    guard let opened = kzr_open("\(folder)/lib\(library).so", &error) else {
      throw Self.failure(&error)
    }
    let arena = Arena()
    index = kzr_find(opened, arena.text(id), UInt32(kind), &error)
    if index < 0 { throw Self.failure(&error) }
    self.library = opened
    self.config = config
  }

  /// What the component says of itself.
  var description: kzr_description { kzr_component(library, UInt32(index)).pointee }

  func analyze(_ view: kz_agent_view) throws -> Emitted {
    var view = view
    return try call { kzr_analyze($0, &view, $1, $2) }
  }

  func apply(_ item: kz_plan_item) throws -> Emitted {
    var item = item
    return try call { kzr_apply($0, &item, $1, $2) }
  }

  func score(_ tree: kz_tree_view) throws -> Emitted {
    var tree = tree
    return try call { kzr_score($0, &tree, $1, $2) }
  }

  /// Makes the component refuse work at once, as past a deadline.
  var isCancelled = false

  /// One instance, one call, and the whole life cycle around it.
  private func call(
    _ body: (OpaquePointer, UnsafePointer<kzr_call>, UnsafeMutablePointer<kzr_error>) -> UInt32
  ) throws -> Emitted {
    let emitted = Emitted()
    let arena = Arena()
    let context = Unmanaged.passUnretained(emitted).toOpaque()
    var error = kzr_error()
    let log = kzr_log(
      context: context,
      log: { context, _, message in collector(context).logs.append(text(message)) })
    let created = kzr_create(
      library, UInt32(index), arena.text(config), 1_800_000_000_000_000_000, 7, log, &error)
    guard let instance = created else { throw Self.failure(&error) }
    defer { kzr_destroy(instance, nil) }
    guard kzr_activate(instance, &error) else { throw Self.failure(&error) }
    let control = kzr_control_create(nil, &error)
    defer { kzr_control_free(control) }
    if isCancelled { kzr_control_cancel(control, 1) }
    var call = kzr_call(
      id: 1, now_ns: 1_800_000_000_000_000_000, seed: 7, control: control,
      events: Self.events(context))
    let code = body(instance, &call, &error)
    if code != UInt32(KZR_OK) { throw Self.failure(&error) }
    withExtendedLifetime(emitted) {}
    return emitted
  }

  private static func events(_ context: UnsafeMutableRawPointer) -> kzr_events {
    kzr_events(
      context: context,
      opportunity: { context, found in
        guard let found = found?.pointee else { return }
        let evidence = text(found.evidence_json)
        collector(context).opportunities.append(
          Emitted.Opportunity(
            type: text(found.type), title: text(found.title), strength: found.strength,
            // The loader checks no JSON: what does not parse shows up as null in a test.
            evidence: (try? JSONDocument.parse(Array(evidence.utf8))) ?? .null,
            evidenceText: evidence))
      },
      score: { context, dimension, value in collector(context).scores[text(dimension)] = value },
      finding: { context, finding in
        guard let finding = finding?.pointee else { return }
        collector(context).findings.append(
          Emitted.Finding(
            rule: text(finding.rule), file: text(finding.file), line: Int(finding.line)))
      },
      note: { context, note in collector(context).notes.append(text(note)) },
      progress: nil)
  }

  private static func failure(_ error: inout kzr_error) -> CallFailure {
    CallFailure(code: error.code, description: String(cString: kzr_error_message(&error)))
  }
}

/// The text that C lends.
func text(_ text: kz_text) -> String {
  String(
    decoding: UnsafeRawBufferPointer(start: text.data, count: Int(text.length)), as: UTF8.self)
}

/// The collector that the loader was given as context.
private func collector(_ context: UnsafeMutableRawPointer?) -> Emitted {
  guard let context else { preconditionFailure("the loader hands the context back") }
  return Unmanaged<Emitted>.fromOpaque(context).takeUnretainedValue()
}
