import Glibc
import Linux
import Model

/// Moves an agent's `state` paths between its folder and the store.
///
/// The link is made in the store first, leading to its own place, and then exchanged with the file in
/// one step: at no moment is the path missing, or a link to nothing. Each step may be repeated or
/// undone after a crash, by looking at what is where.
struct StateMover {
  let layout: AgentLayout

  /// What is to become of `path`, by what is there now.
  func plan(
    _ path: TreePath, in live: borrowing DirectoryHandle
  ) throws(KaizenError) -> Attachment.State {
    try io(path) { () throws(SystemError) in
      if let status = try live.status(path.fileName) {
        if status.kind != .link { return Attachment.State(path: path, origin: .moved) }
        let folder = try live.directory((path.parent ?? .root).fileName)
        let isOurs = try isOurLink(path.name, path, in: folder)
        return Attachment.State(path: path, origin: isOurs ? .linked : .left)
      }
      guard let parent = path.parent, try live.status(parent.fileName)?.kind == .directory else {
        return Attachment.State(path: path, origin: .left)
      }
      // "memory.db" will be a file, "logs" a folder: the name is all there is to go by.
      let hasSuffix = path.name.bytes.dropFirst().contains(UInt8(ascii: "."))
      return Attachment.State(path: path, origin: hasSuffix ? .awaited : .madeFolder)
    }
  }

  /// Refuses to move a path to where the state of an agent lies that was removed after its folder.
  func requireRoom(for states: [Attachment.State]) throws(KaizenError) {
    for state in states where state.origin != .left && state.origin != .linked {
      let place = layout.state(of: state.path.text)
      var status = stat()
      // Not a link: those are made by attaching, and a crash may leave one.
      if lstat(place, &status) != 0 || status.st_mode & S_IFMT == S_IFLNK { continue }
      throw KaizenError(
        "E_STATE_LEFT",
        "\"\(place)\" is left of an agent \"\(layout.id)\" that was removed when its folder was gone",
        hint: "move it to \(layout.root)/\(state.path) to go on with it, or away")
    }
  }

  /// Moves one path out of `live`, its database's companions with it, and leaves a link.
  func move(
    _ state: Attachment.State, from live: borrowing DirectoryHandle
  ) throws(KaizenError) {
    if state.origin == .left { return }
    try io(state.path, "moving to the store") { () throws(SystemError) in
      let folder = try live.directory((state.path.parent ?? .root).fileName)
      let store = try openStore(state.path)
      let name = state.path.name
      let target = Array(layout.state(of: state.path.text).utf8)
      switch state.origin {
      case .left: break
      case .linked:
        // Nothing but the link is left where the folder it led to was empty.
        let isFolder = !name.bytes.dropFirst().contains(UInt8(ascii: "."))
        if try store.status(name) == nil, isFolder { try makeFolder(name, store, like: folder) }
      case .moved:
        if try store.status(name) == nil { try store.makeLink(name, to: target) }
        for companion in companions(name) where try folder.status(companion) != nil {
          try folder.move(companion, into: store, as: companion)
        }
        try Files.exchange(
          folder.descriptor, name.characters, store.descriptor, name.characters)
      case .madeFolder:
        try makeFolder(name, store, like: folder)
        try folder.makeLink(name, to: target)
      case .awaited: try folder.makeLink(name, to: target)
      }
      try store.sync()
      try folder.sync()
    }
  }

  private func makeFolder(
    _ name: FileName, _ store: borrowing DirectoryHandle, like folder: borrowing DirectoryHandle
  ) throws(SystemError) {
    try store.makeDirectory(name, mode: 0o755)
    let made = try store.directory(name)
    let owner = try folder.status()
    try FileProperties.setOwner(on: made.descriptor, owner.owner, owner.group)
  }

  /// The reverse of `move`, wherever that got to.
  func moveBack(
    _ state: Attachment.State, to live: borrowing DirectoryHandle
  ) throws(KaizenError) {
    if state.origin == .left { return }
    try io(state.path, "moving back from the store") { () throws(SystemError) in
      guard try live.status((state.path.parent ?? .root).fileName)?.kind == .directory else {
        return
      }
      let folder = try live.directory((state.path.parent ?? .root).fileName)
      let store = try openStore(state.path)
      let name = state.path.name
      let isOut = try isOurLink(name, state.path, in: folder)
      if let kept = try store.status(name) {
        if try isOurLink(name, state.path, in: store) {
          try store.remove(name)  // never exchanged, or exchanged back already
        } else if isOut {
          try bringBack(state, name, isFolder: kept.kind == .directory, from: store, to: folder)
        }
      } else if isOut {
        try folder.remove(name)  // awaited, and it never came
      }
      for companion in companions(name) where try store.status(companion) != nil {
        try store.move(companion, into: folder, as: companion)
      }
      try folder.sync()
      try store.sync()
    }
  }

  private func bringBack(
    _ state: Attachment.State, _ name: FileName, isFolder: Bool,
    from store: borrowing DirectoryHandle, to folder: borrowing DirectoryHandle
  ) throws(SystemError) {
    if [.madeFolder, .linked].contains(state.origin) && isFolder {
      if unlinkat(store.descriptor.raw, name.characters, AT_REMOVEDIR) == 0 {
        return try folder.remove(name)
      }
    }
    try Files.exchange(store.descriptor, name.characters, folder.descriptor, name.characters)
    try store.remove(name)
  }

  private func isOurLink(
    _ name: FileName, _ path: TreePath, in folder: borrowing DirectoryHandle
  ) throws(SystemError) -> Bool {
    guard let status = try folder.status(name), status.kind == .link else { return false }
    return try folder.target(ofLink: name) == Array(layout.state(of: path.text).utf8)
  }

  private func companions(_ name: FileName) -> [FileName] {
    PathSet.databaseSuffixes.map { FileName(bytes: name.bytes + Array($0.utf8)) }
  }

  /// The folder of the store that holds `path`; others than its owner may pass through it.
  private func openStore(_ path: TreePath) throws(SystemError) -> DirectoryHandle {
    let folder = Files.parent(of: layout.state(of: path.text))
    try Files.makeDirectories(folder, mode: 0o711)
    return try DirectoryHandle(path: folder)
  }
}
