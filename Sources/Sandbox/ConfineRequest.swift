internal import Glibc
internal import Model

/// The request to kaizen-confine: keywords and fields, each ended by NUL (request.c reads it).
struct ConfineRequest {
  /// The user and group of commands where the daemon is root; never 0, and nobody else's.
  static let sandboxUser: UInt32 = 61_184

  private(set) var bytes: [UInt8] = []

  private mutating func add(_ fields: String...) throws(KaizenError) {
    for field in fields {
      if field.utf8.contains(0) {
        throw KaizenError(
          "E_SANDBOX_REQUEST", "\"\(field)\" has a NUL byte in it",
          hint: "take it out of the command, its paths or its environment")
      }
      bytes += field.utf8
      bytes.append(0)
    }
  }

  init(
    words: [String], confinement: Confinement, setting: Setting, timeout: Duration?,
    kept: [Int32]
  ) throws(KaizenError) {
    try add("kaizen-confine 1", "level", setting.level.rawValue, "parent", "\(getpid())")
    try add("ids", "\(Self.sandboxUser)", "\(Self.sandboxUser)")
    if let timeout { try add("timeout-ms", "\(max(1, timeout.wholeMilliseconds))") }
    try addLimits(confinement.limits, setting.cgroups)
    let places = try Self.places(confinement, setting)
    for place in places {
      let asOwner = place.isMapped(among: places) ? "1" : "0"
      try add("place", place.access.rawValue, asOwner, place.source, place.at)
    }
    for descriptor in kept where descriptor > 2 { try add("keep", "\(descriptor)") }
    try add("directory", confinement.workingDirectory)
    for (name, value) in Self.environment(confinement, setting).sorted(by: { $0.key < $1.key }) {
      try add("variable", "\(name)=\(value)")
    }
    for word in words { try add("word", word) }
  }

  /// What a request depends on beside the confinement.
  struct Setting {
    var level: SandboxLevel
    var cgroups: Cgroups? = nil
    var swiftRuntime: String? = nil
    /// Stands in for /tmp and $HOME where they cannot be fresh: levels B and C.
    var scratch: String? = nil
  }

  private mutating func addLimits(
    _ limits: Confinement.Limits, _ cgroups: Cgroups?
  ) throws(KaizenError) {
    switch cgroups {
    case .version1(let memory, let pids): try add("cgroup", "1", memory, pids)
    case .version2(let parent): try add("cgroup", "2", parent)
    case nil: break
    }
    let numbers = [
      limits.memoryBytes, limits.processes, limits.fileBytes, limits.openFiles, limits.scratchBytes,
    ]
    if let number = numbers.first(where: { $0 < 1 }) {  // to kaizen-confine 0 is no limit
      throw KaizenError(
        "E_SANDBOX_REQUEST", "a limit of a sandbox is \(number)", hint: "limits are positive")
    }
    try add("memory-bytes", "\(limits.memoryBytes)", "processes", "\(limits.processes)")
    try add("file-bytes", "\(limits.fileBytes)", "open-files", "\(limits.openFiles)")
    try add("cpu-seconds", "\(max(1, limits.processorTime.components.seconds))")
    try add("scratch-bytes", "\(limits.scratchBytes)")
  }

  private struct Place {
    var source: String
    var at: String
    var access: Confinement.Access
    var isTree: Bool

    /// Whether files of the source's owner become the command's; only root can map them.
    ///
    /// Within another tree only what belongs to that tree's owner does: a link there, or what the
    /// agent's own descriptor names, must not open files of somebody else.
    func isMapped(among places: [Place]) -> Bool {
      guard geteuid() == 0, isTree else { return false }
      let outer = places.filter { $0.isTree && $0.access != .empty && at.hasPrefix($0.at + "/") }
        .max { $0.at.utf8.count < $1.at.utf8.count }
      return outer.map { Self.owner($0.source) == Self.owner(source) } ?? true
    }

    private static func owner(_ path: String) -> UInt32? {
      var status = stat()
      return stat(path, &status) == 0 ? status.st_uid : nil  // kaizen-confine says what is wrong
    }
  }

  /// All that is shown, outer places before those within them.
  private static func places(
    _ confinement: Confinement, _ setting: Setting
  ) throws(KaizenError) -> [Place] {
    var places = confinement.trees.map {
      Place(source: $0.source, at: $0.at, access: $0.access, isTree: true)
    }
    var seen = Set(places.map(\.at))
    let reads =
      confinement.readPaths + confinement.pathDirectories
      + [setting.swiftRuntime].compactMap(\.self)
    for path in reads where !isBeneath(path, Confinement.systemRoots) {
      if seen.insert(path).inserted {
        places.append(Place(source: path, at: path, access: .readOnly, isTree: false))
      }
    }
    if let scratch = setting.scratch {
      places.append(Place(source: scratch, at: scratch, access: .writable, isTree: true))
    }
    for place in places {
      if !place.at.hasPrefix("/") || place.at == "/" {
        throw KaizenError(
          "E_SANDBOX_REQUEST", "\"\(place.at)\" cannot be shown in a sandbox",
          hint: "name an absolute path below /")
      }
      if setting.level != .full, place.source != place.at || place.access == .throwaway {
        throw KaizenError(
          "E_SANDBOX_UNAVAILABLE",
          "\(place.at) cannot be shown as \(place.access.rawValue) at level "
            + "\(setting.level.rawValue): that needs mounts",
          hint: "allow level A on this host (kaizen doctor), or use a copy at its own path")
      }
    }
    return places.sorted { $0.at < $1.at }
  }

  static func isBeneath(_ path: String, _ roots: [String]) -> Bool {
    roots.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  private static func environment(
    _ confinement: Confinement, _ setting: Setting
  ) -> [String: String] {
    let standard = [
      "HOME": setting.scratch ?? Confinement.home,
      "LANG": "C.UTF-8",
      "LOGNAME": "kaizen",
      "PATH": confinement.searchPath.joined(separator: ":"),
      "TMPDIR": setting.scratch ?? "/tmp",
      "USER": "kaizen",
    ]
    return standard.merging(confinement.environment) { $1 }
  }
}

extension Duration {
  /// Rounded down.
  var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
