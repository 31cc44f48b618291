import Glibc
import Linux
import Model
import TestSupport
import Testing

/// The program of that name in the PATH; nil where there is none.
private func program(_ name: String) -> String? {
  let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
  return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
}

/// What a language's templates are built with.
struct TemplateLanguage: Sendable, CustomTestStringConvertible {
  let name: String
  /// Nil where nothing has to be built.
  let compiler: String?

  var testDescription: String { name }

  /// Why its templates cannot be built here; nil where they can.
  var absence: String? {
    guard let compiler, program(compiler) == nil else { return nil }
    return "\(name): \(compiler) is not in PATH"
  }

  static let all = [
    TemplateLanguage(name: "c", compiler: "cc"), TemplateLanguage(name: "cpp", compiler: "c++"),
    TemplateLanguage(name: "rust", compiler: "rustc"),
    TemplateLanguage(name: "swift", compiler: "swiftc"),
    TemplateLanguage(name: "command", compiler: nil),
  ]
}

@Suite("Each template of `plugins new`") struct VerifyTemplatesTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("kaizen-templates") }

  private func kaizen(_ words: String...) throws -> Kaizen.Result {
    try Kaizen.run(["plugins"] + words, in: folder, workingDirectory: folder.path)
  }

  @Test(
    "is written for each language whose compiler is here",
    arguments: TemplateLanguage.all)
  func absent(language: TemplateLanguage) {
    if let absence = language.absence { print("skipped: \(absence)") }
  }

  @Test(
    "builds with its one command and passes `plugins verify` untouched",
    arguments: TemplateLanguage.all.filter { $0.absence == nil })
  func passes(language: TemplateLanguage) throws {
    var first: String?
    for kind in ["analyzer", "applier", "scorer"] {
      let name = "\(language.name)-\(kind)"
      let made = try kaizen("new", name, "--lang", language.name, "--kind", kind)
      #expect(made.status == .exited(0), "\(made.errors)")
      #expect(made.output.contains("verify it:  kaizen plugins verify ./\(name)"))
      let path = "\(folder.path)/\(name)"
      if language.compiler != nil {
        // The SDK is the same in all three: built once, as the slowest part of them.
        if language.name == "swift", let first {
          try Compiler.run(["cp", "-a", "\(first)/build", path], in: folder)
        }
        try Compiler.run(["make", "-s", "-C", path], in: folder)
      }
      first = first ?? path
      let verified = try kaizen("verify", name, "--seed", "7", "--calls", "1000", "--json")
      #expect(verified.status == .exited(0), "\(verified.output)\(verified.errors)")
      #expect(verified.json?["findings"] == [], "\(name)")
      let passed = verified.json?["passed"]?.array?.count ?? 0
      #expect(passed >= (language.compiler == nil ? 3 : 12), "\(name): \(verified.output)")
    }
  }
}
