import KaizenPluginSDK

/// A sort of file that pins versions, known by its name.
enum PinFile: Equatable {
  /// asdf and mise: `tool version [version…]` a line.
  /// Source: https://asdf-vm.com/manage/configuration.html#tool-versions
  case toolVersions
  /// pip: `name[extras]==version ; marker`.
  /// Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/
  case requirements
  /// npm: exact versions among the dependencies.
  case package
  /// A version alone, of the tool named here: `.python-version`, `.nvmrc`.
  case single([String])

  /// What was found of a pin.
  enum Found: Equatable {
    case absent
    /// It is there and may not be changed, with the reason.
    case refused(String)
    /// The bytes of its version.
    case pinned(Range<Int>)
  }

  init?(_ path: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let isText = name.hasSuffix(".txt") || name.hasSuffix(".in")
    switch name {
    case ".tool-versions": self = .toolVersions
    case "package.json": self = .package
    case ".python-version": self = .single(["python", "python3"])
    case ".nvmrc", ".node-version": self = .single(["node", "nodejs"])
    case ".ruby-version": self = .single(["ruby"])
    case ".terraform-version": self = .single(["terraform"])
    case _ where isText && (name.hasPrefix("requirements") || name.hasPrefix("constraints")):
      self = .requirements
    default: return nil
    }
  }

  /// A file beside it that repeats the pin with digests.
  var lock: String? { self == .package ? "package-lock.json" : nil }

  /// Finds the one pin of the tool at the declared version.
  func find(_ upgrade: Upgrade, in bytes: [UInt8], near line: Int?) -> Found {
    if self == .package { return Self.findInPackage(upgrade, bytes) }
    var found: [(line: Int, found: Found)] = []
    var start = 0
    var number = 1
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let pin = find(upgrade, inLine: bytes[start..<end])
      if pin != .absent { found.append((number, pin)) }
      start = end + 1
      number += 1
    }
    if let line, let exact = found.first(where: { $0.line == line }) { return exact.found }
    guard let first = found.first else { return .absent }
    return found.count == 1 ? first.found : .refused("pins it on \(found.count) lines")
  }

  private func find(_ upgrade: Upgrade, inLine line: ArraySlice<UInt8>) -> Found {
    switch self {
    case .toolVersions: Self.findWord(upgrade, line)
    case .requirements: Self.findRequirement(upgrade, line)
    case .single(let tools):
      tools.contains(upgrade.tool.lowercased()) ? Self.findAlone(upgrade, line) : .absent
    case .package: .absent
    }
  }

  // MARK: - Lines

  /// `ripgrep 13.0 12.1 # why`: the first version is the one used, the others stand in for it.
  private static func findWord(_ upgrade: Upgrade, _ line: ArraySlice<UInt8>) -> Found {
    let words = words(line.prefix { $0 != UInt8(ascii: "#") })
    guard words.count >= 2, words[0].elementsEqual(upgrade.tool.utf8) else { return .absent }
    guard let pin = words.dropFirst().first(where: { $0.elementsEqual(upgrade.declared.text.utf8) })
    else { return .absent }
    return pin.startIndex == words[1].startIndex
      ? .pinned(pin.indices) : .refused("\(upgrade.declared.text) only stands in for another")
  }

  /// A line that holds nothing but the version, perhaps with a `v` before it.
  private static func findAlone(_ upgrade: Upgrade, _ line: ArraySlice<UInt8>) -> Found {
    let words = words(line.prefix { $0 != UInt8(ascii: "#") })
    guard words.count == 1, var word = words.first else { return .absent }
    if word.first == UInt8(ascii: "v") { word = word.dropFirst() }
    return word.elementsEqual(upgrade.declared.text.utf8) ? .pinned(word.indices) : .absent
  }

  private static func findRequirement(_ upgrade: Upgrade, _ line: ArraySlice<UInt8>) -> Found {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    var rest = line.drop(while: isBlank)
    let name = rest.prefix { ToolVersion.isPart($0) && $0 != UInt8(ascii: "+") }
    guard !name.isEmpty, normal(name) == normal(upgrade.tool.utf8) else { return .absent }
    rest = rest[name.endIndex...]
    if rest.first == UInt8(ascii: "["), let close = rest.firstIndex(of: UInt8(ascii: "]")) {
      rest = rest[(close + 1)...]
    }
    rest = rest.drop(while: isBlank)
    // `===` and ranges are no exact pins of this sort.
    guard rest.starts(with: "==".utf8), !rest.starts(with: "===".utf8) else { return .absent }
    rest = rest.dropFirst(2).drop(while: isBlank)
    let version = rest.prefix(while: ToolVersion.isPart)
    guard version.elementsEqual(upgrade.declared.text.utf8) else { return .absent }
    rest = rest[version.endIndex...].drop(while: isBlank)
    switch rest.first {
    case nil, UInt8(ascii: "#"), UInt8(ascii: ";"): return .pinned(version.indices)
    case UInt8(ascii: "\\"), UInt8(ascii: "-"):
      return .refused("its pin has options such as digests, which name the old version's files")
    default: return .refused("its pin is one of several conditions")
    }
  }

  /// Names of packages compare without case and with runs of `-_.` as one.
  /// Source: https://packaging.python.org/en/latest/specifications/name-normalization/
  private static func normal(_ name: some Sequence<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for byte in name {
      let isSeparator = "-_.".utf8.contains(byte)
      if isSeparator, result.last == UInt8(ascii: "-") { continue }
      let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      result.append(isSeparator ? UInt8(ascii: "-") : isUpper ? byte | 0x20 : byte)
    }
    return result
  }

  private static func words(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }

  // MARK: - package.json

  /// Ranges such as `^1.2.3` are left alone: they allow the newer version already.
  private static func findInPackage(_ upgrade: Upgrade, _ bytes: [UInt8]) -> Found {
    guard let root = try? JSONNode(parsing: bytes) else { return .absent }  // not for us to mend
    let pins = ["dependencies", "devDependencies", "optionalDependencies"].compactMap {
      root[$0]?[upgrade.tool]
    }.filter { $0.string == upgrade.declared.text }
    guard let pin = pins.first else { return .absent }
    if pins.count > 1 { return .refused("pins it \(pins.count) times") }
    // Within the quotes; an escaped spelling of a version has another length.
    let range = (pin.range.lowerBound + 1)..<(pin.range.upperBound - 1)
    return bytes[range].elementsEqual(upgrade.declared.text.utf8) ? .pinned(range) : .absent
  }
}
