import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

/// A host with a flight recorder, and the fixture that does what the agent's `order.txt` says.
struct RecorderRig {
  let rig: HostRig
  let host: ComponentHost
  let recorder: FlightRecorder

  init(
    keeping: FlightRecorder.Keeping = .failed, slotCount: Int = 64,
    bounds: KeptInputStore.Bounds = KeptInputStore.Bounds(), pure: Bool = true
  ) throws {
    rig = try HostRig()
    if pure { try Self.pureBundle(rig) }
    recorder = FlightRecorder(
      folder: rig.folder.path + "/home/state/calls", keeping: keeping, slotCount: slotCount,
      bounds: bounds)
    var configuration = try rig.configuration()
    configuration.grace = .milliseconds(50)
    configuration.recorder = recorder
    host = try ComponentHost(configuration)
  }

  static func pureBundle(_ rig: HostRig, _ more: String = #", "deadline_ms": 300"#) throws {
    try rig.libraryBundle("pure", #", "pure": true"# + more)
  }

  /// Has the fixture do as told.
  @discardableResult
  func analyze(
    _ order: String, window: SharedWindow? = nil
  ) throws(KaizenError) -> AnalysisOutput {
    var input: AnalysisInput
    do {
      try rig.folder.write("agent/order.txt", order)
      input = try rig.analysis(window: window, hasFiles: true)
      input.files?.names.append("order.txt")
    } catch {
      throw KaizenError("E_TEST", "\(error)")
    }
    guard let id = ComponentID("pure") else { throw KaizenError("E_TEST", "no id") }
    return try host.analyze(id, input)
  }

  /// Has it do what fails.
  func fail(_ order: String, window: SharedWindow? = nil) throws {
    #expect(throws: KaizenError.self) { try analyze(order, window: window) }
  }

  /// Has any analyzer do what fails.
  func fail(_ component: ComponentID, _ input: AnalysisInput) throws {
    #expect(throws: KaizenError.self) { try host.analyze(component, input) }
  }

  /// The latest call.
  func latest() throws -> CallRecord {
    try #require(recorder.calls(of: nil, failedOnly: false, limit: 1).first)
  }

  static func window() throws -> SharedWindow {
    var window = FeedbackWindow()
    window.times = [1, 2]
    window.types = [0, 1]
    window.sources = [0, 0]
    window.scores = [1, 0]
    window.durations = [10, .nan]
    window.memory = [.nan, .nan]
    window.cpu = [1, 2]
    window.errors = [-1, 0]
    window.operations = [7, 8]
    window.generations = [0, 4]
    window.errorTypes = ["timeout"]
    return try SharedWindow(window)
  }
}

/// A record of a call that is like no other's where `seed` is.
func sampleRecord(_ seed: Int) throws -> CallRecord {
  var writer = FingerprintWriter()
  writer.add(seed)
  let digest = try #require(Digest(hex: writer.finish()))
  var record = CallRecord(
    number: 0, component: try #require(ComponentID("component-\(seed % 3)")), version: "1.\(seed)",
    digest: digest, kind: .analyzer, placement: .worker, isPure: true,
    agent: try #require(AgentID("agent-\(seed)")), generation: GenerationNumber(seed + 1),
    input: digest, config: digest, host: HostAnswers(nowNanoseconds: -5, seed: .max),
    loaded: HostAnswers(nowNanoseconds: 7, seed: 8), start: Instant(seconds: 1_700_000_000),
    duration: .milliseconds(3), processorTime: .microseconds(1500), peakMemoryBytes: 3 << 20,
    end: .failed("E_PLUGIN_CRASHED", message: "größe \(seed)"))
  record.answers = CallRecord.Answers(
    opportunityCount: 1, scoreCount: 2, findingCount: 3, noteCount: 4, digest: digest.hex)
  record.kept = .under(12)
  return record
}
