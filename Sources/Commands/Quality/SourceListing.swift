internal import Glibc
internal import Linux
internal import PluginHost

/// The regular files beneath a folder, for scorers to look at.
struct SourceListing {
  /// Files listed; further ones are left out.
  private static let filesMax = 20_000
  /// Folders within each other.
  private static let depthMax = 32
  /// What tools put there and nobody writes.
  private static let passedOver: Set<String> = [
    ".build", ".git", ".hg", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".svn", ".venv",
    "__pycache__", "node_modules",
  ]

  /// What is to be scored.
  let files: AgentFiles
  /// Whether there were more files than are listed.
  let isCut: Bool

  /// The files at an absolute path: those beneath a folder, or the one file.
  init(at path: String) throws(SystemError) {
    guard Files.isDirectory(path) else {
      files = AgentFiles(root: Files.parent(of: path), names: [Files.name(of: path)])
      isCut = false
      return
    }
    var names: [String] = []
    try Self.collect(path, "", 0, &names)
    isCut = names.count > Self.filesMax
    files = AgentFiles(root: path, names: names.prefix(Self.filesMax).sorted())
  }

  /// Links are passed over: what they lead to may lie anywhere.
  private static func collect(
    _ root: String, _ folder: String, _ depth: Int, _ names: inout [String]
  ) throws(SystemError) {
    // Sorted, so that a limit leaves out the same files each time.
    for name in try Files.names(in: root + "/" + folder).sorted() where names.count <= filesMax {
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
