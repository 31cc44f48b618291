import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

@Suite("A full disk") struct FullDiskTests {
  /// An agent on a disk of `megabytes`, or of so many inodes; nil where this process may not mount.
  private func agent(_ options: String) throws -> (AgentFixture, Mount)? {
    let directory = try TemporaryDirectory("workspace-full")
    let path = directory.path + "/disk"
    let mount = try Mount(
      at: path, in: directory, type: "tmpfs", source: "none", options: options)
    guard let mount else {
      print("skipped: may not mount")
      return nil
    }
    return (try AgentFixture(at: path), mount)
  }

  @Test("too small for a clone is refused, and has as much space as before")
  func clone() throws {
    guard let (agent, mount) = try agent("size=4m") else { return }
    try agent.write("big", String(repeating: "x", count: 2_500_000))
    let base = try agent.attach().base
    #expect(code { _ = try agent.store.clone(base) } == "E_NO_SPACE")
    #expect(try agent.leftovers() == [])
    #expect(try agent.store.drift(from: base) == [])
    withExtendedLifetime(mount) {}
  }

  @Test("that fills up while a clone is made leaves nothing behind")
  func midway() throws {
    guard let (agent, mount) = try agent("size=4m,nr_inodes=120") else { return }
    for index in 0..<20 { try agent.write("data/\(index)", String(repeating: "x", count: 50_000)) }
    let base = try agent.attach().base
    // What is free by the figures is gone once the copying begins.
    let hog = agent.base + "/hog"
    let file = try FileDescriptor.open(hog, O_WRONLY | O_CREAT)
    let listing = try TreeScanner(PathSet(), reading: .none).scan(try agent.store.openRoot())
    let stage = try agent.store.clone(base)
    try agent.store.discard(stage)
    #expect(ftruncate(file.raw, 0) == 0)
    #expect(posix_fallocate(file.raw, 0, 2_500_000) == 0)
    let target = agent.base + "/target"
    try Files.makeDirectories(target)
    let refused = code {
      try TreeCloner(method: .copy).clone(
        listing, from: try agent.store.openRoot(), to: try DirectoryHandle(path: target))
    }
    #expect(refused == "E_NO_SPACE")
    withExtendedLifetime(mount) {}
  }

  @Test("at any moment of a trial leaves the agent as it was", arguments: [0, 1, 2, 3])
  func trial(step: Int) throws {
    guard let (agent, mount) = try agent("size=4m") else { return }
    try agent.attach()
    let before = try agent.digest()
    let (stage, manifest) = try agent.stage()
    let hog = try FileDescriptor.open(agent.base + "/hog", O_WRONLY | O_CREAT)
    var size: off_t = 4 << 20
    while size > 4096, posix_fallocate(hog.raw, 0, size) != 0 { size -= 4096 }
    _ = posix_fallocate(hog.raw, size, 4096)
    let failed = code {
      switch step {
      case 0: _ = try agent.store.place(stage, manifest)
      case 1: _ = try agent.store.hold(stage, manifest)
      case 2: _ = try agent.store.clone(stage.base)
      default: try agent.write("agent.py", String(repeating: "x", count: 100_000), in: stage.path)
      }
    }
    #expect(failed?.contains("SPACE") == true || failed?.contains("No space") == true)
    #expect(try agent.digest() == before)
    #expect(unlink(agent.base + "/hog") == 0)
    try agent.store.discard(stage)
    #expect(try agent.leftovers() == [])
    #expect(try agent.digest() == before)
    withExtendedLifetime(mount) {}
  }
}
