internal import Glibc
internal import Linux
internal import PluginHost

/// The regular files beneath a folder, for scorers to look at.
enum SourceListing {
  /// Files listed; further ones are left out.
  private static let filesMax = 20_000
  /// Folders within each other.
  private static let depthMax = 32
  /// What tools put there and nobody writes.
  private static let passedOver: Set<String> = [
    ".build", ".git", ".hg", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".svn", ".venv",
    "__pycache__", "node_modules",
  ]

  /// The files at an absolute path: those beneath a folder, or the one file.
  static func files(at path: String) throws(SystemError) -> AgentFiles {
    guard Files.isDirectory(path) else {
      return AgentFiles(root: Files.parent(of: path), names: [Files.name(of: path)])
    }
    var names: [String] = []
    try collect(path, "", 0, &names)
    return AgentFiles(root: path, names: names.sorted())
  }

  /// Links are passed over: what they lead to may lie anywhere.
  private static func collect(
    _ root: String, _ folder: String, _ depth: Int, _ names: inout [String]
  ) throws(SystemError) {
    for name in try Files.names(in: root + "/" + folder) where names.count < filesMax {
      let path = folder.isEmpty ? name : folder + "/" + name
      var status = stat()
      if lstat(root + "/" + path, &status) != 0 { continue }  // gone meanwhile
      switch status.st_mode & S_IFMT {
      case S_IFREG: names.append(path)
      case S_IFDIR where depth < depthMax && !passedOver.contains(name):
        try collect(root, path, depth + 1, &names)
      default: break
      }
    }
  }
}
