import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("The flight recorder") struct FlightRecorderTests {
  @Test("every call leaves a record: who, what, when, how long, how it ended")
  func record() throws {
    let recorded = try RecorderRig()
    let before = Clock.wallNanoseconds()
    let output = try recorded.analyze("well", window: try RecorderRig.window())
    let record = try recorded.latest()
    #expect(record.number == 1 && record.component.text == "pure" && record.version == "1.0.0")
    #expect(record.kind == .analyzer && record.placement == .worker && record.isPure)
    #expect(record.agent.text == "probe" && record.generation == GenerationNumber(4))
    #expect(record.digest == recorded.host.components().first?.bundle)
    #expect(record.end == .good && record.kept == .no && !record.isFailure)
    #expect(record.start.nanoseconds >= before)
    #expect(try #require(record.duration) > .zero)
    // What the worker used: by its own word.
    #expect(try #require(record.peakMemoryBytes) > 100_000)
    #expect(record.processorTime != nil)
    #expect(record.answers.opportunityCount == 1 && record.answers.digest.utf8.count == 64)
    // What the component was told is what the record says it was.
    let evidence = try #require(output.opportunities.first?.evidence)
    #expect(evidence["now"]?.integer == record.host.nowNanoseconds)
    #expect(evidence["made_at"]?.integer == record.loaded?.nowNanoseconds)
  }

  @Test("a crash is recorded with what its process used, and its whole input is kept")
  func crash() throws {
    let recorded = try RecorderRig()
    let failure = #expect(throws: KaizenError.self) {
      try recorded.analyze("crash", window: try RecorderRig.window())
    }
    let record = try recorded.latest()
    guard case .failed(let code, let message) = record.end else {
      Issue.record("\(record.end)")
      return
    }
    #expect(code == failure?.code && message == failure?.message)
    #expect(try #require(record.peakMemoryBytes) > 100_000)
    #expect(record.kept == .under(record.number))
    let folder = try #require(recorded.recorder.inputFolder(of: record))
    let input = try KeptInput(folder: folder)
    #expect(input.number == record.number && input.host == record.host && input.isPure)
    #expect(input.files?.entries.map(\.path) == ["a.py", "lib/b.py", "order.txt"])
    #expect(input.window?.rowCount == 2)
    var status = stat()
    for name in ["", "/input.json", "/window", "/files/order.txt"] {
      #expect(stat(folder + name, &status) == 0)
      #expect(status.st_mode & 0o077 == 0, "\(name) is the daemon's own")
    }
  }

  @Test("calls are listed by component and by failure, the newest first")
  func listed() throws {
    let recorded = try RecorderRig()
    try recorded.rig.libraryBundle("good_scorer", id: "good-scorer", kind: "scorer")
    recorded.host.reload()
    try recorded.analyze("well")
    try recorded.fail("fail")
    _ = try recorded.host.score(try id("good-scorer"), try recorded.rig.scoring())
    let recorder = recorded.recorder
    #expect(recorder.calls(of: nil, failedOnly: false, limit: 9).map(\.number) == [3, 2, 1])
    #expect(recorder.calls(of: nil, failedOnly: true, limit: 9).map(\.number) == [2])
    #expect(recorder.calls(of: try id("pure"), failedOnly: false, limit: 1).map(\.number) == [2])
    let scored = try recorded.latest()
    #expect(scored.kind == .scorer && scored.answers.findingCount == 2)
    #expect(scored.answers.scoreCount == 1 && !scored.isPure)
  }

  @Test("a component in process is recorded as if it were shown no files")
  func inProcess() throws {
    let rig = try HostRig()
    try rig.fixture("good_analyzer", in: "bin")
    try rig.folder.write(
      "bin/manifest.json",
      #"{"manifest": 1, "name": "t", "version": "1.0.0", "components": [{"id": "good", "#
        + #""kind": "analyzer", "entry": {"library": "good_analyzer.so"}, "emits": "#
        + #"["error_pattern"], "placement": "in-process"}]}"#)
    let recorder = FlightRecorder(folder: rig.folder.path + "/calls", keeping: .all)
    var configuration = try rig.configuration()
    configuration.recorder = recorder
    let host = try ComponentHost(configuration)
    _ = try host.analyze(try id("good"), try rig.analysis(hasFiles: true))
    let record = try #require(recorder.calls(of: nil, failedOnly: false, limit: 1).first)
    #expect(record.placement == .inProcess && record.end == .good && record.loaded != nil)
    let input = try KeptInput(folder: try #require(recorder.inputFolder(of: record)))
    #expect(input.files == nil)
  }

  @Test("an applier's input is its clone as it was before the call")
  func applier() throws {
    let recorded = try RecorderRig(keeping: .all, pure: false)
    try recorded.rig.libraryBundle("good_applier", id: "good-applier", kind: "applier")
    recorded.host.reload()
    let applier = try id("good-applier")
    _ = try recorded.host.apply(applier, try recorded.rig.application(applier))
    #expect(try recorded.rig.text("a.py").contains("improved"))
    let record = try recorded.latest()
    let folder = try #require(recorded.recorder.inputFolder(of: record))
    let place = recorded.rig.folder.path + "/restored"
    guard case .application(let input) = try KeptInput(folder: folder).restored(to: place) else {
      Issue.record("no applier's input")
      return
    }
    #expect(try Files.read(place + "/a.py", limit: 100) == Array("print('a')\n".utf8))
    // All of it is as it was: also what the fingerprint is made of.
    #expect(CallRequest(work: .apply(input)).fingerprint == record.input.hex)
  }

  @Test("survives a daemon's end: records, kept inputs and numbers go on")
  func restart() throws {
    let recorded = try RecorderRig()
    try recorded.fail("fail")
    let folder = recorded.recorder.folder
    // Half an input and half a replay of a daemon that was killed.
    try recorded.rig.folder.write("home/state/calls/inputs/.new-9-abc/input.json", "{")
    try recorded.rig.folder.write("home/state/calls/replay-1-1/files/a", "a")
    let again = FlightRecorder(folder: folder, slotCount: 64)
    let record = try #require(again.calls(of: nil, failedOnly: true, limit: 1).first)
    #expect(again.inputFolder(of: record) != nil)
    #expect(try Files.names(in: folder) == ["inputs", "ring"])
    #expect(try Files.names(in: folder + "/inputs").count == 1)
    // Even without its ring no number is given twice.
    unlink(folder + "/ring")
    let third = FlightRecorder(folder: folder, slotCount: 64)
    var fresh = try sampleRecord(1)
    fresh.end = .running
    let request = CallRequest(work: .analyze(try recorded.rig.analysis()))
    let manifest = try #require(recorded.host.ready(.analyzer).first)
    #expect(third.begin(request, manifest, nil).record.number == record.number + 1)
  }
}
