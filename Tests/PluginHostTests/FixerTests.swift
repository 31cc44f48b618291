import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

/// A real ruff out of the package index, installed once into a folder of its own.
private enum Ruff {
  private static let directory = try? TemporaryDirectory("kaizen-ruff")  // no folder: no ruff

  /// The folder of its program; nil where pip or the index is not there.
  static let folder: String? = {
    guard let directory else { return nil }
    let words = [
      "/usr/bin/env", "python3", "-m", "pip", "install", "--quiet", "--no-input",
      "--disable-pip-version-check", "--target", directory.path, "ruff",
    ]
    // try? because a machine without Python or network is no fault of the test's.
    let pip = try? ChildProcess(ChildCommand(words: words))
    guard let pip, (try? pip.wait(timeout: .seconds(40)))?.status == .exited(0) else { return nil }
    let found = Files.exists(directory.path + "/bin/ruff")
    return found ? directory.path + "/bin" : nil
  }()
}

@Suite("A fixer that is a program of the system") struct FixerTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  /// A component that runs the program `name` on the clone, looked for in `folder` too.
  private func register(_ name: String, arguments: String = "", folder: String? = nil) throws {
    let needs = folder.map { #", "path": ["\#($0)"]"# } ?? ""
    try rig.folder.write(
      "home/manifest.json",
      manifestText(
        #""id": "ruff-fix", "kind": "applier", "handles": ["code_smell"], "deadline_ms": 30000, "#
          + #""entry": {"command": ["\#(name)"\#(arguments)], "output": "none"}, "#
          + #""needs": {"write": ["**/*.py"]\#(needs)}"#))
  }

  private func read(_ file: String) throws -> String {
    String(
      decoding: try Files.read(rig.folder.path + "/agent/" + file, limit: 1 << 20), as: UTF8.self)
  }

  @Test("is unavailable where it is not installed, with the reason and the fix, and no error")
  func unavailable() throws {
    try register("no-such-linter")
    let host = try rig.host()
    let status = try #require(host.components().first { $0.name == "ruff-fix" })
    guard case .unavailable(let reason) = status.state else {
      Issue.record("\(status.state)")
      return
    }
    #expect(reason.contains("no-such-linter") && reason.contains("/usr/bin"))
    #expect(reason.contains("kaizen plugins reload"))
    #expect(host.ready(.applier).isEmpty, "no plan chooses it")
    let problems = host.manifestProblems().filter { !$0.isWarning }
    #expect(problems.isEmpty)
    let error = #expect(throws: KaizenError.self) {
      try host.apply(try id("ruff-fix"), try rig.application(try id("ruff-fix")))
    }
    #expect(error?.message.contains("no-such-linter") == true)
  }

  @Test("becomes ready by a reload once it is there, and edits the files in place")
  func installed() throws {
    let folder = rig.folder.path + "/tools"
    try register("small-fixer", arguments: #", "--quiet""#, folder: folder)
    let host = try rig.host()
    #expect(host.ready(.applier).isEmpty)
    try rig.folder.write(
      "tools/small-fixer", "#!/bin/sh\nsed -i 's/print/log/' ./*.py && echo \"$1\"\n", mode: 0o755)
    host.reload()
    #expect(host.ready(.applier).map(\.id.text) == ["ruff-fix"])
    let output = try host.apply(try id("ruff-fix"), try rig.application(try id("ruff-fix")))
    #expect(output.remarks.notes.isEmpty, "its output is not read")
    #expect(try read("a.py") == "log('a')\n")
    #expect(try read("lib/b.py") == "b = 1\n")
  }

  @Test("is no folder and no file that cannot be run")
  func notRunnable() throws {
    let folder = rig.folder.path + "/tools"
    try Files.makeDirectories(folder + "/small-fixer")
    try register("small-fixer", folder: folder)
    #expect(try rig.host().ready(.applier).isEmpty)
  }

  @Test(
    "ruff itself repairs Python as the root manifest runs it",
    .enabled(if: Ruff.folder != nil, "pip could not install ruff"))
  func ruff() throws {
    let folder = try #require(Ruff.folder)
    try register(
      "ruff", arguments: #", "check", "--fix", "--exit-zero", "--no-cache", ".""#, folder: folder)
    try rig.folder.write("agent/a.py", "import os\nimport sys\n\nprint(sys.argv, f\"x\")\n")
    let host = try rig.host()
    _ = try host.apply(try id("ruff-fix"), try rig.application(try id("ruff-fix")))
    #expect(try read("a.py") == "import sys\n\nprint(sys.argv, \"x\")\n")
    #expect(!Files.exists(rig.folder.path + "/agent/.ruff_cache"))
  }
}
