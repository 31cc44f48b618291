import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("Finding what a command needs to start") struct InterpreterTests {
  /// An interpreter under /tmp/…/opt/python, a virtual environment linked to it, and an agent.
  struct Setting {
    let fixture: SandboxFixture
    let installation: String
    let agent: String

    init(_ daemon: Daemon = Daemon.possible[0]) throws {
      fixture = try SandboxFixture(daemon)
      let root = fixture.directory.path
      chmod(root, 0o755)
      installation = root + "/opt/python"
      agent = root + "/agent"
      try fixture.directory.write(
        "opt/python/bin/python3.99", "#!/bin/sh\ncat \(installation)/lib/greeting\n", mode: 0o755)
      try fixture.directory.write("opt/python/lib/greeting", "hello from the library\n")
      symlink("python3.99", installation + "/bin/python3")
      try fixture.directory.write("agent/main.txt", "")
      try Files.makeDirectories(agent + "/.venv/bin", mode: 0o755)
      symlink(installation + "/bin/python3", agent + "/.venv/bin/python3")
      chown(agent, fixture.owner, fixture.owner)
    }

    var confinement: Confinement {
      Confinement(trees: [.init(agent, access: .readOnly)], workingDirectory: agent)
    }
  }

  @Test("an interpreter behind links is made readable, and runs", arguments: Daemon.possible)
  func virtualEnvironment(daemon: Daemon) throws {
    let setting = try Setting(daemon)
    var confinement = setting.confinement
    let words = [".venv/bin/python3", "-m", "unittest"]
    let error = #expect(throws: KaizenError.self) {
      try setting.fixture.confiner.run(words, confinement, timeout: .seconds(20))
    }
    #expect(error?.code == "E_INTERPRETER_MISSING")
    #expect(error?.message.contains(".venv/bin/python3") == true)

    confinement.readPaths += try InterpreterFinder.readPaths(for: words, confinement)
    #expect(confinement.readPaths == [setting.installation + "/bin", setting.installation])
    let outcome = try setting.fixture.confiner.run(words, confinement, timeout: .seconds(20))
    #expect(outcome.stdout.text == "hello from the library\n")
    #expect(try InterpreterFinder.readPaths(for: words, confinement) == [])
  }

  @Test("programs of the system need nothing more")
  func system() throws {
    let setting = try Setting()
    for words in [["sh"], ["/bin/sh"], ["python3", "x.py"], ["/usr/bin/env"]] {
      #expect(try InterpreterFinder.readPaths(for: words, setting.confinement) == [])
    }
  }

  @Test("a script's first line is followed, through env and further scripts")
  func firstLine() throws {
    let setting = try Setting()
    let interpreter = setting.installation + "/bin/python3"
    try setting.fixture.directory.write("agent/direct", "#! \(interpreter) -u\n", mode: 0o755)
    try setting.fixture.directory.write("agent/twice", "#!\(setting.agent)/direct\n", mode: 0o755)
    try setting.fixture.directory.write(
      "agent/env", "#!/usr/bin/env -S A=1 python3.99\n", mode: 0o755)
    let expected = [setting.installation + "/bin", setting.installation]
    let confinement = setting.confinement
    #expect(try InterpreterFinder.readPaths(for: ["./direct"], confinement) == expected)
    #expect(try InterpreterFinder.readPaths(for: ["./twice"], confinement) == expected)
    var searching = confinement
    searching.pathDirectories = [setting.installation + "/bin"]
    #expect(try InterpreterFinder.readPaths(for: ["./env"], searching) == [setting.installation])
    let error = #expect(throws: KaizenError.self) {
      try InterpreterFinder.readPaths(for: ["./env"], confinement)
    }
    #expect(error?.code == "E_INTERPRETER_MISSING")
    #expect(error?.message.contains("\"python3.99\"") == true)
    #expect(error?.message.contains("the first line of \(setting.agent)/./env") == true)
    #expect(error?.message.contains("/usr/bin") == true)
    #expect(error?.hint?.contains("needs.path") == true)
  }

  @Test("a copied Python's home is read from pyvenv.cfg")
  func copied() throws {
    let setting = try Setting()
    try setting.fixture.directory.write("agent/v/bin/python", "#!/bin/sh\n", mode: 0o755)
    let configuration = try setting.fixture.directory.write(
      "agent/v/pyvenv.cfg", "home = \(setting.installation)/bin\nversion = 3.99\n")
    #expect(
      try InterpreterFinder.readPaths(for: ["v/bin/python"], setting.confinement)
        == [setting.installation])
    try setting.fixture.directory.write("agent/v/pyvenv.cfg", "home = /no/such/bin\n")
    let error = #expect(throws: KaizenError.self) {
      try InterpreterFinder.readPaths(for: ["v/bin/python"], setting.confinement)
    }
    #expect(error?.message.contains(configuration) == true)
    #expect(error?.message.contains("/no/such/bin") == true)
  }

  @Test("paths are looked up as the sandbox shows them, not as they lie on the host")
  func translated() throws {
    let setting = try Setting()
    let shown = setting.fixture.directory.path + "/elsewhere"
    let confinement = Confinement(
      trees: [.init(setting.agent, at: shown, access: .throwaway)], workingDirectory: shown)
    try setting.fixture.directory.write("agent/run", "#!\(shown)/.venv/bin/python3\n", mode: 0o755)
    #expect(
      try InterpreterFinder.readPaths(for: ["./run"], confinement)
        == [setting.installation + "/bin", setting.installation])
  }

  @Test("a home is never opened as a whole for a program in it")
  func narrow() throws {
    let setting = try Setting()
    let local = setting.fixture.directory.path + "/home/.local"
    try setting.fixture.directory.write("home/.local/bin/tool", "", mode: 0o755)
    #expect(
      try InterpreterFinder.readPaths(for: [local + "/bin/tool"], setting.confinement)
        == [local + "/bin"])
  }

  @Test("what is missing, a loop of links or no program is an error that names it")
  func missing() throws {
    let setting = try Setting()
    symlink("loop", setting.agent + "/loop")
    for word in ["no-such-program", "./nothing", "/no/such/python3", "./main.txt", "./loop"] {
      let error = #expect(throws: KaizenError.self) {
        try InterpreterFinder.readPaths(for: [word, "x"], setting.confinement)
      }
      #expect(error?.code == "E_INTERPRETER_MISSING")
      #expect(error?.message.contains("\"\(word)\"") == true)
      #expect(error?.hint != nil)
    }
  }

  @Test("a program missing in the sandbox alone is the same error", arguments: Daemon.possible)
  func atExecution(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    try fixture.directory.write("agent/bad", "#!/no/such/interpreter\n", mode: 0o755)
    let tree = Confinement.Tree(fixture.directory.path + "/agent", at: "/a", access: .readOnly)
    chmod(tree.source, 0o755)
    for word in ["no-such-program", "/a/bad"] {
      let error = #expect(throws: KaizenError.self) {
        try fixture.confiner.run([word], Confinement(trees: [tree]), timeout: .seconds(20))
      }
      #expect(error?.code == "E_INTERPRETER_MISSING")
      #expect(error?.message.contains("\"\(word)\"") == true)
    }
  }
}
