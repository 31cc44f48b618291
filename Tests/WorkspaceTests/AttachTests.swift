import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

@Suite("Attaching a folder") struct AttachTests {
  private func refusal(
    _ root: String, paths: PathSet = PathSet(), mode: String = "directory",
    others: [String] = [], home: String
  ) -> String? {
    code {
      let id = try #require(AgentID("other"))
      try Files.makeDirectories(home)
      let mode = try AttachMode(named: mode)
      let layout = try AgentLayout.locate(id: id, root: root, home: home, mode: mode)
      _ = try GenerationStore(layout: layout, paths: paths).attach(others: others, home: home)
    }
  }

  @Test("a place that cannot be an agent's is refused by name")
  func places() throws {
    let directory = try TemporaryDirectory()
    let home = directory.path + "/home"
    let file = try directory.write("agents/file", "x")
    let agents = directory.path + "/agents"
    #expect(refusal("agents/x", home: home) == "E_PATH_RELATIVE")
    #expect(refusal(agents + "/none", home: home) == "E_PATH_MISSING")
    #expect(refusal(file, home: home) == "E_PATH_NOT_FOLDER")
    for place in ["/", "/etc", "/usr/lib"] {
      #expect(refusal(place, home: home) == "E_PATH_REFUSED", "\(place)")
    }
    #expect(refusal(directory.path, home: home) == "E_PATH_REFUSED")
    #expect(refusal(home, home: home) == "E_PATH_REFUSED")
    #expect(refusal(agents, others: [agents + "/unit"], home: home) == "E_PATH_TAKEN")
    #expect(refusal(agents, others: [agents], home: home) == "E_PATH_TAKEN")
    if let own = getenv("HOME").map({ String(cString: $0) }), own != "/" {
      #expect(refusal(own, home: home) == "E_PATH_REFUSED")
    }
    #expect(try Files.names(in: agents) == ["file"])
  }

  @Test("a mode there is not, and paths that leave files out, are refused")
  func modes() throws {
    let directory = try TemporaryDirectory()
    try directory.write("agents/unit/a", "x")
    let home = directory.path + "/home"
    let root = directory.path + "/agents/unit"
    for mode in ["files", "git", "Managed"] {
      #expect(refusal(root, mode: mode, home: home) == "E_ATTACH_MODE")
    }
    #expect(
      refusal(root, paths: PathSet(paths: ["src/**"]), mode: "managed", home: home)
        == "E_ATTACH_MODE")
    #expect(refusal(root, paths: PathSet(paths: ["src/**"]), home: home) == "E_ATTACH_MODE")
  }

  @Test("a mount point cannot be attached, nor a folder with one in it")
  func mounts() throws {
    let directory = try TemporaryDirectory()
    try directory.write("agents/unit/a", "x")
    let root = directory.path + "/agents/unit"
    guard let mount = try Mount(at: root + "/inner", type: "tmpfs", source: "none") else { return }
    #expect(refusal(root, home: directory.path + "/home") == "E_CROSS_DEVICE")
    #expect(refusal(mount.path, home: directory.path + "/home") == "E_CROSS_DEVICE")
    withExtendedLifetime(mount) {}
  }

  @Test("on another device than the home the store is beside the agent")
  func otherDevice() throws {
    let directory = try TemporaryDirectory()
    let disk = directory.path + "/disk"
    try Files.makeDirectories(disk)
    guard let mount = try Mount(at: disk, type: "tmpfs", source: "none") else { return }
    let agent = try AgentFixture(at: disk)
    let home = directory.path + "/elsewhere"
    try Files.makeDirectories(home)
    let layout = try AgentLayout.locate(id: agent.store.layout.id, root: agent.root, home: home)
    #expect(layout.store == disk + "/agents/.kaizen/unit")
    let store = GenerationStore(layout: layout, paths: PathSet())
    let report = try store.attach(home: home)
    #expect(report.warnings.contains { $0.contains("W_DURABILITY_WEAK") })
    #expect(
      try AgentLayout.locate(id: agent.store.layout.id, root: agent.root, home: home) == layout)
    withExtendedLifetime(mount) {}
  }

  @Test("a folder that is attached already says so, and detached it is as it was")
  func twice() throws {
    let agent = try AgentFixture()
    let before = try agent.digest()
    try agent.attach()
    #expect(code { try agent.attach() } == "E_ALREADY_ATTACHED")
    try agent.keep(retries: 2)
    try agent.keep(retries: 1)
    try agent.store.detach()
    #expect(try agent.digest() == before)
    #expect(try agent.leftovers() == [])
    #expect(code { try agent.store.detach() } == "E_NOT_ATTACHED")
    #expect(try agent.attach().base.number == GenerationNumber(1))
  }

  @Test("what no clone can have as it is, the owner is told")
  func warnings() throws {
    let agent = try AgentFixture()
    #expect(mkfifo(agent.root + "/pipe", 0o600) == 0)
    #expect(chmod(agent.root + "/agent.py", 0o4755) == 0)
    #expect(symlink("/etc", agent.root + "/out") == 0)
    let warnings = try agent.attach().warnings.joined(separator: "\n")
    #expect(warnings.contains("\"pipe\" is a FIFO"))
    #expect(warnings.contains("\"agent.py\" loses set-user-id"))
    #expect(warnings.contains("\"out\" is a link out"))
  }

  @Test("a folder whose name leaves no room for a clone's is refused")
  func longName() throws {
    let directory = try TemporaryDirectory()
    let name = String(repeating: "n", count: 240)
    try directory.write("agents/\(name)/a", "x")
    #expect(
      refusal(directory.path + "/agents/" + name, home: directory.path + "/home")
        == "E_PATH_REFUSED")
  }
}
