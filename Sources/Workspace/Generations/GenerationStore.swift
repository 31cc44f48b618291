import Glibc
import JSONStream
import Linux
public import Model

/// The generations of one agent attached as a whole: makes, compares, stores and switches them.
///
/// The file system is the truth. A generation is live when the live root's inode is the one its
/// record names; no other pointer says so, so that none can contradict it. All functions that change
/// something want the agent's lock to be held by the caller.
///
/// What a folder holds beside the agent's own files survives each switch: see `OutsideFiles`.
public struct GenerationStore: Sendable {
  /// Longest manifest that is read, in bytes.
  static let manifestByteCountMax = 256 << 20

  /// Where everything is.
  public let layout: AgentLayout
  /// Which files belong to a generation.
  public let paths: PathSet

  /// The generations at `layout`, of the files in `paths`.
  public init(layout: AgentLayout, paths: PathSet) {
    self.layout = layout
    self.paths = paths
  }

  /// The live root, open.
  func openRoot() throws(KaizenError) -> DirectoryHandle {
    do { return try DirectoryHandle(path: treePath(of: layout.root)) } catch {
      throw KaizenError(
        "E_ROOT_MISSING", "agent \"\(layout.id)\": \(error)",
        hint: "put its folder back, or remove the agent")
    }
  }

  func openParent() throws(KaizenError) -> DirectoryHandle {
    try io(layout.parent, "opening") { () throws(SystemError) in
      try DirectoryHandle(path: layout.parent)
    }
  }

  /// The identity of the live root; nil where there is no folder.
  public func liveRoot() throws(KaizenError) -> FileIdentity? {
    try identity(of: layout.root)
  }

  func identity(of place: String) throws(KaizenError) -> FileIdentity? {
    let path = treePath(of: place)
    return try io(path, "looking at") { () throws(SystemError) in
      // A link may lead to a tree that is gone, and a tree's folder may not be there yet.
      guard Files.isDirectory(Files.parent(of: path)) else { return nil }
      let parent = try DirectoryHandle(path: Files.parent(of: path))
      guard let status = try parent.status(FileName(Files.name(of: path))),
        status.kind == .directory
      else { return nil }
      return FileIdentity(status)
    }
  }

  /// The records of all generations, oldest first.
  ///
  /// A record that cannot be read is left out: a power cut may leave one torn, but only of a
  /// generation that was never live, since none goes live before its record is durable.
  public func records() throws(KaizenError) -> [GenerationRecord] {
    var records: [GenerationRecord] = []
    for number in try numbers() {
      if let record = try record(number) { records.append(record) }
    }
    return records
  }

  /// The record of that number; nil where there is none that can be read.
  func record(_ number: GenerationNumber) throws(KaizenError) -> GenerationRecord? {
    guard let json = try readJSON(layout.generation(number) + "/generation.json"),
      let record = GenerationRecord(json: json), record.number == number
    else { return nil }
    return record
  }

  /// The record of the live generation; nil where somebody put another folder in its place.
  public func liveRecord() throws(KaizenError) -> GenerationRecord? {
    guard let root = try liveRoot() else { return nil }
    return try record(ofRoot: root)
  }

  /// The newest generation whose root is that file: edits give a live tree a second record.
  ///
  /// A collected generation has no manifest any more, and its inode's number may be another's now.
  /// - Complexity: reads the records from the newest down to the one found, most often one or two.
  func record(ofRoot root: FileIdentity) throws(KaizenError) -> GenerationRecord? {
    for number in try numbers().reversed()
    where hasManifest(number) {
      if let record = try record(number), record.rootInode == root.inode { return record }
    }
    return nil
  }

  /// The manifest of a generation.
  /// - Throws: `E_GENERATION_UNKNOWN`, `E_MANIFEST_BAD`.
  public func manifest(_ number: GenerationNumber) throws(KaizenError) -> GenerationManifest {
    let path = layout.manifest(number)
    if let bytes = try readFile(path) {
      guard let manifest = GenerationManifest(binary: bytes), manifest.number == number else {
        throw Self.badManifest(path, number)
      }
      return manifest
    }
    return try olderManifest(number)
  }

