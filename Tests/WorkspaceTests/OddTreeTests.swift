import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

@Suite("Odd trees are cloned equal, or refused by name") struct OddTreeTests {
  /// File systems to clone on: the one of the temporary folder, and loop disks where there can be.
  static let fileSystems = ["here", "ext4", "xfs", "btrfs"]

  /// Everything odd that a tree may hold and a clone must keep.
  private func makeOdd(_ root: String) throws {
    func file(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
      try FileDescriptor.open(root + "/" + name, O_WRONLY | O_CREAT, mode: mode)
        .writeAll(text.utf8)
      chmod(root + "/" + name, mode)
    }
    try file("plain", "plain")
    try file("empty", "")
    try file("unreadable", "secret", mode: 0o000)
    try file("script", "#!/bin/sh\n", mode: 0o755)
    try file(String(repeating: "n", count: 255), "long name")
    try file("caf\u{e9}", "one form")
    try file("cafe\u{301}", "the other form")
    try file("back\\slash\nand newline", "x")
    #expect(link(root + "/plain", root + "/same") == 0)
    #expect(symlink("plain", root + "/link") == 0)
    #expect(symlink("nowhere/at/all", root + "/dangling") == 0)
    #expect(symlink("loop", root + "/loop") == 0)
    try Files.makeDirectories(root + "/shared folder", mode: 0o755)
    chmod(root + "/shared folder", 0o3775)
    try Files.makeDirectories(root + "/hollow/inner", mode: 0o755)
    // A name that is no UTF-8, a file that is mostly hole, an attribute, an old time.
    let raw = FileName(bytes: [0x62, 0xFF, 0x64])
    try DirectoryHandle(path: root).newFile(raw).writeAll("bytes".utf8)
    let sparse = try FileDescriptor.open(root + "/sparse", O_RDWR | O_CREAT)
    #expect(pwrite(sparse.raw, "end", 3, off_t(64) << 20) == 3)
    let plain = try FileDescriptor.open(root + "/plain", O_RDWR)
    do { try plain.setExtendedAttribute(Array("user.note".utf8), to: Array("kept".utf8)) } catch {
      #expect(error.code == EOPNOTSUPP)  // not on every file system
    }
    try FileProperties.setTime(on: plain, 981_173_106_123_456_789)
    chown(root + "/script", 1234, 4321)
  }

  private func status(_ path: String) throws -> FileStatus {
    var raw = stat()
    try #require(lstat(path, &raw) == 0)
    return FileStatus(raw)
  }

  @Test("everything a file system can hold", arguments: fileSystems)
  func everything(fileSystem: String) throws {
    let disk: LoopDisk?
    if fileSystem == "here" {
      disk = nil
    } else {
      disk = try LoopDisk(type: fileSystem, megabytes: 320)
      if disk == nil {
        print("skipped: cannot make and mount \(fileSystem) here")
        return
      }
    }
    let agent = try AgentFixture(at: disk?.path)
    try makeOdd(agent.root)
    let report = try agent.attach()
    if let expected = ["xfs": CloneMethod.reflink, "btrfs": .reflink, "ext4": .copy][fileSystem] {
      #expect(report.cloneMethod == expected)
    }
    let before = try agent.digest()
    let stage = try agent.store.clone(report.base)
    #expect(try agent.digest(of: stage.path) == before)
    let plain = try status(stage.path + "/plain")
    #expect(plain.modifiedNanoseconds == 981_173_106_123_456_789)
    #expect(plain.linkCount == 2)
    #expect(try status(stage.path + "/same").inode == plain.inode)
    #expect(plain.inode != (try status(agent.root + "/plain").inode))
    #expect(try status(stage.path + "/sparse").allocatedBytes < 1 << 20)
    #expect(try status(stage.path + "/shared folder").mode == 0o3775)
    if geteuid() == 0 { #expect(try status(stage.path + "/script").owner == 1234) }
    let placed = try agent.store.place(stage, try agent.store.seal(stage))
    try agent.store.switchTo(placed)
    _ = try agent.store.settle(placed)
    _ = try agent.store.commit(placed)
    #expect(try agent.digest() == before)
    _ = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
    #expect(try agent.digest() == before)
    withExtendedLifetime(disk) {}
  }

  @Test("a privilege on a file is not cloned, and adding one is seen")
  func privileges() throws {
    let agent = try AgentFixture()
    #expect(chmod(agent.root + "/agent.py", 0o6755) == 0)
    let base = try agent.attach().base
    let stage = try agent.store.clone(base)
    #expect(stage.warnings.contains { $0.contains("agent.py") })
    #expect(try status(stage.path + "/agent.py").mode == 0o755)
    #expect(try agent.store.diff(stage, try agent.store.seal(stage)).hazards == [])
    #expect(chmod(stage.path + "/config.json", 0o4755) == 0)
    #expect(mkfifo(stage.path + "/pipe", 0o600) == 0)
    let diff = try agent.store.diff(stage, try agent.store.seal(stage))
    #expect(diff.hazards.map(\.path.text) == ["config.json", "pipe"])
  }

  @Test("a folder deeper than descriptors reach is refused, and a clone of it can be removed")
  func deep() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let stage = try agent.store.clone(try agent.store.base())
    var folder = try DirectoryHandle(path: stage.path)
    for _ in 0..<1500 {
      try folder.makeDirectory(FileName("d"))
      folder = try folder.directory(FileName("d"))
    }
    try folder.newFile(FileName("bottom")).writeAll("x".utf8)
    #expect(code { _ = try agent.store.seal(stage) } == "E_TREE_TOO_DEEP")
    try agent.store.discard(stage)
    #expect(try agent.leftovers() == [])
  }

  @Test("a file that changes while it is cloned is cloned again, then refused")
  func busy() throws {
    let agent = try AgentFixture()
    for index in 0..<300 { try agent.write("data/\(index)", "\(index)") }
    let base = try agent.attach().base
    let root = agent.root
    let writer = Writer(root + "/log.txt")
    let thread = try BlockingThread(name: "writer") { writer.run() }
    let refused = code { _ = try agent.store.clone(base) }
    writer.stop()
    thread.join()
    // Seen as an edit before the clone, or as a change during it: either way nothing torn is cloned.
    #expect(refused == "E_AGENT_BUSY" || refused == "E_BASE_MOVED")
    #expect(try agent.leftovers() == [])
    let stage = try agent.store.clone(try agent.store.base())
    #expect(try agent.digest(of: stage.path) == agent.digest())
  }

  /// Appends to a file as fast as it can.
  private final class Writer: Sendable {
    private let path: String
    private let isStopped = Condition(false)

    init(_ path: String) { self.path = path }
    func stop() { isStopped.update { $0 = true } }
    func run() {
      while !isStopped.update({ $0 }) {
        // A failed write only makes the agent less busy.
        try? FileDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND).writeAll("line\n".utf8)
      }
    }
  }

  @Test("a tree over the limit is refused before a byte is copied")
  func tooBig() throws {
    let agent = try AgentFixture()
    try agent.attach()
    var listing = TreeListing()
    listing.allocatedBytes = TreeCloner.copyByteCountMax + 1
    let tree = try agent.store.openRoot()
    let refused = code {
      try TreeCloner(method: .copy).checkSpace(listing, on: tree, root: agent.root)
    }
    #expect(refused == "E_CLONE_TOO_BIG")
    try TreeCloner(method: .reflink).checkSpace(listing, on: tree, root: agent.root)
  }
}
