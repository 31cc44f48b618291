internal import Glibc
internal import Linux

/// Where child cgroups for sandboxes may be made.
///
/// Only found out here; kaizen-confine makes, limits and removes them (cgroup.c).
enum Cgroups: Hashable, Sendable {
  /// Parents in the memory and in the pids hierarchy.
  case version1(memory: String, pids: String)
  /// A parent whose children have both controllers.
  case version2(parent: String)

  /// A file of a control file system is at most so long.
  private static let fileBytesMax = 1 << 16

  /// What this process may use, or why there is none.
  static func find() -> (found: Cgroups?, reason: String) {
    let memberships = lines("/proc/self/cgroup")
    let mounts = lines("/proc/self/mounts").map { $0.split(separator: " ").map(String.init) }
      .filter { $0.count > 3 }
    if let found = version2(memberships, mounts) { return (found, "") }
    guard let memory = version1("memory", memberships, mounts),
      let pids = version1("pids", memberships, mounts)
    else { return (nil, "no cgroup with the controllers memory and pids is writable") }
    return (.version1(memory: memory, pids: pids), "")
  }

  /// Removes the empty groups of sandboxes whose daemon was killed.
  func sweep() {
    for parent in parents {
      for name in (try? Files.names(in: parent)) ?? [] {  // gone: nothing to sweep
        let parts = name.split(separator: "-")
        guard parts.count == 3, parts[0] == "kaizen", let daemon = Int32(parts[1]) else { continue }
        if kill(daemon, 0) != 0 && errno == ESRCH { rmdir(parent + "/" + name) }
      }
    }
  }

  /// Removes the group of a sandbox whose supervisor was killed, and so could not.
  ///
  /// The kernel ends what was in there a moment after the supervisor: up to 100 tries, 1 ms apart.
  func remove(supervisor: Int32) {
    for parent in parents {
      for _ in 0..<100 {
        if rmdir("\(parent)/kaizen-\(getpid())-\(supervisor)") == 0 || errno != EBUSY { break }
        usleep(1000)
      }
    }
  }

  private var parents: [String] {
    switch self {
    case .version1(let memory, let pids): [memory, pids]
    case .version2(let parent): [parent]
    }
  }

  private static func lines(_ path: String) -> [String] {
    guard let bytes = try? Files.read(path, limit: fileBytesMax) else { return [] }  // absent
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func writable(_ directory: String) -> Bool {
    Files.isDirectory(directory) && access(directory, W_OK) == 0
  }

  /// `4:memory:/a/b` and the mount with that controller, for root only: v1 cannot be delegated.
  private static func version1(
    _ controller: String, _ memberships: [String], _ mounts: [[String]]
  ) -> String? {
    let own = memberships.lazy.compactMap { line -> String? in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1].split(separator: ",").contains(Substring(controller))
      else { return nil }
      return String(parts[2])
    }.first
    let mount = mounts.first {
      $0[2] == "cgroup" && $0[3].split(separator: ",").contains(Substring(controller))
    }
    guard geteuid() == 0, let own, let mount else { return nil }
    let path = own == "/" ? mount[1] : mount[1] + own
    return writable(path) ? path : nil
  }

  /// The own group's parent where that hands on both controllers, else the own group, emptied for
  /// it: a group with processes cannot hand on any (cgroups(7), "no internal processes").
  private static func version2(_ memberships: [String], _ mounts: [[String]]) -> Cgroups? {
    guard let line = memberships.first(where: { $0.hasPrefix("0::/") }),
      let mount = mounts.first(where: { $0[2] == "cgroup2" })
    else { return nil }
    let path = line.dropFirst(3)
    let own = path == "/" ? mount[1] : mount[1] + path
    let above = Files.parent(of: own)
    if handsOn(above, "cgroup.subtree_control"), writable(above) {
      return .version2(parent: above)
    }
    guard path != "/", handsOn(own, "cgroup.controllers"), writable(own) else { return nil }
    // Only where nobody else lives there: their processes are not ours to move.
    guard lines(own + "/cgroup.procs") == ["\(getpid())"] else { return nil }
    let leaf = own + "/kaizend"
    guard mkdir(leaf, 0o755) == 0 || errno == EEXIST,
      write("\(getpid())", leaf + "/cgroup.procs"),
      write("+memory +pids", own + "/cgroup.subtree_control")
    else { return nil }
    return .version2(parent: own)
  }

  private static func handsOn(_ group: String, _ file: String) -> Bool {
    let controllers = lines(group + "/" + file).flatMap { $0.split(separator: " ") }
    return controllers.contains("memory") && controllers.contains("pids")
  }

  private static func write(_ text: String, _ path: String) -> Bool {
    do {
      try FileDescriptor.open(path, O_WRONLY).writeAll(text.utf8)
      return true
    } catch {
      return false
    }
  }
}
