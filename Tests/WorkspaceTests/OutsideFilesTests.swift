import Glibc
import Linux
import Model
import Testing

@testable import Workspace

@Suite("Files that are in no generation") struct OutsideFilesTests {
  static let paths = PathSet(ignored: ["*.log", "out/**", "secret.env"], shared: [".venv"])
  static let files = AgentFixture.files.merging([
    "run.log": "one\n", "out/deep/result": "r", "secret.env": "KEY=1", ".git/HEAD": "ref",
    ".venv/bin/python": "#!", "tools/__pycache__/search.pyc": "pyc",
  ]) { one, _ in one }
  static let names = [
    "run.log", "out/deep/result", "secret.env", ".git/HEAD", ".venv/bin/python",
    "tools/__pycache__/search.pyc",
  ]

  private func agent() throws -> AgentFixture {
    try AgentFixture(paths: Self.paths, files: Self.files)
  }

  private func inode(_ path: String) -> UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  @Test("are the very same files after a switch, a way back and a rollback")
  func same() throws {
    let agent = try agent()
    try agent.attach()
    let before = Self.names.map { inode(agent.root + "/" + $0) }
    func check() { #expect(Self.names.map { inode(agent.root + "/" + $0) } == before) }
    try agent.keep(retries: 2)
    check()
    let placed = try agent.placed(retries: 3)
    try agent.store.switchTo(placed)
    _ = try agent.store.settle(placed)
    check()
    _ = try agent.store.switchBack(placed)
    check()
    _ = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
    check()
    #expect(try agent.read("run.log") == "one\n")
    #expect(try agent.leftovers() == [])
  }

  @Test("are in no clone, whoever looks at it, until it is placed")
  func notCloned() throws {
    let agent = try agent()
    try agent.attach()
    let (stage, manifest) = try agent.stage()
    for name in Self.names { #expect(!Files.exists(stage.path + "/" + name), "\(name)") }
    try agent.write("secret.env", "stolen", in: stage.path)
    try agent.write("__pycache__/agent.pyc", "made by a test", in: stage.path)
    let sealed = try agent.store.seal(stage)
    #expect(sealed.digest == manifest.digest)
    let placed = try agent.store.place(stage, sealed)
    try agent.store.switchTo(placed)
    #expect(try agent.read("secret.env") == "KEY=1")
    #expect(!agent.exists("__pycache__/agent.pyc"))
  }

  @Test("made, replaced or deleted just before the exchange are so after it")
  func caughtUp() throws {
    let agent = try agent()
    try agent.attach()
    let placed = try agent.placed()
    try agent.write("out/new", "made")
    try agent.write("other.tmp", "KEY=2")
    #expect(rename(agent.root + "/other.tmp", agent.root + "/secret.env") == 0)
    #expect(unlink(agent.root + "/run.log") == 0)
    try agent.store.switchTo(placed)
    let report = try agent.store.settle(placed)
    #expect(report.lateEdits == [] && report.conflicts == [])
    #expect(try agent.read("out/new") == "made")
    #expect(try agent.read("secret.env") == "KEY=2")
    #expect(!agent.exists("run.log"))
  }

  @Test("that somebody has open are written where they live on")
  func openFile() throws {
    let agent = try agent()
    try agent.attach()
    let open = try FileDescriptor.open(agent.root + "/run.log", O_WRONLY | O_APPEND)
    try agent.keep(retries: 2)
    try open.writeAll("two\n".utf8)
    #expect(try agent.read("run.log") == "one\ntwo\n")
  }

  @Test("made while a change was live stay when it is taken back")
  func madeOnTrial() throws {
    let agent = try agent()
    try agent.attach()
    let placed = try agent.placed()
    try agent.store.switchTo(placed)
    _ = try agent.store.settle(placed)
    try agent.write("out/made", "on trial")
    try agent.write("secret.env", "KEY=3")
    _ = try agent.store.switchBack(placed)
    #expect(try agent.read("out/made") == "on trial")
    #expect(try agent.read("secret.env") == "KEY=3")
  }

  @Test("of which both trees have their own are both kept")
  func conflict() throws {
    let agent = try agent()
    try agent.attach()
    let placed = try agent.placed()
    let store = agent.store
    try store.switchTo(placed)
    // A process in the old folder and one in the new make a file of the same name.
    try agent.write("out/twin", "old", in: store.layout.stage(placed.manifest.number))
    try agent.write("out/twin", "new")
    #expect(try store.settle(placed).conflicts == [TreePath("out/twin")])
    let report = try store.commit(placed)
    #expect(report.leftovers == [TreePath("out/twin")])
    #expect(try agent.read("out/twin") == "new")
    let kept = store.layout.generation(GenerationNumber(1)) + "/leftover"
    #expect(try agent.read("out/twin", in: kept) == "old")
  }

  @Test("of which both trees have their own are both kept when the change is taken back, too")
  func conflictTakenBack() throws {
    let agent = try agent()
    try agent.attach()
    let placed = try agent.placed()
    try agent.store.switchTo(placed)
    try agent.write("out/twin", "old", in: agent.store.layout.stage(placed.manifest.number))
    try agent.write("out/twin", "new")
    _ = try agent.store.settle(placed)
    _ = try agent.store.switchBack(placed)
    #expect(try agent.read("out/twin") == "new")
    let kept = agent.store.layout.generation(GenerationNumber(1)) + "/leftover"
    #expect(try agent.read("out/twin", in: kept) == "old")
  }

  @Test("keep the folder that a change emptied, caches do not")
  func emptiedFolder() throws {
    let agent = try agent()
    try agent.attach()
    try agent.write("tools/extra.log", "no glob for this one")
    let store = GenerationStore(
      layout: agent.store.layout,
      paths: PathSet(ignored: ["tools/extra.log"], shared: [".venv"]))
    let base = try store.base()
    let stage = try store.clone(base)
    #expect(unlink(stage.path + "/tools/search.py") == 0)
    #expect(rmdir(stage.path + "/tools") == 0)
    let placed = try store.place(stage, try store.seal(stage))
    try store.switchTo(placed)
    #expect(try store.settle(placed).lateEdits == [])
    #expect(agent.exists("tools/extra.log") && !agent.exists("tools/search.py"))
    #expect(try store.drift(from: placed.manifest) == [])
  }

  @Test("that are caches do not keep the folder that a change emptied")
  func emptiedOfCaches() throws {
    let agent = try agent()
    try agent.attach()
    let stage = try agent.store.clone(try agent.store.base())
    #expect(unlink(stage.path + "/tools/search.py") == 0)
    #expect(rmdir(stage.path + "/tools") == 0)
    let placed = try agent.store.place(stage, try agent.store.seal(stage))
    try agent.store.switchTo(placed)
    _ = try agent.store.settle(placed)
    #expect(!agent.exists("tools"))
  }

  @Test("in the way of a change stop it before it is live")
  func inTheWay() throws {
    let agent = try agent()
    try agent.attach()
    let (stage, _) = try agent.stage()
    #expect(unlink(stage.path + "/tools/search.py") == 0)
    #expect(rmdir(stage.path + "/tools") == 0)
    try agent.write("tools", "now a file", in: stage.path)
    try agent.write("tools/data.log", "x")
    let store = GenerationStore(
      layout: agent.store.layout, paths: PathSet(ignored: ["tools/*.log"], shared: [".venv"]))
    let sealed = try store.seal(stage)
    #expect(code { _ = try store.place(stage, sealed) } == "E_CARRY_CONFLICT")
    try store.discard(stage)
    #expect(try agent.read("tools/data.log") == "x")
    #expect(try agent.leftovers() == [])
  }

  @Test("that are sockets and FIFOs stay the ones that are open")
  func specials() throws {
    let agent = try agent()
    #expect(mkfifo(agent.root + "/tools/pipe", 0o600) == 0)
    try agent.attach()
    let before = inode(agent.root + "/tools/pipe")
    try agent.keep(retries: 2)
    #expect(inode(agent.root + "/tools/pipe") == before)
    _ = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
    #expect(inode(agent.root + "/tools/pipe") == before)
  }
}
