import Glibc
import Hashing
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("Reloading plugins") struct ReloadTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  private func note(_ host: ComponentHost, _ component: String) throws -> [String] {
    try host.analyze(try id(component), try rig.analysis()).remarks.notes
  }

  @Test("takes up what was dropped in, replaced and removed")
  func changes() throws {
    let host = try rig.host()
    #expect(host.components().isEmpty)
    try rig.commandBundle("noter", script: #"echo '{"note": "one"}'"#)
    host.reload()
    #expect(try note(host, "noter") == ["one"])
    let first = host.components().first?.bundle
    try rig.commandBundle("noter", script: #"echo '{"note": "two"}'"#)
    #expect(try note(host, "noter") == ["one"])  // until it is asked to reload
    host.reload()
    #expect(try note(host, "noter") == ["two"])
    #expect(host.components().first?.bundle != first)
    unlink(rig.folder.path + "/home/plugins/noter/manifest.json")
    unlink(rig.folder.path + "/home/plugins/noter/run")
    rmdir(rig.folder.path + "/home/plugins/noter")
    host.reload()
    let error = #expect(throws: KaizenError.self) { try note(host, "noter") }
    #expect(error?.code == "E_PLUGIN_UNKNOWN")
    #expect(error?.message.contains("\"noter\"") == true)
  }

  @Test("puts a new library in the place of the old one, in a new process")
  func library() throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    let host = try rig.host()
    #expect(try host.analyze(try id("good"), try rig.analysis()).opportunities.count == 1)
    try rig.libraryBundle("loop_polite", id: "good")
    rename(
      rig.folder.path + "/home/plugins/loop_polite/loop_polite.so",
      rig.folder.path + "/home/plugins/good_analyzer/good_analyzer.so")
    host.reload()
    // It is another component now, and the manifest of its folder is not its own.
    #expect(host.reason("good") != nil)
  }

  @Test("leaves alone what has not changed, and keeps its statistics")
  func unchanged() throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    let host = try rig.host()
    _ = try host.analyze(try id("good"), try rig.analysis())
    host.reload()
    _ = try host.analyze(try id("good"), try rig.analysis())
    #expect(host.components().first?.statistics.callCount == 2)
  }

  @Test("of one component leaves the others as they are, replaced or not")
  func one() throws {
    for name in ["first", "second"] {
      try rig.commandBundle(name, script: "echo '{\"note\": \"one\"}'")
    }
    let host = try rig.host()
    for name in ["first", "second"] {
      try rig.commandBundle(name, script: "echo '{\"note\": \"two\"}'")
    }
    let changes = try host.reload("second")
    #expect(changes.changed == ["second"] && changes.added.isEmpty && changes.removed.isEmpty)
    #expect(try note(host, "second") == ["two"])
    #expect(try note(host, "first") == ["one"])
    rename(rig.folder.path + "/home/plugins/second", rig.folder.path + "/gone")
    #expect(try host.reload("second").removed == ["second"])
    #expect(host.components().map(\.name) == ["first"])
  }

  @Test("of one that nobody registers is refused")
  func oneUnknown() throws {
    let host = try rig.host()
    let error = #expect(throws: KaizenError.self) { try host.reload("nobody") }
    #expect(error?.code == "E_UNKNOWN_COMPONENT")
    #expect(error?.message.contains("\"nobody\"") == true)
  }

  @Test("of one takes up a component that is new")
  func oneNew() throws {
    let host = try rig.host()
    try rig.commandBundle("noter", script: "echo '{\"note\": \"n\"}'")
    try rig.commandBundle("other", script: "exit 0")
    #expect(try host.reload("noter").added == ["noter"])
    #expect(host.components().map(\.name) == ["noter"])
  }

  @Test("refuses a bundle with a file that its manifest does not pin while it pins others")
  func extraFile() throws {
    try rig.commandBundle("noter", script: "exit 0")
    let place = rig.folder.path + "/home/plugins/noter"
    let digest = SHA256.hex(of: try Files.read(place + "/run", limit: 1 << 20))
    try rig.commandBundle("noter", script: "exit 0", #", "sha256": {"run": "\#(digest)"}"#)
    let host = try rig.host()
    #expect(host.reason("noter") == nil)
    try rig.folder.write("home/plugins/noter/libpreload.so", "x")
    host.reload()
    let reason = try #require(host.reason("noter"))
    #expect(reason.contains("E_PLUGIN_PIN"), "\(reason)")
    #expect(reason.contains("\(place)/libpreload.so"), "\(reason)")
    unlink(place + "/libpreload.so")
    host.reload()
    #expect(host.reason("noter") == nil)
  }

  @Test("mends a component once its fault is mended")
  func mended() throws {
    try rig.commandBundle("noter", script: #"echo '{"note": "n"}'"#)
    chmod(rig.folder.path + "/home/plugins/noter", 0o777)
    let host = try rig.host()
    #expect(host.reason("noter")?.contains("mode 0777") == true)
    chmod(rig.folder.path + "/home/plugins/noter", 0o755)
    host.reload()
    #expect(try note(host, "noter") == ["n"])
  }

  @Test("removes copies of an earlier run at the start, and only then")
  func copies() throws {
    try rig.commandBundle("noter", script: "exit 0")
    let copies = rig.folder.path + "/home/state/bundles"
    try rig.folder.write("home/state/bundles/\(String(repeating: "a", count: 64))/x", "old")
    let host = try rig.host()
    let bundle = try #require(host.components().first?.bundle)
    #expect(try Files.names(in: copies) == [bundle.hex])
    try rig.commandBundle("noter", script: "exit 1")
    host.reload()
    #expect(try Files.names(in: copies).count == 2)
    let second = try rig.host()
    #expect(try Files.names(in: copies) == [try #require(second.components().first?.bundle?.hex)])
  }

  @Test("shows every component with its manifest, origin and state")
  func status() throws {
    try rig.commandBundle("noter", script: "exit 0")
    try rig.folder.write("home/plugins/broken/manifest.json", "{")
    let host = try rig.host()
    #expect(host.components().map(\.name) == ["broken", "noter"])
    #expect(host.components()[1].state == .ready)
    #expect(host.components()[1].origin == rig.folder.path + "/home/plugins/noter/manifest.json")
    #expect(host.components()[1].manifest?.placement == .command)
    #expect(host.ready(.analyzer).map(\.id.text) == ["noter"])
    #expect(host.ready(.applier).isEmpty)
    #expect(host.manifestProblems().contains { $0.file.hasSuffix("broken/manifest.json") })
  }

  @Test("a call of the wrong kind is refused")
  func kind() throws {
    try rig.commandBundle("noter", script: "exit 0")
    let host = try rig.host()
    let error = #expect(throws: KaizenError.self) {
      try host.score(try id("noter"), try rig.scoring())
    }
    #expect(error?.code == "E_PLUGIN_KIND")
  }
}
