import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("Verifying a plugin", .serialized) struct VerifyPluginTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("kaizen-verify") }

  private func verify(_ words: String...) throws -> Kaizen.Result {
    try Kaizen.run(
      ["plugins", "verify", "probe"] + words, in: folder, workingDirectory: folder.path)
  }

  /// The words of all findings of an answer.
  private func checks(_ result: Kaizen.Result) -> [String] {
    result.json?["findings"]?.array?.compactMap { $0["check"]?.string } ?? []
  }

  /// An analyzer of the template, its source changed before it is built.
  private func analyzer(
    replacing text: String = "", with other: String = "", flags: [String] = []
  ) throws {
    _ = try Kaizen.run(
      ["plugins", "new", "probe", "--lang", "c"], in: folder, workingDirectory: folder.path)
    let path = folder.path + "/probe/plugin.c"
    let source = String(decoding: try Files.read(path, limit: 1 << 16), as: UTF8.self)
    #expect(text.isEmpty || source.contains(text))
    try folder.write("probe/plugin.c", text.isEmpty ? source : source.replacing(text, with: other))
    try Compiler.run(
      ["cc", "-std=gnu17"] + Compiler.sharedLibrary + ["-o", folder.path + "/probe/libprobe.so"]
        + [path] + flags, in: folder)
  }

  @Test(
    "passes what `plugins new` wrote", arguments: ["c", "cpp", "command"],
    ["analyzer", "applier", "scorer"])
  func templates(language: String, kind: String) throws {
    _ = try Kaizen.run(
      ["plugins", "new", "probe", "--lang", language, "--kind", kind], in: folder,
      workingDirectory: folder.path)
    if language != "command" {
      try Compiler.run(["make", "-s", "-C", folder.path + "/probe"], in: folder)
    }
    let result = try verify("--seed", "7", "--json")
    #expect(result.status == .exited(0), "\(result.output)\(result.errors)")
    #expect(checks(result) == [])
    #expect(result.json?["seed"] == 7)
    #expect((result.json?["passed"]?.array?.count ?? 0) >= 4)
  }

  private static let head = "plugin *self = instance;\n"

  @Test(
    "names a library's fault before any of it runs",
    arguments: [
      ("*kz_plugin_entry_v1", "*kz_plugin_entry_v2", "library.entry"),
      ("*kz_plugin_entry_v1", "*my_plugin_entry", "library.entry"),
      (
        head, head + "extern int nobody_has(void); if (nobody_has()) return KZ_OK;\n",
        "library.symbols"
      ),
    ])
  func library(text: String, other: String, check: String) throws {
    try analyzer(replacing: text, with: other)
    let result = try verify("--json")
    #expect(result.status == .exited(1))
    #expect(checks(result) == [check], "\(result.output)")
    #expect(result.json?["passed"] == [])
  }

  @Test("names folders that others do not have, and still passes")
  func runPath() throws {
    try analyzer(flags: ["-Wl,-rpath,/srv/lib"])
    let result = try verify()
    #expect(result.status == .exited(0), "\(result.output)")
    #expect(result.output.contains("warning  library.rpath"))
    #expect(result.output.contains("/srv/lib"))
  }

  @Test(
    "names a call's fault and the seed that makes it again",
    arguments: [
      ("abort();\n", "input.empty"),
      ("if (view->file_count > 3) abort();\n", "input.random"),
      ("static int count; if (++count == 150) abort();\n", "calls"),
      ("memset(malloc(1 << 16), 1, 1 << 16);\n", "memory"),
    ])
  func calls(line: String, check: String) throws {
    try analyzer(
      replacing: Self.head, with: Self.head + line, flags: ["-include", "string.h"])
    let result = try verify("--json")
    #expect(result.status == .exited(1), "\(result.output)")
    #expect(checks(result).contains(check), "\(result.output)")
    #expect(result.json?["findings"]?.array?.allSatisfy { $0["fix"]?.string != nil } == true)
  }

  @Test("names what contradicts the manifest")
  func agreement() throws {
    try analyzer(
      replacing: "topics[] = {KZ_TEXT(\"performance_degradation\")}",
      with: "topics[] = {KZ_TEXT(\"code_smell\")}")
    let result = try verify("--json")
    #expect(result.status == .exited(1))
    #expect(checks(result) == ["load"], "\(result.output)")
  }

  @Test("names what is wrong with the manifest itself")
  func manifest() throws {
    try folder.write("probe/manifest.json", #"{"manifest": 1, "components": [{"id": "probe"}]}"#)
    let result = try verify()
    #expect(result.status == .exited(1))
    #expect(result.output.contains("error    manifest"))
    #expect(result.output.contains("fails: "))
  }
}
