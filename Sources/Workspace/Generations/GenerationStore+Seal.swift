import Glibc
import Linux
public import Model

extension GenerationStore {
  /// Ends the changing of a clone and says what it is now.
  ///
  /// What appliers left that is no part of the agent (caches, ignored files) is dropped, and the links
  /// to `state` paths are as in the live tree, whatever was done to them.
  public func seal(_ stage: Stage) throws(KaizenError) -> GenerationManifest {
    let tree = try openStage(stage.number)
    try dropOutside(tree, keepingFoldersOf: stage.base)
    try cloneStateLinks(from: try openRoot(), to: tree)
    let listing = try TreeScanner(paths, reading: .all).scan(tree)
    return GenerationManifest(
      listing, number: stage.number, parent: stage.base.number, origin: .trial, root: stage.root)
  }

  /// Makes sure that the clone is still what `manifest` says, byte by byte.
  /// - Throws: `E_STAGE_CHANGED`, which names what differs.
  public func verify(
    _ stage: Stage, is manifest: GenerationManifest
  ) throws(KaizenError) {
    let changed = try differences(of: try openStage(stage.number), from: manifest)
    if changed.isEmpty { return }
    throw KaizenError(
      "E_STAGE_CHANGED",
      "the clone of agent \"\(layout.id)\" changed after it was sealed: \(listed(changed))",
      hint: "something besides Kaizen writes to \"\(stage.path)\"; the clone is thrown away")
  }

  func differences(
    of tree: borrowing DirectoryHandle, from manifest: GenerationManifest
  ) throws(KaizenError) -> [TreePath] {
    try TreeScanner(paths, reading: .all).scan(tree).differences(from: manifest.entries)
  }

  /// What the appliers did: the clone, which `manifest` describes, against its base.
  public func diff(
    _ stage: Stage, _ manifest: GenerationManifest
  ) throws(KaizenError) -> TreeDiff {
    let tree = try openStage(stage.number)
    var diff = try TreeComparer.compare(
      stage.base.entries, in: try openRoot(), manifest.entries, in: tree)
    let listing = try TreeScanner(paths, reading: .none).scan(tree)
    diff.hazards = listing.specials.map { TreeDiff.Hazard(path: $0.path, what: $0.kind) }
    diff.hazards += listing.privileged.map {
      TreeDiff.Hazard(path: $0, what: "set-user-id or set-group-id")
    }
    for change in diff.changes where change.new?.kind == .link {
      if try escapes(change.path, in: tree) {
        diff.hazards.append(
          TreeDiff.Hazard(path: change.path, what: "a link out of the agent's folder"))
      }
    }
    diff.hazards.sort { $0.path < $1.path }
    return diff
  }

  /// What two generations differ in whose files are there: live, or stored.
  /// - Throws: `E_GENERATION_GONE` where the files of one are not kept any more.
  public func diff(
    from old: GenerationNumber, to new: GenerationNumber
  ) throws(KaizenError) -> TreeDiff {
    try TreeComparer.compare(
      try manifest(old).entries, in: try openTree(old), try manifest(new).entries,
      in: try openTree(new))
  }

  /// Whether a link leads out of `root`, now or once something else is in its way.
  ///
  /// `..` may stand at the front only: behind a name it climbs from wherever that name leads.
  func escapes(
    _ path: TreePath, in root: borrowing DirectoryHandle
  ) throws(KaizenError) -> Bool {
    let target = try io(path) { () throws(SystemError) in
      try root.target(ofLink: path.fileName)
    }
    if target.first == TreePath.slash { return true }
    let parts = target.split(separator: TreePath.slash)
    let climbs = parts.prefix { $0.elementsEqual("..".utf8) }.count
    if climbs >= path.depth { return true }
    if parts.dropFirst(climbs).contains(where: { $0.elementsEqual("..".utf8) }) { return true }
    let stays = try io(path) { () throws(SystemError) in
      try FileDescriptor.staysBeneath(root.descriptor, path.fileName.characters)
    }
    return stays == false
  }

  /// Removes everything from a clone that is no part of a generation.
  ///
  /// A file that is also live has another name there, and stays there.
  func dropOutside(
    _ tree: borrowing DirectoryHandle, keepingFoldersOf manifest: GenerationManifest
  ) throws(KaizenError) {
    let listing = try TreeScanner(paths, reading: .none, outside: true).scan(tree)
    let specials = Set(listing.specials.map(\.path))
    var isGone: Set<TreePath> = []
    for file in listing.outside where !specials.contains(file.path) {
      if let parent = file.path.parent, isGone.contains(parent) {
        isGone.insert(file.path)
        continue
      }
      let parent = file.path.parent ?? .root
      let folder = try io(parent, "opening") { () throws(SystemError) in
        try tree.directory(parent.fileName)
      }
      let time = try io(parent) { () throws(SystemError) in
        try folder.status().modifiedNanoseconds
      }
      try TreeRemover.remove(file.path.name, in: folder, path: file.path.text)
      try io(parent) { () throws(SystemError) in
        try FileProperties.setTime(on: folder.descriptor, time)
      }
      isGone.insert(file.path)
    }
    for path in listing.containers.subtracting(manifest.folders).sorted(by: { $1 < $0 }) {
      try io(path, "removing") { () throws(SystemError) in
        do throws(SystemError) { try tree.remove(path.fileName, isDirectory: true) } catch {
          if error.code != ENOTEMPTY && error.code != EEXIST { throw error }
        }
      }
    }
  }

  /// The files of a generation, live or stored.
  func openTree(_ number: GenerationNumber) throws(KaizenError) -> DirectoryHandle {
    let live = try liveRoot()
    let tree = try identity(of: layout.tree(number))
    let liveNumber = try live.flatMap { root throws(KaizenError) in
      try record(ofRoot: root)?.number
    }
    // A managed live tree that was edited is another generation's by now.
    if let tree, tree.inode != live?.inode || liveNumber == number {
      return try io(layout.tree(number), "opening") { () throws(SystemError) in
        try DirectoryHandle(path: layout.tree(number))
      }
    }
    if liveNumber == number { return try openRoot() }
    throw KaizenError(
      "E_GENERATION_GONE",
      "the files of generation \(number) of agent \"\(layout.id)\" are not kept",
      hint: "`kaizen generations \(layout.id)` shows which are")
  }
}
