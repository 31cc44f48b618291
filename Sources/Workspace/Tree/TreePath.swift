public import Model

extension PathPattern {
  /// Whether the path as a whole matches.
  public func matches(_ path: TreePath) -> Bool { matches(path.bytes) }
}

/// The path of a file beneath a root: its bytes, without a leading slash.
///
/// Names on Linux are bytes. Keeping them as such lets a name that is not UTF-8 survive a clone, and
/// keeps two names apart that Swift's `String` holds equal (é as one scalar, and as two).
public struct TreePath: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The bytes, components joined by `/`; empty for the root itself.
  public let bytes: [UInt8]

  /// The path of those bytes.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// The path that `text` spells in UTF-8; slashes at either end are dropped.
  public init(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while bytes.first == Self.slash { bytes.removeFirst() }
    while bytes.last == Self.slash { bytes.removeLast() }
    self.bytes = Array(bytes)
  }

  static let slash = UInt8(ascii: "/")
  static let root = TreePath(bytes: [])

  /// The path as text, lossless: what is not UTF-8, and `\` itself, stands as `\xHH`.
  public var text: String {
    if !bytes.contains(UInt8(ascii: "\\")), let text = String(validating: bytes, as: UTF8.self) {
      return text
    }
    return escaped()
  }

  /// The path that `text` stands for; the reverse of `text`.
  public init?(text: String) {
    guard text.utf8.contains(UInt8(ascii: "\\")) else {
      self.init(bytes: Array(text.utf8))
      return
    }
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    var index = 0
    while index < source.count {
      if source[index] != UInt8(ascii: "\\") {
        bytes.append(source[index])
        index += 1
        continue
      }
      guard index + 3 < source.count, source[index + 1] == UInt8(ascii: "x"),
        let byte = UInt8(
          String(decoding: source[(index + 2)...(index + 3)], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
      index += 4
    }
    self.init(bytes: bytes)
  }

  /// As `text`.
  public var description: String { text }

  /// In the order of the bytes: a folder always before what it holds.
  public static func < (a: TreePath, b: TreePath) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }

  /// The folder it is in; nil for the root itself.
  var parent: TreePath? {
    if bytes.isEmpty { return nil }
    guard let cut = bytes.lastIndex(of: Self.slash) else { return .root }
    return TreePath(bytes: Array(bytes[..<cut]))
  }

  /// The last component, ready for a system call.
  var name: FileName { FileName(bytes: bytes[((bytes.lastIndex(of: Self.slash) ?? -1) + 1)...]) }

  /// The whole path, ready for a system call; `.` for the root.
  var fileName: FileName { FileName(bytes: bytes.isEmpty ? [UInt8(ascii: ".")] : bytes) }

  /// Components beneath the root.
  var depth: Int { bytes.isEmpty ? 0 : bytes.count { $0 == Self.slash } + 1 }

  func appending(_ name: FileName) -> TreePath {
    TreePath(bytes: bytes.isEmpty ? name.bytes : bytes + [Self.slash] + name.bytes)
  }

  /// Whether it is `folder` or beneath it.
  func isWithin(_ folder: TreePath) -> Bool {
    folder.bytes.isEmpty
      || bytes.starts(with: folder.bytes)
        && (bytes.count == folder.bytes.count || bytes[folder.bytes.count] == Self.slash)
  }

  private func escaped() -> String {
    var text = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      // A scalar has at most four bytes; the shortest prefix that decodes is the next one.
      let scalar = (1...4).lazy.compactMap { length in
        rest.count < length ? nil : String(validating: rest.prefix(length), as: UTF8.self)
      }.first
      if let scalar, scalar != "\\" {
        text += scalar
        rest.removeFirst(scalar.utf8.count)
      } else {
        let digits = String(rest.removeFirst(), radix: 16)
        text += "\\x" + (digits.utf8.count == 1 ? "0" + digits : digits)
      }
    }
    return text
  }
}

/// One name, or a relative path, with the NUL that system calls want behind it.
struct FileName: Hashable, Sendable {
  /// With the NUL.
  let characters: [CChar]

  init(bytes: some Sequence<UInt8>) { characters = bytes.map(CChar.init(bitPattern:)) + [0] }
  init(_ text: String) { self.init(bytes: text.utf8) }

  var bytes: [UInt8] { characters.dropLast().map(UInt8.init(bitPattern:)) }
  /// For messages.
  var text: String { TreePath(bytes: bytes).text }
}
