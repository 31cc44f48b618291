import Glibc
import Linux
public import Model

/// Where an agent's live tree, its clones and its stored generations lie.
///
/// The live tree and a clone are siblings: only an exchange within one folder survives a power cut on
/// every file system. The store is on the same file system, so that a tree moves by one rename.
public struct AgentLayout: Hashable, Sendable {
  /// The agent.
  public let id: AgentID
  /// The live tree: an absolute path without links.
  public let root: String
  /// What Kaizen keeps of the agent.
  public let store: String
  /// How its generations go live.
  public let mode: AttachMode

  /// A layout of known places.
  public init(id: AgentID, root: String, store: String, mode: AttachMode = .directory) {
    self.id = id
    self.root = root
    self.store = store
    self.mode = mode
  }

  /// The same places under another mode.
  func with(mode: AttachMode) -> AgentLayout {
    AgentLayout(id: id, root: root, store: store, mode: mode)
  }

  /// The folder the live tree is in.
  public var parent: String { Files.parent(of: root) }
  /// The live tree's name in that folder.
  public var name: String { Files.name(of: root) }
  /// The numbered generations, a folder each.
  public var generations: String { store + "/generations" }
  /// What the agent's `state` paths lead to.
  public var state: String { store + "/state" }
  /// What waits to be removed.
  public var trash: String { store + "/trash" }
  /// The lock that whoever changes the agent holds.
  public var lock: String { store + "/lock" }
  /// Names of clones that are ours, with their inodes.
  var stages: String { store + "/stages" }
  /// What was done while no daemon lived.
  var journal: String { store + "/offline.json" }
  /// Is there while the agent is being added.
  var addition: String { store + "/addition" }
  /// In the home's folder of an agent whose store is elsewhere: where that is.
  static let besideName = "store"
  /// What attaching did, so that it can be undone.
  var attachment: String { store + "/attachment.json" }

  /// Where a generation's clone lies until it is live; a link to its tree in mode managed.
  public func stage(_ number: GenerationNumber) -> String { parent + "/" + stageName(number) }
  func stageName(_ number: GenerationNumber) -> String { stagePrefix + "\(number)" }
  var stagePrefix: String { ".\(name).next-" }
  /// What probes beside the live tree are named, and what they make in them.
  var probePrefix: String { ".\(name).probe-" }
  static let probeNames = ["one", "other", ".kaizen-probe-1", ".kaizen-probe-2"]
  func stageMarker(_ number: GenerationNumber) -> String { stages + "/\(number)" }

  /// The folder of a generation.
  public func generation(_ number: GenerationNumber) -> String {
    let digits = String(number.value)
    let zeros = String(repeating: "0", count: max(0, Self.digitCount - digits.utf8.count))
    return generations + "/" + zeros + digits
  }
  /// The files of a generation that is not live; in mode managed of any.
  public func tree(_ number: GenerationNumber) -> String { generation(number) + "/tree" }
  private static let digitCount = 6
  func manifest(_ number: GenerationNumber) -> String { generation(number) + "/manifest.bin" }
  func olderManifest(_ number: GenerationNumber) -> String { generation(number) + "/manifest.json" }

  /// The store's path that a `state` path of the agent leads to.
  public func state(of path: String) -> String { state + "/" + TreePath(path).text }

