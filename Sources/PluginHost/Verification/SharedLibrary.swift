import Linux
import Model

/// What an ELF file says of itself, read without running any of it: elf(5).
///
/// The file is somebody's: each offset is checked before it is followed, and whatever leads out of
/// the file ends the reading of that part.
struct SharedLibrary {
  /// Bytes of a library looked at.
  static let bytesMax = 512 << 20
  /// Symbols of all its tables looked at.
  static let symbolCountMax = 2_000_000
  /// Bytes of one symbol's name; longer ones are passed over.
  static let nameBytesMax = 4096
  /// Bytes of all symbols' names: tables may name the same long text again and again.
  static let namesBytesMax = 128 << 20
  /// Entries of the dynamic section looked at.
  private static let dynamicCountMax = 4096
  /// Headers of segments and sections looked at, each.
  private static let headerCountMax = 65_535

  /// Why a file is no library that can be loaded here.
  struct Refusal: Error, Hashable {
    var found: String
    var fix: String
  }

  /// The words of `d_tag` in elf(5) and <elf.h> that matter here.
  private enum Tag {
    static let needed: UInt64 = 1, stringTable: UInt64 = 5, symbolTable: UInt64 = 6
    static let stringBytes: UInt64 = 10, searchPath: UInt64 = 15, textRelocations: UInt64 = 22
    static let runPath: UInt64 = 29, flags: UInt64 = 30
  }

  /// EM_X86_64, EM_AARCH64 or EM_RISCV: what this machine runs.
  #if arch(x86_64)
    static let machine: UInt64 = 62
  #elseif arch(arm64)
    static let machine: UInt64 = 183
  #else
    static let machine: UInt64 = 243
  #endif

  /// The libraries it asks for, by name (DT_NEEDED).
  private(set) var needed: [String] = []
  /// Where it wants them looked for (DT_RUNPATH).
  private(set) var runPaths: [String] = []
  /// The same by the older word, which its own libraries inherit (DT_RPATH).
  private(set) var searchPaths: [String] = []
  /// Whether its thread-local storage must be there when the process starts (DF_STATIC_TLS).
  private(set) var hasStaticStorage = false
  /// Whether the loader has to write to its code (DT_TEXTREL).
  private(set) var hasTextRelocations = false
  /// Whether it wants an executable stack (PT_GNU_STACK with PF_X).
  private(set) var wantsExecutableStack = false
  /// What it exports.
  private(set) var defined: Set<String> = []
  /// What others have to export for it; weak ones may be missing.
  private(set) var undefined: Set<String> = []
  /// Names in the full symbol table that it keeps to itself, of those asked for.
  private(set) var privates: Set<String> = []

  /// Whether it has more symbols than were looked at.
  private(set) var isCut = false

  private let bytes: [UInt8]
  /// Where the dynamic symbols begin in the file.
  private var symbolTable: UInt64?
  private var symbolCount = 0
  private var namesByteCount = 0
  private var segments: [(address: UInt64, offset: UInt64, size: UInt64)] = []

