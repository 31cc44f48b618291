import KaizenPluginSDK

/// A version of digits between dots, with whatever follows them: `13.0`, `1.2.3-rc.1`.
struct ToolVersion: Equatable {
  private static let bytesMax = 64

  let text: String
  private let numbers: [UInt64]
  /// Whether letters follow the digits: a pre-release, as far as anybody can tell.
  let hasSuffix: Bool

  /// Reads a version; nil for what cannot stand in a file as one word.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, (0x30...0x39).contains(first), bytes.count <= Self.bytesMax,
      bytes.allSatisfy(Self.isPart)
    else { return nil }
    self.text = text
    let end = bytes.firstIndex { !(0x30...0x39).contains($0) && $0 != UInt8(ascii: ".") }
    hasSuffix = end != nil
    numbers = bytes[..<(end ?? bytes.count)].split(separator: UInt8(ascii: ".")).map {
      UInt64(String(decoding: $0, as: UTF8.self)) ?? .max
    }
  }

  /// Whether its numbers come before those of `other`; 1.0 and 1.0.0 are the same.
  func isOlder(than other: ToolVersion) -> Bool {
    for index in 0..<max(numbers.count, other.numbers.count) {
      let mine = index < numbers.count ? numbers[index] : 0
      let theirs = index < other.numbers.count ? other.numbers[index] : 0
      if mine != theirs { return mine < theirs }
    }
    return false
  }

  /// Whether a byte can be part of a version.
  static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

/// Which tool is to be raised from which version to which.
struct Upgrade {
  let tool: String
  let declared: ToolVersion
  let target: ToolVersion
  /// The file the analyzer saw it in.
  let file: String?
  let line: Int?

  /// Reads the evidence `{"tool", "declared", "installed", "latest", "file", "line"}`.
  ///
  /// The target is the version installed, with which the tests run, or else the latest.
  init(_ json: String) throws(PluginFailure) {
    let evidence = try JSONNode(parsing: json)
    guard let tool = evidence["tool"]?.string, Self.isName(tool) else {
      throw PluginFailure("the evidence names no tool: expected {\"tool\", \"declared\", …}")
    }
    guard let declared = evidence["declared"]?.string.flatMap({ ToolVersion($0) }) else {
      throw PluginFailure("\(tool): the evidence's \"declared\" is no version such as 1.2.3")
    }
    let offered = ["installed", "latest"].compactMap {
      evidence[$0]?.string.flatMap { ToolVersion($0) }
    }
    guard let target = offered.first(where: { declared.isOlder(than: $0) && !$0.hasSuffix }) else {
      throw PluginFailure(
        "\(tool): neither \"installed\" nor \"latest\" is a release newer than \(declared.text)")
    }
    self.tool = tool
    self.declared = declared
    self.target = target
    file = evidence["file"]?.string
    line = Self.line(in: evidence)
  }

  private static func line(in evidence: JSONNode) -> Int? {
    guard let number = evidence["line"]?.number else { return nil }
    return Int(exactly: number)
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 200
      && name.utf8.allSatisfy { ToolVersion.isPart($0) || $0 == 0x40 || $0 == 0x2F }
  }
}
