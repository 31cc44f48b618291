internal import Glibc
internal import Hashing
internal import Linux
import Model
import Synchronization

/// The folder of kept inputs: each in a folder of its own, the oldest going first.
///
/// They hold what agents' feedback and files hold: nobody but the daemon's user can read them.
/// Written beside its place and renamed, so that a kill leaves no half of one; never synced.
final class KeptInputStore: Sendable {
  /// What it may take.
  struct Bounds: Sendable {
    var count = KeptInput.Limit.count
    var totalBytes = KeptInput.Limit.totalBytes
    var inputBytes = KeptInput.Limit.bytes
  }

  /// One input that is there.
  private struct Item {
    var number: UInt64
    /// Equal for calls of one version with equal input.
    var key: String
    /// Nil until it matters: to count the bytes of all would hold up the daemon's start.
    var byteCount: Int?
    var name: String { "\(number)-\(key)" }
  }

  let folder: String
  private let bounds: Bounds
  /// The oldest first; nil until they are listed.
  private let items = Mutex<[Item]?>(nil)

  init(folder: String, bounds: Bounds = Bounds()) {
    self.folder = folder
    self.bounds = bounds
  }

  /// Bytes of files that one input may have.
  var fileBytesMax: Int { bounds.inputBytes }

  /// The greatest number of a call whose input is here.
  func lastNumber() -> UInt64 { listed().map(\.number).max() ?? 0 }

  /// The folder of the input that was kept under `number`; nil where it has gone.
  func place(of number: UInt64) -> String? {
    listed().first { $0.number == number }.map { "\(folder)/\($0.name)" }
  }

  /// Keeps the input of `record`'s call, or finds it kept already.
  /// - Parameter files: reads them; called only where they are to be written.
  func keep(
    _ request: CallRequest, config: JSONValue, of record: CallRecord,
    files: () -> Result<KeptFiles, KeptFiles.Refusal>?
  ) -> CallRecord.Kept {
    let key = Self.key(of: record)
    if let earlier = listed().first(where: { $0.key == key }) { return .under(earlier.number) }
    let item = Item(number: record.number, key: key, byteCount: nil)
    let incoming = "\(folder)/.new-\(item.name)"
    defer { FileTree.remove(incoming) }  // gone already where it was renamed
    do {
      let files = try files()?.get()
      let size = try write(request, files, config, record, to: incoming)
      try retrying("rename", incoming) { rename(incoming, "\(folder)/\(item.name)") }
      add(Item(number: item.number, key: item.key, byteCount: size))
      return .under(record.number)
    } catch let refusal as KeptFiles.Refusal {
      return .failed(refusal.reason)
    } catch let error as SystemError {
      return .failed(SystemError.text(error.code))
    } catch {
      return .failed("\(error)")
    }
  }

  private static func key(of record: CallRecord) -> String {
    var writer = FingerprintWriter()
    writer.add(record.component.text)
    writer.add(record.digest?.hex ?? record.version)
    writer.add(record.config.hex)
    writer.add(record.input.hex)
    return String(writer.finish().prefix(16))
  }

  // MARK: - What is there

  private func listed() -> [Item] {
    items.withLock { items in
      if let items { return items }
      var found: [Item] = []
      // A folder that cannot be listed holds nothing that could be found.
      for name in (try? Files.names(in: folder)) ?? [] {
        let parts = name.split(separator: "-", maxSplits: 1).map(String.init)
        if parts.count == 2, let number = UInt64(parts[0]), number < UInt64(Int64.max) {
          found.append(Item(number: number, key: parts[1], byteCount: nil))
        } else if name.hasPrefix(".new-") {
          FileTree.remove("\(folder)/\(name)")  // half of one, of a daemon that was killed
        }
      }
      found.sort { $0.number < $1.number }
      items = found
      return found
    }
  }

  private static func size(of path: String) -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    if status.st_mode & S_IFMT != S_IFDIR { return Int(status.st_size) }
    // What cannot be listed has no bytes that could be counted.
    return ((try? Files.names(in: path)) ?? []).reduce(0) { $0 + size(of: "\(path)/\($1)") }
  }

  private func add(_ item: Item) {
    let gone = items.withLock { items in
      var all = (items ?? []) + [item]
      var gone: [Item] = []
      for index in all.indices where all[index].byteCount == nil {
        all[index].byteCount = Self.size(of: "\(folder)/\(all[index].name)")
      }
      var total = all.reduce(0) { $0 + ($1.byteCount ?? 0) }
      while all.count > bounds.count || (total > bounds.totalBytes && all.count > 1) {
        let oldest = all.removeFirst()
        total -= oldest.byteCount ?? 0
        gone.append(oldest)
      }
      items = all
      return gone
    }
    for item in gone { FileTree.remove("\(folder)/\(item.name)") }
  }

  // MARK: - Writing

  /// - Returns: the bytes written.
  private func write(
    _ request: CallRequest, _ files: KeptFiles?, _ config: JSONValue, _ record: CallRecord,
    to place: String
  ) throws -> Int {
    var members = request.json.object ?? [:]
    members["kaizen_input"] = .integer(KeptInput.format)
    members["call"] = .integer(Int64(record.number))
    members["component"] = Self.component(record, config)
    members["host"] = record.host.json
    members["loaded"] = record.loaded?.json
    members["fingerprint"] = .string(record.input.hex)
    var size = files?.byteCount ?? 0
    try Files.makeDirectories(place)
    if case .analyze(let input) = request.work, let window = input.window {
      size += window.withBytes { $0.count }
      if size > bounds.inputBytes { throw tooLarge() }
      try window.withBytes { bytes in try Self.write(bytes, to: place + "/window") }
      members["window"] = [
        "rows": .integer(Int64(window.rowCount)), "sha256": .string(window.digest),
      ]
    }
    if let files, let listed = request.files {
      members["files"] = [
        "path_inside": .string(listed.pathInside), "entries": .array(files.files.map(\.json)),
        "unreadable": .array(files.unreadable.keys.sorted().map { .string($0) }),
      ]
      for file in files.files {
        guard case .bytes(let bytes) = file.content else { continue }
        let path = "\(place)/files/\(file.path)"
        try Files.makeDirectories(Files.parent(of: path))
        try bytes.withUnsafeBytes { try Self.write($0, to: path) }
      }
    }
    let text = Array(JSONValue.object(members).text(indent: 2).utf8)
    size += text.count
    if text.count > KeptInput.Limit.jsonBytes || size > bounds.inputBytes { throw tooLarge() }
    try text.withUnsafeBytes { try Self.write($0, to: place + "/input.json") }
    return size
  }

  private func tooLarge() -> KeptFiles.Refusal {
    KeptFiles.Refusal(reason: "it has more than \(bounds.inputBytes >> 20) MiB")
  }

  private static func component(_ record: CallRecord, _ config: JSONValue) -> JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(record.component.text), "kind": .string(record.kind.rawValue),
      "version": .string(record.version), "pure": .bool(record.isPure), "config": config,
    ]
    members["digest"] = record.digest.map { .string($0.hex) }
    return .object(members)
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(SystemError) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    let raw = file.raw
    var offset = 0
    while offset < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
      offset += try retrying("write", path) { Glibc.write(raw, rest.baseAddress, rest.count) }
    }
  }
}