  /// Reads the file at `path`.
  init(path: String, lookingFor names: Set<String> = []) throws {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: Self.bytesMax) } catch {
      throw Refusal(
        found: "it cannot be read: \(SystemError.text(error.code).lowercased())",
        fix: "build it, or correct its name in the manifest")
    }
    try self.init(bytes, lookingFor: names)
  }

  /// Reads what `bytes` hold.
  init(_ bytes: [UInt8], lookingFor names: Set<String> = []) throws(Refusal) {
    self.bytes = bytes
    try checkHeader()
    guard let dynamic = readSegments() else {
      throw Refusal(
        found: "it has no dynamic section", fix: "link it as a shared library: cc -shared -fPIC")
    }
    let table = readDynamic(dynamic)
    readSections(names, strings: table)
  }

  private func checkHeader() throws(Refusal) {
    guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
      throw Refusal(found: "it is no ELF file", fix: "build a shared library: cc -shared -fPIC")
    }
    // EI_CLASS 2 is 64 bits, EI_DATA 1 little-endian; e_type 3 is ET_DYN.
    guard bytes[4] == 2, bytes[5] == 1, integer(18, 2) == Self.machine else {
      throw Refusal(
        found: "it is built for another machine (ELF machine \(integer(18, 2) ?? 0), expected "
          + "\(Self.machine))", fix: "build it on a machine like this one")
    }
    if integer(16, 2) != 3 {
      throw Refusal(
        found: "it has ELF type \(integer(16, 2) ?? 0), expected a shared library (type 3)",
        fix: "link it with -shared")
    }
  }

  /// Notes where the loadable segments are; the place of the dynamic section.
  private mutating func readSegments() -> Range<Int>? {
    guard let start = offset(32), let size = integer(54, 2), let count = integer(56, 2),
      size >= 56
    else { return nil }
    var dynamic: Range<Int>?
    for index in 0..<min(Int(count), Self.headerCountMax) {
      let (at, overflow) = start.addingReportingOverflow(index * Int(size))
      guard !overflow, let type = integer(at, 4), let flags = integer(at + 4, 4),
        let offset = integer(at + 8, 8), let address = integer(at + 16, 8),
        let length = integer(at + 32, 8)
      else { break }
      switch type {
      case 1: segments.append((address, offset, length))  // PT_LOAD
      case 2: dynamic = range(offset, length)  // PT_DYNAMIC
      case 0x6474_E551: wantsExecutableStack = flags & 1 != 0  // PT_GNU_STACK, PF_X
      default: break
      }
    }
    return dynamic
  }

  /// Reads the dynamic section; where its strings are.
  private mutating func readDynamic(_ section: Range<Int>) -> Range<Int> {
    var entries: [(tag: UInt64, value: UInt64)] = []
    for at in stride(from: section.lowerBound, to: section.upperBound, by: 16) {
      guard entries.count < Self.dynamicCountMax, let tag = integer(at, 8), tag != 0,
        let value = integer(at + 8, 8)
      else { break }
      entries.append((tag, value))
    }
    func value(_ tag: UInt64) -> UInt64? { entries.first { $0.tag == tag }?.value }
    let strings =
      value(Tag.stringTable).flatMap(place).flatMap { start in
        value(Tag.stringBytes).flatMap { range(start, $0) }
      } ?? 0..<0
    if let address = value(Tag.symbolTable) { symbolTable = place(address) }
    for (tag, value) in entries {
      switch tag {
      case Tag.needed: if let name = text(strings, value) { needed.append(name) }
      case Tag.runPath: runPaths += text(strings, value).map(Self.folders) ?? []
      case Tag.searchPath: searchPaths += text(strings, value).map(Self.folders) ?? []
      case Tag.flags:
        hasStaticStorage = value & 0x10 != 0  // DF_STATIC_TLS
        if value & 0x4 != 0 { hasTextRelocations = true }  // DF_TEXTREL
      case Tag.textRelocations: hasTextRelocations = true
      default: break
      }
    }
    return strings
  }

  /// Reads the tables of symbols: .dynsym (type 11), and .symtab (2) for the names looked for.
  private mutating func readSections(_ names: Set<String>, strings: Range<Int>) {
    guard let start = offset(40), let size = integer(58, 2), let count = integer(60, 2),
      size >= 64
    else { return readUnlistedSymbols(strings) }
    func header(_ index: Int) -> Int { start &+ index &* Int(size) }
    for index in 0..<min(Int(count), Self.headerCountMax) {
      let at = header(index)
      guard let type = integer(at + 4, 4) else { return }
      guard type == 11 || type == 2 && !names.isEmpty, let offset = integer(at + 24, 8),
        let length = integer(at + 32, 8), let table = range(offset, length),
        let link = integer(at + 40, 4), link < count,
        let textOffset = integer(header(Int(link)) + 24, 8),
        let textLength = integer(header(Int(link)) + 32, 8),
        let texts = range(textOffset, textLength)
      else { continue }
      readSymbols(table, texts, isDynamic: type == 11, names)
    }
  }

  /// The dynamic symbols of a file whose list of sections was cut off (sstrip).
  ///
  /// The dynamic section does not say how many there are; every linker puts their names after them.
  private mutating func readUnlistedSymbols(_ strings: Range<Int>) {
    guard let start = symbolTable.flatMap({ Int(exactly: $0) }), start < strings.lowerBound else {
      return
    }
    readSymbols(start..<strings.lowerBound, strings, isDynamic: true, [])
  }

  private mutating func readSymbols(
    _ table: Range<Int>, _ texts: Range<Int>, isDynamic: Bool, _ names: Set<String>
  ) {
    for at in stride(from: table.lowerBound, to: table.upperBound - 23, by: 24) {
      if symbolCount == Self.symbolCountMax || namesByteCount > Self.namesBytesMax {
        isCut = true
        return
      }
      symbolCount += 1
      let (binding, visibility) = (bytes[at + 4] >> 4, bytes[at + 5] & 3)
      guard let name = integer(at, 4), name != 0, let section = integer(at + 6, 2),
        let text = text(texts, name)
      else { continue }
      namesByteCount += text.utf8.count
      if !isDynamic {
        if section != 0, names.contains(text) { privates.insert(text) }
      } else if section != 0 {
        // STB_LOCAL is 0; STV_DEFAULT is 0 and STV_PROTECTED 3, both seen from outside.
        if binding != 0, visibility == 0 || visibility == 3 { defined.insert(text) }
      } else if binding == 1 {
        undefined.insert(text)
      }
    }
  }

  // MARK: - Bytes

  private static func folders(_ text: String) -> [String] {
    text.split(separator: ":").map(String.init)
  }

  /// A little-endian number of so many bytes; nil where it leads out of the file.
  private func integer(_ at: Int, _ count: Int) -> UInt64? {
    guard at >= 0, at <= bytes.count - count else { return nil }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[at + index]) << (8 * UInt64(index)) }
    return value
  }

  /// An offset into the file that stands at `at`.
  private func offset(_ at: Int) -> Int? {
    integer(at, 8).flatMap { $0 > 0 && $0 < UInt64(bytes.count) ? Int($0) : nil }
  }

  private func range(_ offset: UInt64, _ length: UInt64) -> Range<Int>? {
    guard offset <= UInt64(bytes.count), length <= UInt64(bytes.count) - offset else { return nil }
    return Int(offset)..<Int(offset + length)
  }

  /// Where in the file an address of the loaded library is.
  private func place(_ address: UInt64) -> UInt64? {
    for segment in segments where address >= segment.address {
      let distance = address - segment.address
      if distance < segment.size { return segment.offset &+ distance }
    }
    return nil
  }

  private func text(_ table: Range<Int>, _ offset: UInt64) -> String? {
    guard offset < UInt64(table.count) else { return nil }
    let start = table.lowerBound + Int(offset)
    let limit = min(table.upperBound, start + Self.nameBytesMax)
    guard let end = bytes[start..<limit].firstIndex(of: 0) else { return nil }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}
