import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("A new plugin") struct NewPluginTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("kaizen-new") }

  private func new(_ words: String...) throws -> Kaizen.Result {
    try Kaizen.run(
      ["plugins", "new"] + words, in: folder, workingDirectory: folder.path)
  }

  @Test(
    "builds with one command and exports the entry",
    arguments: ["c", "cpp"], ["analyzer", "applier", "scorer"])
  func builds(language: String, kind: String) throws {
    let made = try new("probe", "--lang", language, "--kind", kind)
    #expect(made.status == .exited(0), "\(made.errors)")
    try Compiler.run(["make", "-s", "-C", folder.path + "/probe"], in: folder)
    let library = try Files.read(folder.path + "/probe/libprobe.so", limit: 1 << 24)
    #expect(library.starts(with: [0x7F, 0x45, 0x4C, 0x46]))
    #expect(String(decoding: library, as: UTF8.self).contains("kz_plugin_entry_v1"))
  }

  @Test("as a command is a program at once", arguments: ["analyzer", "applier", "scorer"])
  func command(kind: String) throws {
    let made = try new("probe", "--lang", "command", "--kind", kind, "--json")
    #expect(made.json?["build"] == .null)
    #expect(made.json?["files"] == ["README.md", "manifest.json", "plugin.py"])
    #expect(access(folder.path + "/probe/plugin.py", X_OK) == 0)
    let manifest = try Files.read(folder.path + "/probe/manifest.json", limit: 1 << 16)
    let component = try JSONDocument.parse(manifest)["components"]?.array?.first
    #expect(component?["entry"] == ["command": ["./plugin.py"]])
  }

  @Test("says which compiler is absent")
  func compiler() throws {
    let made = try Kaizen.run(
      ["plugins", "new", "probe", "--lang", "rust"], in: folder,
      environment: ["PATH": "/nowhere"], workingDirectory: folder.path)
    #expect(made.status == .exited(0))
    #expect(made.output.contains("rustc is not in PATH: install it before you build"))
  }

  @Test("replaces nothing that is there")
  func exists() throws {
    try folder.write("probe/mine.txt", "mine")
    let made = try new("probe")
    #expect(made.status == .exited(1))
    #expect(made.errors.contains("./probe is there already"))
    #expect(try Files.names(in: folder.path + "/probe") == ["mine.txt"])
  }

  @Test("has a name that is one", arguments: ["../x", "a b", ""])
  func name(name: String) throws {
    let made = try new("--", name)
    #expect(made.status != .exited(0))
    #expect(!made.errors.isEmpty)
  }
}
