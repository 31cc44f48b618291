import CKaizenPlugin
import CPluginRuntime
import Linux
import TestSupport
import Testing

@Suite("The contract's header") struct HeaderTests {
  static let header = Compiler.contractFolder + "/kaizen_plugin.h"
  static let strict = ["-Wall", "-Wextra", "-pedantic", "-Werror"]

  @Test(
    "compiles alone and without a warning",
    arguments: [
      ["cc", "-std=c11", "-x", "c"], ["clang", "-std=c11", "-x", "c"],
      ["c++", "-std=c++17", "-x", "c++"], ["clang++", "-std=c++17", "-x", "c++"],
    ])
  func compiles(compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write("only.c", "#include \"kaizen_plugin.h\"\n")
    try Compiler.run(
      compiler + Self.strict + ["-fsyntax-only", "-I", Compiler.contractFolder, source],
      in: directory)
  }

  @Test("has an example that compiles strictly, loads and finds what it says")
  func example() throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write("slow.c", try Self.exampleSource())
    let library = directory.path + "/libslow.so"
    try Compiler.run(
      ["cc", "-std=c11"] + Self.strict + Compiler.sharedLibrary + ["-o", library, source],
      in: directory)
    var error = kzr_error()
    let opened = try #require(kzr_open(library, &error), "\(message(error))")
    let collector = Collector()
    let instance = try #require(
      kzr_create(opened, 0, lasting("{}"), 0, 0, collector.log, &error), "\(message(error))")
    defer { kzr_destroy(instance, nil) }
    #expect(kzr_activate(instance, &error))
    var call = kzr_call(id: 1, now_ns: 0, seed: 0, control: nil, events: collector.events)
    Sample.withView { view in
      var slow = view.pointee
      slow.sla_ns = 10_000_000
      #expect(kzr_analyze(instance, &slow, &call, &error) == KZR_OK)
    }
    #expect(
      collector.lines == [
        "performance_degradation mean response time above 10 ms 0.9 {\"mean_ms\":12.5}"
      ])
  }

  /// The first code block of the leading comment.
  private static func exampleSource() throws -> String {
    let text = String(decoding: try Files.read(header, limit: 1 << 20), as: UTF8.self)
    let prefix = " *     "
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(prefix) {
        lines.append(line.dropFirst(prefix.count))
      } else if line == " *" {
        lines.append("")
      } else if !lines.allSatisfy(\.isEmpty) {
        break
      } else {
        lines = []
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
