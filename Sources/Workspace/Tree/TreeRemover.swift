import Glibc
import Linux
import Model

/// Removes trees, however deep, and never leaves them by a link or a mount.
struct TreeRemover {
  /// Folders held open at a time; deeper ones are first moved up.
  static let depthMax = 100
  private var raised = 0

  /// Removes `name` in `parent` with all it holds; nothing where nothing is there.
  /// - Complexity: O(n) for n files; meant for a thread in the background.
  static func remove(
    _ name: FileName, in parent: borrowing DirectoryHandle, path: String
  ) throws(KaizenError) {
    try io(path, "removing") { () throws(SystemError) in
      var remover = TreeRemover()
      try remover.remove(name, in: parent, depth: 0, top: parent)
      var next = 0
      while next < remover.raised {
        try remover.remove(Self.raisedName(next), in: parent, depth: 0, top: parent)
        next += 1
      }
    }
  }

  private static func raisedName(_ number: Int) -> FileName { FileName(".deep-\(number)") }

  private mutating func remove(
    _ name: FileName, in parent: borrowing DirectoryHandle, depth: Int,
    top: borrowing DirectoryHandle
  ) throws(SystemError) {
    guard let status = try parent.status(name) else { return }
    if status.kind != .directory { return try parent.remove(name) }
    if depth >= Self.depthMax {
      try parent.move(name, into: top, as: Self.raisedName(raised))
      raised += 1
      return
    }
    // Whoever is not root needs these bits to empty a folder; it goes away anyway.
    if status.mode & 0o700 != 0o700 { fchmodat(parent.descriptor.raw, name.characters, 0o700, 0) }
    do {
      let folder = try parent.directory(name)
      for inner in try folder.names() {
        try remove(inner, in: folder, depth: depth + 1, top: top)
      }
    }
    try parent.remove(name, isDirectory: true)
  }
}
