/// Paths beneath a folder, taken apart byte by byte.
///
/// By bytes, since Swift's characters are wider: in "../\u{301}x" the slash and the accent are one
/// character, and a split by characters would see no ".." there. The kernel does.
enum RelativePath {
  private static let slash = UInt8(ascii: "/")

  /// The parts between slashes, empty ones and `.` left out.
  static func parts(_ path: String) -> [String] {
    path.utf8.split(separator: slash).map { String(decoding: $0, as: UTF8.self) }
      .filter { $0 != "." }
  }

  /// The path without `.` and doubled slashes; nil where it is absolute, empty or leads upwards.
  static func normal(_ path: String) -> String? {
    let parts = parts(path)
    if path.utf8.first == slash || parts.isEmpty || parts.contains("..") { return nil }
    return path.utf8.contains(0) ? nil : parts.joined(separator: "/")
  }

  /// What follows `folder` and a slash in `path`; nil where it is not beneath it.
  static func beneath(_ folder: String, _ path: String) -> String? {
    let prefix = Array(folder.utf8) + [slash]
    guard path.utf8.starts(with: prefix) else { return nil }
    return String(decoding: path.utf8.dropFirst(prefix.count), as: UTF8.self)
  }

  /// A program with a slash that is no absolute path comes with the bundle.
  static func isBundled(_ program: String) -> Bool {
    program.utf8.contains(slash) && program.utf8.first != slash
  }
}
