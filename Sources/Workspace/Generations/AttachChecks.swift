import Glibc
import Linux
import Model

/// What must hold of a folder before it is attached.
struct AttachChecks {
  /// Longest name of an agent's folder, in bytes: `.NAME.next-N` must still be a name (255).
  static let nameByteCountMax = 230
  /// statfs(2) numbers of file systems that keep nothing, or not surely, through a power cut.
  static let weakFileSystems: [Int64: String] = [
    0x0102_1994: "tmpfs", 0x794c_7630: "overlayfs", 0x6969: "NFS", 0xFF53_4D42: "SMB",
  ]

  let layout: AgentLayout
  let paths: PathSet

  /// Everything that can be said without walking the tree.
  func check(others: [String], home: String) throws(KaizenError) {
    guard paths.coversRoot else {
      let globs = paths.paths.map { "\"\($0.text)\"" }.joined(separator: ", ")
      throw KaizenError(
        "E_ATTACH_MODE",
        "mode \(layout.mode.rawValue) switches \"\(layout.root)\" as a whole, and \"paths\" is \(globs)",
        hint: "set \"paths\" to [\"**\"] and list what is not the agent's under \"ignore\"")
    }
    try checkPlace(others: others, home: home)
    try checkName()
    try checkMount()
    try checkExchange()
  }

  private func checkPlace(others: [String], home: String) throws(KaizenError) {
    let root = layout.root
    let own = getenv("HOME").map { String(cString: $0) } ?? ""
    for (place, what) in [("/", "the root of all files"), (own, "a home directory")]
    where !place.isEmpty && resolved(place) == root {
      throw KaizenError(
        "E_PATH_REFUSED", "\"\(root)\" is \(what)", hint: "give the agent a folder of its own")
    }
    for (place, what) in [(home, "Kaizen's home"), (layout.store, "the agent's store")] {
      if Self.overlap(root, resolved(place)) {
        throw KaizenError(
          "E_PATH_REFUSED", "\"\(root)\" and \(what) \"\(place)\" are one in the other",
          hint: "keep them apart")
      }
    }
    // A managed agent's path is a link: neither the link nor where it leads may be taken.
    for other in others where Self.overlap(root, resolved(other)) || Self.overlap(root, other) {
      throw KaizenError(
        "E_PATH_TAKEN",
        "\"\(root)\" and the agent at \"\(other)\" are one in the other, and each switches its "
          + "folder as a whole",
        hint: "give each agent a folder of its own")
    }
  }

  private func resolved(_ path: String) -> String {
    // What does not exist overlaps by its text.
    (try? Files.resolve(path)) ?? path
  }

  /// Whether one is the other, or in it.
  static func overlap(_ one: String, _ other: String) -> Bool {
    let (a, b) = (TreePath(one), TreePath(other))
    return a.isWithin(b) || b.isWithin(a)
  }

  private func checkName() throws(KaizenError) {
    if layout.name.utf8.count > Self.nameByteCountMax {
      throw KaizenError(
        "E_PATH_REFUSED",
        "the name \"\(layout.name.prefix(40))…\" has \(layout.name.utf8.count) bytes, at most "
          + "\(Self.nameByteCountMax) leave room for a clone's", hint: "rename the folder")
    }
  }

  /// A mount point cannot be renamed.
  private func checkMount() throws(KaizenError) {
    do throws(SystemError) {
      _ = try DirectoryHandle(path: layout.parent).directory(FileName(layout.name))
    } catch {
      if error.code == EXDEV {
        throw KaizenError(
          "E_CROSS_DEVICE", "\"\(layout.root)\" is a mount point, and cannot be exchanged",
          hint: "attach a folder beneath it")
      }
      throw KaizenError(error, "opening", layout.root)
    }
  }

  /// Does once, with two empty folders beside the agent, what a switch will do.
  private func checkExchange() throws(KaizenError) {
    let probes = ["a", "b"].map { FileName("\(layout.probePrefix)\(getpid())-\($0)") }
    let parent = try io(layout.parent, "opening") { () throws(SystemError) in
      try DirectoryHandle(path: layout.parent)
    }
    // Best effort: two empty folders are all that could stay.
    defer {
      for probe in probes { unlinkat(parent.descriptor.raw, probe.characters, AT_REMOVEDIR) }
    }
    try io(layout.parent, "making a sibling of the agent in") { () throws(SystemError) in
      for probe in probes { try parent.makeDirectory(probe) }
    }
    do {
      try Files.exchange(
        parent.descriptor, probes[0].characters, parent.descriptor, probes[1].characters)
    } catch {
      throw KaizenError(
        "E_NO_ATOMIC_SWAP",
        "the file system of \"\(layout.parent)\" cannot exchange two folders: \(error)",
        hint: "put the agent on ext4, xfs or btrfs")
    }
    try io(layout.parent, "probing for hard links in") { () throws(SystemError) in
      let (one, other) = (FileName("one"), FileName("other"))
      let folder = try parent.directory(probes[0])
      _ = try folder.newFile(one)
      defer { unlinkat(folder.descriptor.raw, one.characters, 0) }
      try folder.link(one, into: folder, as: other)
      try folder.remove(other)
    }
  }

  /// Walks the tree once: everything in it must be on this file system, and the daemon's to copy.
  /// - Returns: what its owner should know.
  func inspect(_ live: borrowing DirectoryHandle) throws(KaizenError) -> [String] {
    let listing = try TreeScanner(paths, reading: .none, outside: true).scan(live)
    let user = geteuid()
    if user != 0 {
      let root = try io(layout.root, "looking at") { () throws(SystemError) in
        try live.status()
      }
      let owners =
        [(TreePath("."), root.owner)] + listing.entries.map { ($0.path, $0.owner) }
        + listing.outside.map { ($0.path, $0.status.owner) }
      if let foreign = owners.first(where: { $0.1 != user }) {
        throw KaizenError(
          "E_OWNER",
          "\"\(foreign.0)\" of agent \"\(layout.id)\" belongs to user \(foreign.1), and the daemon is "
            + "user \(user)",
          hint: "run the daemon as the files' owner or as root, or change the owner")
      }
    }
    var warnings: [String] = []
    let type = try io(layout.root, "looking at") { () throws(SystemError) in
      try live.descriptor.fileSystemType()
    }
    if let name = Self.weakFileSystems[type] {
      warnings.append(
        "W_DURABILITY_WEAK: \"\(layout.root)\" is on \(name): a switch survives a crash of the "
          + "daemon, but maybe no power cut")
    }
    for link in listing.entries where link.kind == .link {
      let stays = try io(link.path) { () throws(SystemError) in
        try FileDescriptor.staysBeneath(live.descriptor, link.path.fileName.characters)
      }
      if stays == false { warnings.append("\"\(link.path)\" is a link out of the agent's folder") }
    }
    return warnings
  }
}
