/// Files, functions and pages stay small enough to be read at once.
enum SizeRules {
  typealias File = Repository.File
  typealias Violation = Repository.Violation

  static let fileLineMax = 600
  static let functionLineMax = 60
  static let mainLineMax = 30
  static let readmeLineMax = 150

  /// Source files over the limit.
  static func files(in files: [File]) -> [Violation] {
    files.filter(\.isSource).compactMap { file in
      long(file, max: fileLineMax, "a file", fix: "split it by concern, as Type+Concern.swift")
    }
  }

  /// Functions over the limit, their signature counted.
  static func functions(in files: [File]) -> [Violation] {
    files.filter(\.isSource).flatMap { file in
      FunctionFinder(file).functions.filter { $0.lineCount > functionLineMax }.map { function in
        Violation(
          path: file.path, line: function.line,
          found: "\(function.name) has \(function.lineCount) lines of at most \(functionLineMax)",
          fix: "name its steps as functions of their own")
      }
    }
  }

  /// Programs whose Swift does more than parse, build and run.
  static func mains(in files: [File]) -> [Violation] {
    files.filter { $0.isSwift && $0.isBeneath("Sources/kaizen", "Sources/kaizend") }
      .compactMap { file in
        long(file, max: mainLineMax, "a program", fix: "move the rest into Daemon or Commands")
      }
  }

  /// A README over the limit.
  static func readme(in files: [File]) -> [Violation] {
    files.filter { $0.path == "README.md" }.compactMap { file in
      long(file, max: readmeLineMax, "the README", fix: "move what is longer into docs/")
    }
  }

  private static func long(
    _ file: File, max: Int, _ what: String, fix: String
  ) -> Violation? {
    let count = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
    if count <= max { return nil }
    return Violation(
      path: file.path, line: max + 1, found: "\(what) has \(count) lines of at most \(max)",
      fix: fix)
  }
}
