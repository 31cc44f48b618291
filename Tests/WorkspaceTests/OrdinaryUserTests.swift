import Glibc
import Linux
import Model
import Testing

@testable import Workspace

@Suite("As an ordinary user") struct OrdinaryUserTests {
  /// Not a test of its own: what the process without privileges does.
  @Test("victim", .enabled(if: getenv("KAIZEN_ORDINARY") != nil))
  func victim() throws {
    let base = try #require(getenv("KAIZEN_ORDINARY").map { String(cString: $0) })
    try #require(geteuid() != 0)
    let foreign = getenv("KAIZEN_FOREIGN").map { String(cString: $0) }
    if foreign == "folder" {
      // Before anything is tried in or beside it.
      #expect(code { _ = try AgentFixture(files: [:], at: base) } == "E_OWNER")
      return
    }
    let agent = try AgentFixture(files: [:], at: base)
    if foreign == "file" {
      #expect(code { try agent.attach() } == "E_OWNER")
      return
    }
    try agent.write("locked/inner", "x")
    #expect(chmod(agent.root + "/locked", 0o555) == 0)
    try agent.attach()
    let before = try agent.digest()
    try agent.keep(retries: 2)
    _ = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
    #expect(try agent.digest() == before)
    _ = try agent.store.collect(RetentionPolicy(treeCountMax: 0))
    #expect(chmod(agent.root + "/agent.py", 0o000) == 0)
    #expect(code { _ = try agent.store.base() } == "E_NO_ACCESS")
  }

  @Test(
    "all of it works on files of one's own, and others' are refused",
    arguments: ["nothing", "file", "folder"])
  func drop(foreign: String) throws {
    guard geteuid() == 0, getenv("KAIZEN_ORDINARY") == nil else { return }
    let agent = try AgentFixture()
    let user: uid_t = 65_534
    try own(agent.base, user)
    if foreign == "file" { chown(agent.root + "/agent.py", 0, 0) }
    if foreign == "folder" {
      for path in [agent.root, agent.store.layout.parent] { chown(path, 0, 0) }
    }
    let environment = [
      "KAIZEN_ORDINARY": agent.base, "SWIFT_BACKTRACE": "enable=no", "KAIZEN_FOREIGN": foreign,
    ]
    let nowhere = try FileDescriptor.open("/dev/null", O_RDWR)
    let log = try FileDescriptor.open(agent.base + "/log", O_RDWR | O_CREAT, mode: 0o666)
    let words = [
      "setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups",
      try Files.resolve("/proc/self/exe"), "--testing-library", "swift-testing", "--filter",
      "OrdinaryUserTests/victim",
    ]
    let child = try ChildProcess(
      ChildCommand(
        words: words, environment: environment,
        descriptors: [0: nowhere.raw, 1: log.raw, 2: log.raw]))
    let exit = try #require(try child.wait(timeout: .seconds(30)))
    let text = try agent.read("log", in: agent.base)
    #expect(exit.status == .exited(0), "\(text.suffix(3000))")
  }

  private func own(_ path: String, _ user: uid_t) throws {
    lchown(path, user, user)
    guard Files.isDirectory(path) else { return }
    for name in try Files.names(in: path) { try own(path + "/" + name, user) }
  }
}
