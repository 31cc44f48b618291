import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("Finding manifests") struct CatalogueTests {
  private let folder: TemporaryDirectory
  private let sources: ComponentSources

  init() throws {
    folder = try TemporaryDirectory()
    try Files.makeDirectories(folder.path + "/home/plugins")
    sources = ComponentSources(
      rootManifest: folder.path + "/bin/manifest.json",
      homeManifest: folder.path + "/home/manifest.json",
      bundleDirectory: folder.path + "/home/plugins")
  }

  private func component(_ id: String, _ version: String) -> String {
    manifestText(
      #""id": "\#(id)", "kind": "analyzer", "version": "\#(version)", "#
        + #""entry": {"command": ["true"]}, "emits": ["code_smell"]"#)
  }

  @Test("of one id the later wins, and says so: root, home, bundle")
  func order() throws {
    try folder.write("bin/manifest.json", component("a", "1"))
    #expect(Catalogue(sources).registrations["a"]?.manifest?.version == "1")
    #expect(Catalogue(sources).registrations["a"]?.note == nil)
    try folder.write("home/manifest.json", component("a", "2"))
    let home = try #require(Catalogue(sources).registrations["a"])
    #expect(home.manifest?.version == "2")
    #expect(home.note == "replaces a of \(folder.path)/bin/manifest.json")
    try folder.write("home/plugins/b/manifest.json", component("a", "3"))
    let bundle = try #require(Catalogue(sources).registrations["a"])
    #expect(bundle.manifest?.version == "3")
    #expect(bundle.note == "replaces a of \(folder.path)/home/manifest.json")
  }

  @Test("a broken replacement disables the component instead of falling back in silence")
  func brokenReplacement() throws {
    try folder.write("bin/manifest.json", component("a", "1"))
    try folder.write("home/plugins/a/manifest.json", "{")
    let found = try #require(Catalogue(sources).registrations["a"])
    #expect(found.manifest == nil)
    #expect(found.problem?.hasPrefix("\(folder.path)/home/plugins/a/manifest.json") == true)
    #expect(found.note?.contains("bin/manifest.json") == true)
  }

  @Test("a folder without a manifest says so, hidden folders and files are passed over")
  func empty() throws {
    try Files.makeDirectories(folder.path + "/home/plugins/bare")
    try Files.makeDirectories(folder.path + "/home/plugins/.cache")
    try folder.write("home/plugins/README", "hello")
    let found = Catalogue(sources).registrations
    #expect(found.keys.sorted() == ["bare"])
    #expect(found["bare"]?.problem?.contains("plugins/bare/manifest.json: expected") == true)
  }

  @Test("sources that are not there add nothing; only the daemon's own is missed")
  func missing() {
    let catalogue = Catalogue(sources)
    #expect(catalogue.registrations.isEmpty)
    #expect(catalogue.problems.map(\.isWarning) == [true])
    let nothing = ComponentSources(rootManifest: nil, homeManifest: nil, bundleDirectory: nil)
    #expect(Catalogue(nothing).problems.isEmpty)
  }

  @Test("a bundle that others can write is refused", arguments: [0o777, 0o775, 0o757])
  func writableBundle(mode: Int) throws {
    try folder.write("home/plugins/a/manifest.json", component("a", "1"))
    chmod(folder.path + "/home/plugins/a", mode_t(mode))
    let found = try #require(Catalogue(sources).registrations["a"])
    #expect(found.manifest == nil)
    #expect(found.problem?.contains("mode 0" + String(mode, radix: 8)) == true)
    #expect(found.problem?.contains("chmod go-w \(folder.path)/home/plugins/a") == true)
  }

  @Test("a plugin folder that others can write is refused as a whole")
  func writablePlugins() throws {
    try folder.write("home/plugins/a/manifest.json", component("a", "1"))
    chmod(folder.path + "/home/plugins", 0o777)
    let found = Catalogue(sources).registrations
    #expect(found["a"] == nil)
    #expect(found["\(folder.path)/home/plugins"]?.problem?.contains("mode 0777") == true)
  }

  @Test("a manifest that others can write is refused")
  func writableManifest() throws {
    try folder.write("home/plugins/a/manifest.json", component("a", "1"), mode: 0o666)
    #expect(Catalogue(sources).registrations["a"]?.problem?.contains("mode 0666") == true)
  }

  @Test("a bundle that is a link is refused")
  func link() throws {
    try folder.write("elsewhere/manifest.json", component("a", "1"))
    symlink(folder.path + "/elsewhere", folder.path + "/home/plugins/a")
    let found = Catalogue(sources).registrations["a"]
    #expect(found?.problem?.contains("a symbolic link") == true)
  }

  @Test("a bundle of a stranger is refused", .enabled(if: geteuid() == 0, "needs root"))
  func stranger() throws {
    try folder.write("home/plugins/a/manifest.json", component("a", "1"))
    chown(folder.path + "/home/plugins/a", 12345, 12345)
    #expect(Catalogue(sources).registrations["a"]?.problem?.contains("uid 12345") == true)
  }
}
