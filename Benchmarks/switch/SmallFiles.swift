import Glibc
import Linux

/// Files as an agent has them: small, a hundred to a folder.
enum SmallFiles {
  private static let folderFileCount = 100
  private static let lineCount = 32

  /// Writes `count` files beneath `folder`, and a `config.json` that says `seed`.
  static func write(_ count: Int, in folder: String, seed: Int = 0) throws {
    try Files.makeDirectories(folder, mode: 0o755)
    let line = "a line of thirty-two characters\n"
    let bytes = Array(String(repeating: line, count: lineCount).utf8)
    for number in 0..<max(0, count - 1) {
      let place = "\(folder)/part\(number / folderFileCount)"
      if number % folderFileCount == 0 { try Files.makeDirectories(place, mode: 0o755) }
      try write(bytes, to: "\(place)/file\(number).txt")
    }
    try write(Array("{\"seed\": \(seed)}\n".utf8), to: folder + "/config.json")
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
    try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644).writeAll(bytes)
  }
}
