internal import Glibc

/// What this process was started with, byte by byte, for whoever hands it on.
///
/// Arguments, names of files and environments are bytes, and no text (execve(2)): a String of them
/// has another character where they are no UTF-8.
public enum ExactStrings {
  /// The last `count` arguments; nil where there are fewer.
  public static func arguments(last count: Int) -> [[UInt8]]? {
    let first = Int(CommandLine.argc) - count
    if first < 0 { return nil }
    return (first..<Int(CommandLine.argc)).compactMap { index in
      CommandLine.unsafeArgv[index].map { bytes(of: $0) }
    }
  }

  /// The environment, with these variables set, or removed where their value is nil.
  public static func environment(changing changes: [String: String?]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var entry = environ
    while let text = entry.pointee {
      let variable = bytes(of: text)
      let name = String(decoding: variable.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
      if !changes.keys.contains(name) { result.append(variable) }
      entry += 1
    }
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
      if let value { result.append(Array("\(name)=\(value)".utf8)) }
    }
    return result
  }

  private static func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
  }
}