  /// The layout of the agent `id` at `root`, where it is attached, or else where it would be.
  ///
  /// The store is `HOME/agents/ID`; `PARENT/.kaizen/ID` where trees cannot be renamed into the home.
  /// - Throws: `E_PATH_RELATIVE`, `E_PATH_MISSING`, `E_PATH_NOT_FOLDER`.
  public static func locate(
    id: AgentID, root: String, home: String, mode: AttachMode = .directory
  ) throws(KaizenError) -> AgentLayout {
    guard root.hasPrefix("/") else {
      throw KaizenError(
        "E_PATH_RELATIVE", "\"\(root)\" is not an absolute path", hint: "write the whole path")
    }
    let resolved: String
    do { resolved = try Files.resolve(root) } catch {
      throw KaizenError(
        "E_PATH_MISSING", "\"\(root)\" cannot be found: \(error)",
        hint: "check the path's spelling, and that every folder above it can be read")
    }
    if !Files.isDirectory(resolved) {
      throw KaizenError(
        "E_PATH_NOT_FOLDER", "\"\(root)\" is no folder", hint: "an agent is a folder with its files"
      )
    }
    try requireNotOfSystem(resolved)
    try requireOwn(resolved)
    let home = try io(home, "resolving") { () throws(SystemError) in try Files.resolve(home) }
    let place = try attachedRoot(ofTree: resolved) ?? resolved
    let inHome = AgentLayout(id: id, root: place, store: "\(home)/agents/\(id)", mode: mode)
    let beside = AgentLayout(
      id: id, root: place, store: "\(inHome.parent)/.kaizen/\(id)", mode: mode)
    if Files.exists(beside.attachment) { return beside }
    if Files.exists(inHome.attachment) { return inHome }
    try io(inHome.store, "making") { () throws(SystemError) in
      try Files.makeDirectories(inHome.store)
    }
    if try !inHome.isReachableByAgent() { return beside }
    return try inHome.takesTreesFromParent() ? inHome : beside
  }

  /// What the whole system needs at its place.
  /// - Source: https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03.html
  private static let systemFolders: Set = [
    "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt",
    "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib",
    "/usr/local", "/usr/share", "/var", "/var/lib", "/var/tmp",
  ]

  /// Refuses a folder that others than the agent need at its place, before anything is tried beside it.
  private static func requireNotOfSystem(_ path: String) throws(KaizenError) {
    if !systemFolders.contains(path) { return }
    throw KaizenError(
      "E_PATH_REFUSED", "\"\(path)\" is a folder of the system, and would be exchanged as a whole",
      hint: "give the agent a folder of its own")
  }

  /// Refuses another user's folder before anything is tried in it: each failure after that would say
  /// what could not be done, and not why.
  private static func requireOwn(_ path: String) throws(KaizenError) {
    let user = geteuid()
    var status = stat()
    if user == 0 || stat(path, &status) != 0 || status.st_uid == user { return }
    throw KaizenError(
      "E_OWNER", "\"\(path)\" belongs to user \(status.st_uid), and the daemon is user \(user)",
      hint: "run the daemon as the files' owner or as root, or change the owner")
  }

  /// The path that was attached, where `path` is a tree that such a path's link leads to.
  private static func attachedRoot(ofTree path: String) throws(KaizenError) -> String? {
    let names = path.split(separator: "/").suffix(3)
    guard names.count == 3, names.first == "generations", names.last == "tree" else { return nil }
    let store = Files.parent(of: Files.parent(of: Files.parent(of: path)))
    return try Attachment.read(store + "/attachment.json")?.root
  }

  /// Whether the store is beside the agent, and not in Kaizen's home.
  var isBesideAgent: Bool { store.hasPrefix(parent + "/.kaizen/") }

  /// Whether the agent's own user can get to its state in the store: root's home is often closed.
  private func isReachableByAgent() throws(KaizenError) -> Bool {
    try io(root, "looking at") { () throws(SystemError) in
      let owner = try DirectoryHandle(path: root).status().owner
      if owner == geteuid() { return true }
      var path = Files.parent(of: store)
      while path != "/" {
        if try DirectoryHandle(path: path).status().mode & 0o001 == 0 { return false }
        path = Files.parent(of: path)
      }
      return true
    }
  }

  /// Whether a rename from beside the live tree into the store works: it is tried, since neither
  /// device numbers nor mount tables say so for sure (subvolumes, bind mounts).
  private func takesTreesFromParent() throws(KaizenError) -> Bool {
    let probe = "\(probePrefix)\(getpid())"
    let from = parent + "/" + probe
    let to = store + "/" + probe
    if mkdir(from, 0o700) != 0 {
      throw KaizenError(SystemError("mkdir", from), "making a sibling of the agent at", from)
    }
    if rename(from, to) == 0 {
      rmdir(to)
      return true
    }
    let error = SystemError("rename", from)
    rmdir(from)
    if error.code == EXDEV { return false }
    throw KaizenError(error, "moving a folder into", store)
  }
}
