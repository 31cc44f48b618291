import Glibc
import Linux
import TestSupport
import Testing

/// What finds nothing wrong a thousand times must be seen to find what is wrong.
@Suite("An agent that shows mixtures") struct FlipAgentTests {
  private let daemon: DaemonUnderTest
  private let agent: FlipAgent

  init() throws {
    daemon = try DaemonUnderTest()
    agent = try FlipAgent(beside: daemon)
  }

  private func fails(saying words: String) -> Bool {
    guard case .failure(let mixture) = agent.version() else { return false }
    return mixture.description.contains(words)
  }

  /// Runs the bundle's applier as a sandbox would: in the agent's folder.
  private func flip() throws {
    let program = try StartedProgram(
      [daemon.home + "/plugins/flip/flip.sh"], environment: ["PATH": "/usr/bin:/bin"],
      workingDirectory: agent.root, in: daemon.directory)
    let finished = try program.finish(timeout: .seconds(10))
    #expect(finished?.status == 0, "\(String(describing: finished))")
  }

  @Test("is whole as it is made, and after each flip, which makes another version")
  func whole() throws {
    #expect(try agent.version().get() == FlipAgent.firstVersion)
    var versions: Set<Int> = [FlipAgent.firstVersion]
    for _ in 0..<10 {
      try flip()
      versions.insert(try agent.version().get())
    }
    #expect(versions.count == 11)
  }

  @Test("one file of another version shows")
  func mixed() throws {
    let old = try Files.read(agent.root + "/two/four.txt", limit: 1 << 20)
    try flip()
    try daemon.directory.write(
      "agents/flip/two/four.txt", String(decoding: old, as: UTF8.self))
    #expect(fails(saying: "two/four.txt is not of version"))
  }

  @Test("one byte shows, and so does a file cut short, one missing, and one too many")
  func damaged() throws {
    let path = agent.root + "/two/three.txt"
    let text = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
    try daemon.directory.write("agents/flip/two/three.txt", text + " ")
    #expect(fails(saying: "two/three.txt"))
    try daemon.directory.write("agents/flip/two/three.txt", String(text.dropLast(100)))
    #expect(fails(saying: "two/three.txt"))
    unlink(path)
    #expect(fails(saying: "two/three.txt"))
    try daemon.directory.write("agents/flip/two/three.txt", text)
    #expect(try agent.version().get() == FlipAgent.firstVersion)
    try daemon.directory.write("agents/flip/two/nine.txt", text)
    #expect(fails(saying: "two/nine.txt is no file of version"))
  }

  @Test("state and ignored files that changed show")
  func precious() throws {
    try daemon.directory.write("agents/flip/cache/precious.txt", "")
    #expect(fails(saying: "cache/precious.txt"))
  }
}

@Suite("What a killed daemon may leave") struct LeftoversTests {
  @Test("is found: clones, files, locks and processes")
  func found() throws {
    let daemon = try DaemonUnderTest()
    let agent = try FlipAgent(beside: daemon)
    try daemon.start()
    let added = try daemon.kaizen("agent", "add", agent.root)
    #expect(added.status == 0, "\(added)")
    let leftovers = Leftovers(daemon: daemon, agent: agent)
    #expect(try leftovers.inFolders(waitingCount: 0) == [])
    #expect(try leftovers.locks() == [])
    #expect(try leftovers.inFolders(waitingCount: 1).count == 1)

    try Files.makeDirectories(agent.parent + "/.flip.next-7")
    let store = "home/agents/flip"
    try daemon.directory.write(store + "/trash/old", "")
    try daemon.directory.write(store + "/attachment.json.1.tmp", "")
    try Files.makeDirectories(daemon.home + "/state/bundles/.incoming-1-1")
    let lock = try FileDescriptor.open(daemon.home + "/agents/flip/lock", O_RDWR)
    #expect(try lock.tryLock())
    let found = try leftovers.inFolders(waitingCount: 0).joined(separator: "\n")
    for word in ["next-7", "trash", "attachment.json.1.tmp", ".incoming-1-1"] {
      #expect(found.contains(word), "\(found)")
    }
    #expect(try leftovers.locks().count == 1)

    // Every daemon has workers under way when it has just started.
    let own = try ProcessSnapshot.descendants(of: getpid())
    let running = own.filter { $0.pid == daemon.pid }
    #expect(leftovers.processes(running).count == 1)
    try daemon.killHard()
    #expect(leftovers.processes(running) == [])
  }
}
