import JSONStream
import Linux
import Model

/// What an agent without an `agent.json` is taken for, guessed from the files in its folder.
///
/// Nothing is run for a guess, and none has consequences by itself: no `state`, since attaching moves
/// that, and no `tunables`. A person reads it and corrects it.
struct DescriptorGuess {
  /// Bytes looked at of a file whose text says something.
  private static let byteCountMax = 64 << 10
  /// Files of one folder looked at.
  private static let fileCountMax = 1000
  /// Folders that tests are looked for in.
  private static let testFolders = ["tests", "test"]
  /// Folders that others install into, and that no change is about.
  private static let installed = [".venv", "venv", "node_modules"]
  /// Shell scripts that by their name are the tests.
  private static let scripts = ["test.sh", "run_tests.sh", "tests/run.sh", "tests/test.sh"]

  /// The descriptor.
  let json: JSONValue
  /// What the guess of the tests goes by; nil where no tests were found.
  let testReason: String?

  /// Looks at `folder`, whose agent is to be `id`.
  init(of folder: String, id: String) {
    let look = Look(folder: folder)
    var members: [String: JSONValue] = [
      "id": .string(id), "paths": ["**"], "sla_ms": 2000,
    ]
    let tests = look.tests
    testReason = tests?.reason
    if let tests {
      members["test"] = [
        "command": .array(tests.words.map { .string($0) }), "timeout_s": 60,
        "needs": ["network": [], "env": [], "read": []],
      ]
    }
    let guarded = Self.testFolders.filter(look.isFolder).map { "\($0)/**" }
    if !guarded.isEmpty { members["protected"] = .array(guarded.map { .string($0) }) }
    let shared = Self.installed.filter(look.isFolder)
    if !shared.isEmpty { members["shared"] = .array(shared.map { .string($0) }) }
    json = .object(members)
  }

  /// A folder that is looked at; what cannot be read says nothing.
  private struct Look {
    let folder: String

    func isFolder(_ name: String) -> Bool { Files.isDirectory(folder + "/" + name) }

    private func names(in name: String = "") -> [String] {
      // Missing or unreadable: then there is nothing in it to go by.
      let all = (try? Files.names(in: folder + "/" + name)) ?? []
      return all.sorted().prefix(DescriptorGuess.fileCountMax).map { $0 }
    }

    private func text(_ name: String) -> String? {
      // As above.
      let bytes = try? Files.read(folder + "/" + name, limit: DescriptorGuess.byteCountMax)
      return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// How to run the tests: what the owner declares goes before what file names suggest.
    var tests: (words: [String], reason: String)? {
      if let makefile = text("Makefile"),
        makefile.split(separator: "\n").contains(where: { $0.hasPrefix("test:") })
      {
        return (["make", "test"], "Makefile has a target \"test\"")
      }
      if let script = npmTest {
        return (["npm", "test"], "package.json has a script \"test\": \(script)")
      }
      if let python { return python }
      let script = DescriptorGuess.scripts.first { Files.exists(folder + "/" + $0) }
      return script.map { (["sh", $0], "there is a script \($0)") }
    }

    /// What `npm init` writes where there are no tests is no test.
    private var npmTest: String? {
      guard let text = text("package.json"),
        // No JSON: then nothing is declared.
        let package = try? JSONDocument.parse(Array(text.utf8)),
        let script = package["scripts"]?["test"]?.string, !script.contains("no test specified")
      else { return nil }
      return script
    }

    private var python: (words: [String], reason: String)? {
      let folders = DescriptorGuess.testFolders.filter(isFolder) + [""]
      for name in folders {
        let files = names(in: name).filter { $0.hasSuffix(".py") }
        let tests = files.filter { $0.hasPrefix("test") || $0.hasSuffix("_test.py") }
        guard let first = tests.first else { continue }
        let place = name.isEmpty ? first : "\(name)/\(first)"
        if isPytest(files: tests.map { name.isEmpty ? $0 : "\(name)/\($0)" }, in: name) {
          return (["python3", "-m", "pytest", "-v"], "\(place) and what else is there is pytest's")
        }
        // unittest's own discovery finds no others.
        if !tests.contains(where: { $0.hasPrefix("test") }) { continue }
        return (
          ["python3", "-m", "unittest", "discover", "-v"] + (name.isEmpty ? [] : ["-s", name]),
          "\(place) looks like a test of Python's unittest"
        )
      }
      return nil
    }

    private func isPytest(files: [String], in name: String) -> Bool {
      let marks = ["pytest.ini", "conftest.py", "\(name)/conftest.py"]
      if marks.contains(where: { Files.exists(folder + "/" + $0) }) { return true }
      if text("pyproject.toml")?.contains("[tool.pytest") == true { return true }
      return files.contains { file in
        guard let text = text(file) else { return false }
        return text.contains("import pytest")
          || !text.contains("unittest") && text.contains("\ndef test_")
      }
    }
  }
}
