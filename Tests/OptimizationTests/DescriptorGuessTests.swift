import Linux
import Model
import TestSupport
import Testing

@testable import Optimization

/// A folder's files, and the test command that follows from them.
struct GuessedFolder: Sendable, CustomTestStringConvertible {
  var files: [String: String]
  var command: [String]?
  var testDescription: String { files.keys.sorted().joined(separator: " ") }
}

@Suite("What a folder without a descriptor is taken for") struct DescriptorGuessTests {
  static let folders: [GuessedFolder] = [
    GuessedFolder(files: ["agent.py": "x = 1"], command: nil),
    GuessedFolder(
      files: ["tests/test_a.py": "import unittest\n"],
      command: ["python3", "-m", "unittest", "discover", "-v", "-s", "tests"]),
    GuessedFolder(
      files: ["test_a.py": "import unittest\n"],
      command: ["python3", "-m", "unittest", "discover", "-v"]),
    GuessedFolder(files: ["a_test.py": "import unittest\n"], command: nil),
    GuessedFolder(
      files: ["tests/test_a.py": "import pytest\n"], command: ["python3", "-m", "pytest", "-v"]),
    GuessedFolder(
      files: ["test/test_a.py": "import a\n\ndef test_it():\n  pass\n"],
      command: ["python3", "-m", "pytest", "-v"]),
    GuessedFolder(
      files: ["tests/test_a.py": "", "pyproject.toml": "[tool.pytest.ini_options]\n"],
      command: ["python3", "-m", "pytest", "-v"]),
    GuessedFolder(
      files: ["package.json": #"{"scripts": {"test": "node --test"}}"#], command: ["npm", "test"]),
    GuessedFolder(
      files: ["package.json": #"{"scripts": {"test": "echo \"Error: no test specified\""}}"#],
      command: nil),
    GuessedFolder(files: ["package.json": "{"], command: nil),
    GuessedFolder(
      files: ["Makefile": "all:\n\ttrue\ntest: all\n\ttrue\n", "tests/test_a.py": ""],
      command: ["make", "test"]),
    GuessedFolder(files: ["Makefile": "testing:\n\ttrue\n"], command: nil),
    GuessedFolder(files: ["tests/run.sh": "true\n"], command: ["sh", "tests/run.sh"]),
  ]

  @Test("its tests are what it declares, else what its files look like", arguments: folders)
  func tests(folder: GuessedFolder) throws {
    let directory = try TemporaryDirectory("guess")
    for (name, text) in folder.files { try directory.write("agent/" + name, text) }
    try directory.write("agent/README", "")
    let guess = DescriptorGuess(of: directory.path + "/agent", id: "agent")
    #expect(guess.json["test"]?["command"]?.array?.compactMap(\.string) == folder.command)
    #expect((guess.testReason == nil) == (folder.command == nil))
    let (descriptor, problems) = AgentDescriptor.read(guess.json, file: "f")
    #expect(descriptor?.id.text == "agent" && problems.isEmpty, "\(problems)")
    #expect(descriptor?.state.isEmpty == true, "attaching would move it")
  }

  @Test("folders of tests are protected, and what others install is shared")
  func protectedAndShared() throws {
    let directory = try TemporaryDirectory("guess")
    for name in ["tests/x", ".venv/bin/python", "node_modules/a/index.js", "src/a.py"] {
      try directory.write("agent/" + name, "")
    }
    let guess = DescriptorGuess(of: directory.path + "/agent", id: "agent")
    #expect(guess.json["protected"] == ["tests/**"])
    #expect(guess.json["shared"] == [".venv", "node_modules"])
    #expect(guess.json["paths"] == ["**"])
  }
}
