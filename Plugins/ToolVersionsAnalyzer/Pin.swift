import KaizenPluginSDK

/// A version that one of the agent's files holds a tool to.
struct Pin {
  /// Files that are read.
  private static let filesMax = 50
  /// Bytes of one file.
  private static let bytesMax = 1 << 20

  var tool: String
  var version: String
  var file: String
  var line: Int

  /// The pins of all files, in the order of the files.
  static func all(in tree: borrowing Tree, _ host: Host) throws(PluginFailure) -> [Pin] {
    let files = tree.files.filter { isToolVersions($0) || isRequirements($0) }
    var pins: [Pin] = []
    for file in files.prefix(filesMax) {
      try host.checkStop()
      // A link, or a file that is gone or too long, pins nothing that could be raised.
      guard let bytes = try? tree.read(file, limit: bytesMax) else { continue }
      let lines = String(decoding: bytes, as: UTF8.self)
        .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (index, line) in lines.enumerated() {
        guard let (tool, version) = isToolVersions(file) ? words(line) : requirement(line) else {
          continue
        }
        pins.append(Pin(tool: tool, version: version, file: file, line: index + 1))
      }
    }
    return pins
  }

  /// Names compare as packages do: without case, `-`, `_` and `.` being one.
  /// Source: https://packaging.python.org/en/latest/specifications/name-normalization/
  func isOf(_ name: String) -> Bool { Self.normal(tool) == Self.normal(name) }

  private static func normal(_ name: String) -> String {
    name.lowercased().split { "-_.".contains($0) }.joined(separator: "-")
  }

  private static func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }

  private static func isToolVersions(_ path: String) -> Bool { name(path) == ".tool-versions" }

  private static func isRequirements(_ path: String) -> Bool {
    name(path).hasPrefix("requirements") && name(path).hasSuffix(".txt")
  }

  /// asdf and mise: `ripgrep 13.0 # why`; further versions stand in for the first.
  /// Source: https://asdf-vm.com/manage/configuration.html#tool-versions
  private static func words(_ line: Substring) -> (String, String)? {
    let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
    guard words.count >= 2, ToolVersion(String(words[1])) != nil else { return nil }
    return (String(words[0]), String(words[1]))
  }

  /// pip: `name[extra]==1.2.3 ; marker`; ranges, several conditions and wildcards pin nothing.
  /// Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/
  private static func requirement(_ line: Substring) -> (String, String)? {
    let isPart: (Character) -> Bool = {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-_.+!".contains($0))
    }
    var rest = line.drop { $0 == " " || $0 == "\t" }
    let tool = rest.prefix(while: isPart)
    rest = rest.dropFirst(tool.count)
    if rest.first == "[", let close = rest.firstIndex(of: "]") { rest = rest[close...].dropFirst() }
    rest = rest.drop { $0 == " " }
    guard !tool.isEmpty, rest.hasPrefix("=="), !rest.hasPrefix("===") else { return nil }
    rest = rest.dropFirst(2).drop { $0 == " " }
    let version = rest.prefix(while: isPart)
    let next = rest.dropFirst(version.count).first { $0 != " " }
    guard ToolVersion(String(version)) != nil, next == nil || next == "#" || next == ";" else {
      return nil
    }
    return (String(tool), String(version))
  }
}
