import Glibc
import Linux
public import Model

extension GenerationStore {
  /// Most attempts to clone a tree that is being written.
  static let cloneAttemptCountMax = 3

  /// Clones the live tree, which must equal `base`, to a sibling of it.
  /// - Parameter number: the number the clone gets; the next free one by default.
  /// - Throws: `E_BASE_MOVED` where the live tree was edited, `E_AGENT_BUSY` where it kept changing
  ///   under three attempts, `E_CLONE_TOO_BIG`, `E_NO_SPACE`; nothing is left behind then.
  public func clone(
    _ base: GenerationManifest, as number: GenerationNumber? = nil
  ) throws(KaizenError) -> Stage {
    let volume = try Volume(layout)
    let number = if let number { number } else { try nextNumber() }
    var busy: KaizenError?
    for _ in 0..<Self.cloneAttemptCountMax {
      do { return try attempt(base, number, volume) } catch {
        if error.code != "E_AGENT_BUSY" { throw error }
        busy = error
      }
    }
    throw busy
      ?? KaizenError("E_AGENT_BUSY", "agent \"\(layout.id)\" changed while it was cloned")
  }

  private func attempt(
    _ base: GenerationManifest, _ number: GenerationNumber, _ volume: Volume
  ) throws(KaizenError) -> Stage {
    let live = try openRoot()
    let before = try TreeScanner(
      paths,
      reading: .changed(since: base.entries, takenAtNanoseconds: base.takenAtNanoseconds)
    ).scan(live)
    let moved = before.differences(from: base.entries)
    if !moved.isEmpty { throw Self.baseMoved(layout, base.number, moved) }
    let root = try makeStage(number)
    do throws(KaizenError) {
      let target = try openStage(number)
      let cloner = TreeCloner(method: try TreeCloner.probe(target))
      try cloner.checkSpace(before, on: target, root: layout.root)
      try cloner.clone(before, from: live, to: target)
      try cloneStateLinks(from: live, to: target)
      try io(layout.stage(number), "cloning") { () throws(SystemError) in
        try FileProperties.set(
          on: target.descriptor, as: TreeEntry(.root, .directory, try live.status()),
          attributes: try ExtendedAttributes.read(live.descriptor))
      }
      let after = try TreeScanner(paths, reading: .none).scan(live)
      let changed = after.changes(since: before)
      if !changed.isEmpty { throw Self.busy(layout, changed) }
      let liveRoot = FileIdentity(
        try io(layout.root, "looking at") { () throws(SystemError) in try live.status() })
      return Stage(
        path: treePath(of: layout.stage(number)), number: number, base: base, baseRoot: liveRoot,
        root: root,
        method: cloner.method, warnings: Self.warnings(before), volume: volume)
    } catch {
      try discard(number)
      throw error
    }
  }

  private static func busy(_ layout: AgentLayout, _ paths: [TreePath]) -> KaizenError {
    KaizenError(
      "E_AGENT_BUSY",
      "agent \"\(layout.id)\" wrote to its own files while they were cloned: \(listed(paths))",
      hint: "list what it writes under \"state\" or \"ignore\", or try when it is quiet")
  }

  static func warnings(_ listing: TreeListing) -> [String] {
    listing.specials.map { "\"\($0.path)\" is \($0.kind): kept, but no part of generations" }
      + listing.privileged.map { "\"\($0)\" loses set-user-id and set-group-id in every clone" }
  }

  /// Makes the empty clone, and the marker that says it is ours.
  private func makeStage(_ number: GenerationNumber) throws(KaizenError) -> FileIdentity {
    let path = layout.stage(number)
    if Files.exists(path) {
      throw KaizenError(
        "E_STAGE_EXISTS", "there is something at \"\(path)\" already",
        hint: "restart the daemon: it removes clones that were left over; remove what is not one")
    }
    let isManaged = layout.mode == .managed
    let tree = isManaged ? layout.tree(number) : path
    if isManaged { try makeGenerationFolder(number) }
    do {
      let root = try io(tree, "making") { () throws(SystemError) in
        try Files.makeDirectories(layout.stages)
        if mkdir(tree, 0o700) != 0 { throw SystemError("mkdir", tree) }
        let root = FileIdentity(try DirectoryHandle(path: tree).status())
        try Files.replace(layout.stageMarker(number), with: "\(root.inode)".utf8)
        return root
      }
      if isManaged { try makeLink(at: path, to: number) }
      return root
    } catch {
      rmdir(tree)
      if isManaged { rmdir(layout.generation(number)) }
      forgetMarker(number)
      throw error
    }
  }

  func openStage(_ number: GenerationNumber) throws(KaizenError) -> DirectoryHandle {
    let path = treePath(of: layout.stage(number))
    return try io(path, "opening") { () throws(SystemError) in try DirectoryHandle(path: path) }
  }

  /// The inode of the clone of that number, as noted when it was made; nil where none is.
  func markedInode(_ number: GenerationNumber) -> UInt64? {
    // No marker, or a torn one: then nothing says that the folder is ours, and it stays.
    (try? Files.read(layout.stageMarker(number), limit: 64)).flatMap {
      UInt64(String(decoding: $0, as: UTF8.self))
    }
  }

  /// Makes the links that lead to `state` paths in the clone as they are in the live tree.
  func cloneStateLinks(
    from live: borrowing DirectoryHandle, to target: borrowing DirectoryHandle
  ) throws(KaizenError) {
    for path in paths.state {
      try io(path, "cloning") { () throws(SystemError) in
        guard let status = try live.status(path.fileName), status.kind == .link,
          try target.status(path.fileName) == nil
        else { return }
        var above = path.parent
        var missing: [TreePath] = []
        while let folder = above, try target.status(folder.fileName) == nil {
          missing.append(folder)
          above = folder.parent
        }
        for folder in missing.reversed() {
          let original = try live.directory(folder.fileName)
          try target.makeDirectory(folder.fileName)
          try TreeCloner.setProperties(
            TreeEntry(folder, .directory, try original.status()), from: live, to: target)
        }
        try target.makeLink(path.fileName, to: try live.target(ofLink: path.fileName))
        try FileProperties.set(
          onLink: path.fileName, in: target, as: TreeEntry(path, .link, status))
      }
    }
  }
}
