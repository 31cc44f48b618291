import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("A fault that is not the component's") struct HostFaultTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  @Test("without a sandbox nothing runs, and says so at the call", arguments: ["noter", "good"])
  func sandbox(component: String) throws {
    try rig.commandBundle("noter", script: "exit 0")
    try rig.libraryBundle("good_analyzer", id: "good")
    let host = try ComponentHost(try rig.configuration(confine: "/no/such/kaizen-confine"))
    #expect(host.reason(component) == nil)
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id(component), try rig.analysis())
    }
    #expect(error?.code == "E_SANDBOX_UNAVAILABLE")
    #expect(error?.hint != nil)
  }

  @Test("without a worker program no library runs, and says so at the call")
  func worker() throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    var configuration = try rig.configuration()
    configuration.workerProgram = rig.folder.path + "/no-worker"
    let host = try ComponentHost(configuration)
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id("good"), try rig.analysis())
    }
    #expect(error?.description.contains("no-worker") == true)
  }

  @Test("a folder for copies that cannot be made disables what needs one, and nothing else")
  func copies() throws {
    try rig.folder.write("home/state", "a file")
    try rig.libraryBundle("good_analyzer", id: "good")
    try rig.folder.write(
      "home/manifest.json",
      manifestText(
        #""id": "bare", "kind": "analyzer", "emits": ["code_smell"], "#
          + #""entry": {"command": ["true"]}"#))
    let host = try rig.host()
    #expect(host.reason("good")?.hasPrefix("E_PLUGIN_BUNDLE: ") == true)
    #expect(host.reason("bare") == nil)
    #expect(throws: Never.self) { try host.analyze(try id("bare"), try rig.analysis()) }
  }

  @Test("a bundle over its limits is refused by name", arguments: ["bytes", "files", "depth"])
  func limits(what: String) throws {
    try rig.commandBundle("large", script: "exit 0")
    let folder = rig.folder.path + "/home/plugins/large"
    switch what {
    case "bytes":
      try rig.folder.write("home/plugins/large/hole", "")
      truncate(folder + "/hole", BundleStore.Limit.totalBytes + 1)
    case "files":
      for number in 0..<BundleStore.Limit.fileCount { touch(folder + "/f\(number)") }
    default:
      let deep = Array(repeating: "d", count: BundleStore.Limit.depth + 1).joined(separator: "/")
      try rig.folder.write("home/plugins/large/\(deep)/x", "")
    }
    let reason = try #require(try rig.host().reason("large"))
    #expect(reason.hasPrefix("E_PLUGIN_BUNDLE: \(folder)"), "\(reason)")
    #expect(reason.contains("expected at most"))
  }

  /// An empty file.
  private func touch(_ path: String) { close(open(path, O_CREAT | O_WRONLY, 0o644)) }

  @Test("calls go on through reloads that change what they call")
  func reloads() throws {
    try rig.commandBundle("noter", script: #"echo '{"note": "0"}'"#)
    let (host, rig, noter) = (try rig.host(), rig, try id("noter"))
    let notes = SharedList<String>()
    let caller = try BlockingThread(name: "caller") {
      for _ in 0..<12 {
        // A call that fails is missing from the notes.
        if let input = try? rig.analysis(), let output = try? host.analyze(noter, input) {
          output.remarks.notes.forEach { notes.append($0) }
        }
      }
    }
    for number in 1...6 {
      try rig.commandBundle("noter", script: "echo '{\"note\": \"\(number)\"}'")
      host.reload()
    }
    caller.join()
    #expect(notes.all.count == 12)
    #expect(notes.all == notes.all.sorted())  // never back to an older one
  }
}
