import Linux

/// The files of this package as they are on disk.
struct Repository {
  /// One file, its path relative to the package.
  struct File: Sendable {
    let path: String
    let text: String
    /// The text with comments and strings blanked out; empty where it is no source.
    let source: SourceText

    init(path: String, text: String) {
      self.path = path
      self.text = text
      let isSource = [".swift", ".c", ".h", ".cpp"].contains { path.hasSuffix($0) }
      source = SourceText(isSource ? text : "")
    }

    /// `Sources/Model/Instant.swift` is in the room `Model`.
    var room: String {
      let parts = path.split(separator: "/")
      return parts.count > 2 ? String(parts[1]) : ""
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isSource: Bool { isSwift || isC }
    var isC: Bool { [".c", ".h", ".cpp"].contains { path.hasSuffix($0) } }

    func isBeneath(_ folders: String...) -> Bool {
      folders.contains { path.hasPrefix($0 + "/") }
    }
  }

  /// A rule that is broken somewhere, and what to do about it.
  struct Violation: CustomStringConvertible {
    var path: String
    var line: Int
    var found: String
    var fix: String
    var description: String { "\(path):\(line): \(found); \(fix)" }
  }

  /// Longest file read, in bytes; no file of ours is near it.
  static let fileBytesMax = 8 << 20
  /// What is not ours, or was built.
  private static let skipped: Set<String> = [".build", ".git", ".swiftpm", "__pycache__"]

  /// The folder of Package.swift, three above this file.
  static let root = Files.parent(of: Files.parent(of: Files.parent(of: #filePath)))

  /// Every text file of the package, sorted by path; read once.
  static func files() throws -> [File] { try loaded.get() }

  private static let loaded = Result {
    var found: [File] = []
    try walk("", into: &found)
    return found.sorted { $0.path < $1.path }
  }

  private static func walk(_ folder: String, into found: inout [File]) throws {
    for name in try Files.names(in: root + "/" + folder) where !skipped.contains(name) {
      let path = folder.isEmpty ? name : folder + "/" + name
      let whole = root + "/" + path
      if Files.isDirectory(whole) {
        try walk(path, into: &found)
      } else if Files.exists(whole) {
        let bytes = try Files.read(whole, limit: fileBytesMax)
        if let text = String(validating: bytes, as: UTF8.self) {
          found.append(File(path: path, text: text))
        }
      }
    }
  }
}