  /// A manifest that a version before 0.1 wrote as JSON.
  private func olderManifest(
    _ number: GenerationNumber
  ) throws(KaizenError) -> GenerationManifest {
    let path = layout.olderManifest(number)
    guard let json = try readJSON(path) else {
      throw KaizenError(
        "E_GENERATION_UNKNOWN", "agent \"\(layout.id)\" has no generation \(number)",
        hint: "`kaizen generations \(layout.id)` lists those it has")
    }
    guard let manifest = GenerationManifest(json: json), manifest.number == number else {
      throw Self.badManifest(path, number)
    }
    return manifest
  }

  private static func badManifest(_ path: String, _ number: GenerationNumber) -> KaizenError {
    KaizenError(
      "E_MANIFEST_BAD", "\"\(path)\" is no manifest of generation \(number)",
      hint: "restore it from a backup; the live agent is not affected")
  }

  /// Whether a generation's manifest is kept; a collected one has none.
  func hasManifest(_ number: GenerationNumber) -> Bool {
    Files.exists(layout.manifest(number)) || Files.exists(layout.olderManifest(number))
  }

  /// The numbers that folders in the store have.
  func numbers() throws(KaizenError) -> [GenerationNumber] {
    if !Files.isDirectory(layout.generations) { return [] }
    let names = try io(layout.generations, "listing") { () throws(SystemError) in
      try Files.names(in: layout.generations)
    }
    return names.compactMap { Int($0).map { GenerationNumber($0) } }.sorted()
  }

  /// The number no generation and no clone has.
  public func nextNumber() throws(KaizenError) -> GenerationNumber {
    let stages = try siblings().map(\.number)
    return (try numbers() + stages).max()?.next ?? GenerationNumber(1)
  }

  /// The clones, or old trees, beside the live tree.
  func siblings() throws(KaizenError) -> [(number: GenerationNumber, root: FileIdentity)] {
    let prefix = layout.stagePrefix
    let parent = try openParent()
    let names = try io(layout.parent, "listing") { () throws(SystemError) in try parent.names() }
    var found: [(number: GenerationNumber, root: FileIdentity)] = []
    for name in names where name.text.hasPrefix(prefix) {
      guard let digits = Int(name.text.dropFirst(prefix.count)), digits > 0 else { continue }
      let number = GenerationNumber(digits)
      if let root = try identity(of: layout.stage(number)) { found.append((number, root)) }
    }
    return found
  }

  /// Nil where the file is missing or no JSON.
  private func readJSON(_ path: String) throws(KaizenError) -> JSONValue? {
    guard let bytes = try readFile(path) else { return nil }
    // Torn by a power cut: the callers say what that means.
    return try? JSONDocument.parse(
      bytes, limits: JSONLimits(bytesMax: Self.manifestByteCountMax))
  }

  /// Nil where the file is missing.
  private func readFile(_ path: String) throws(KaizenError) -> [UInt8]? {
    do { return try Files.read(path, limit: Self.manifestByteCountMax) } catch {
      if error.code == ENOENT { return nil }
      throw KaizenError(error, "reading", path)
    }
  }

  /// Writes a generation's record and manifest.
  /// - Parameter isDurable: false where the caller syncs the whole file system next.
  func save(_ manifest: GenerationManifest, isDurable: Bool) throws(KaizenError) {
    let folder = layout.generation(manifest.number)
    let files = [
      ("manifest.bin", manifest.binary),
      ("generation.json", Array(manifest.record.json.text().utf8)),
    ]
    try makeGenerationFolder(manifest.number)
    try io(folder, "writing") { () throws(SystemError) in
      for (name, bytes) in files {
        let path = "\(folder)/\(name)"
        // Never in place: that of a clone which waited for a person is there already, whole.
        if isDurable {
          try Files.replace(path, with: bytes)
        } else {
          try Files.replaceUnsynced(path, with: bytes)
        }
      }
      if isDurable { try Files.syncDirectory(layout.generations) }
    }
  }
}
