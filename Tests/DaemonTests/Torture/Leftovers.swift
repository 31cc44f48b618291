import Glibc
import Linux
import TestSupport

/// What a killed daemon may have left behind, each as a line that names it.
struct Leftovers {
  let daemon: DaemonUnderTest
  let agent: FlipAgent

  private var store: String { daemon.home + "/agents/\(FlipAgent.id)" }

  /// Clones beside the agent that nobody waits for, and unfinished files in the store.
  func inFolders(waitingCount: Int) throws -> [String] {
    var left: [String] = []
    let beside = try Files.names(in: agent.parent).filter { $0 != FlipAgent.id }
    let stages = beside.filter { $0.hasPrefix(".\(FlipAgent.id).next-") }
    if stages.count != waitingCount {
      left.append("\(waitingCount) clones wait, and there are: \(stages)")
    }
    for name in beside where !stages.contains(name) { left.append("beside the agent: \(name)") }
    let markers = try Files.names(in: store + "/stages")
    if markers.count != stages.count { left.append("markers \(markers) of clones \(stages)") }
    for stage in stages {
      if case .failure(let mixture) = agent.version(at: agent.parent + "/" + stage) {
        left.append("\(stage): \(mixture)")
      }
    }
    if Files.exists(store + "/trash") {
      left += try Files.names(in: store + "/trash").map { "in the trash: \($0)" }
    }
    let bundles = try Files.names(in: daemon.home + "/state/bundles")
    left += bundles.filter { $0.hasPrefix(".") }.map { "a copy half made: \($0)" }
    for folder in [store, store + "/stages", daemon.home + "/state"] {
      left += try Files.names(in: folder).filter { $0.hasSuffix(".tmp") }.map {
        "a write cut short: \(folder)/\($0)"
      }
    }
    for generation in try Files.names(in: store + "/generations") {
      let tree = store + "/generations/\(generation)/tree"
      guard Files.exists(tree) else { continue }
      if case .failure(let mixture) = agent.version(at: tree) {
        left.append("generation \(generation): \(mixture)")
      }
    }
    return left
  }

  /// Locks that are held though nothing is under way.
  func locks() throws -> [String] {
    let lock = try FileDescriptor.open(store + "/lock", O_RDWR)
    return try lock.tryLock() ? [] : ["the agent's lock is held"]
  }

  /// The sandbox's folders in /tmp that no living daemon holds.
  func temporaryFolders() throws -> [String] {
    try Files.names(in: "/tmp").filter { $0.hasPrefix("kaizen-sandbox.") }.filter { name in
      // Gone between being listed and being opened: its owner lives.
      guard let folder = try? FileDescriptor.open("/tmp/\(name)", O_RDONLY | O_DIRECTORY) else {
        return false
      }
      return try folder.tryLock()
    }.map { "/tmp/\($0)" }
  }

  /// Processes of killed daemons that still run.
  func processes(_ family: [ProcessSnapshot]) -> [String] {
    family.filter(\.isAlive).map { "process \($0)" }
  }

  /// Mounts beneath the test's folder, seen from outside the sandboxes.
  func mounts() throws -> [String] {
    String(decoding: try Files.read("/proc/self/mounts", limit: 1 << 22), as: UTF8.self)
      .split(separator: "\n").filter { $0.contains(daemon.directory.path) }
      .map { "mount \($0)" }
  }

  /// Control groups of sandboxes whose daemon was killed; their names begin with its number.
  func groups(_ family: [ProcessSnapshot]) throws -> [String] {
    let supervisors = Set(family.map(\.pid))
    return try groups(beneath: "/sys/fs/cgroup", depth: 5).filter { path in
      let parts = Files.name(of: path).split(separator: "-")
      return parts.count == 3 && parts.last.flatMap { Int32($0) }.map(supervisors.contains) == true
    }.map { "control group \($0)" }
  }

  private func groups(beneath folder: String, depth: Int) throws -> [String] {
    guard Files.isDirectory(folder) else { return [] }
    var found: [String] = []
    // A control file's name has a dot, a group's hardly ever.
    for name in (try? Files.names(in: folder)) ?? [] where !name.contains(".") {  // gone meanwhile
      let path = folder + "/" + name
      if name.hasPrefix("kaizen-") {
        found.append(path)
      } else if depth > 0, Files.isDirectory(path) {
        found += try groups(beneath: path, depth: depth - 1)
      }
    }
    return found
  }
}
