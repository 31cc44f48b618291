internal import Glibc
internal import Hashing
internal import Linux
import Model
import Synchronization

/// Copies of component files, each folder named by the digest of what is in it.
///
/// Only these copies are opened: whoever replaces a file in `plugins` changes nothing that runs,
/// and a mapped library is never overwritten in place.
final class BundleStore: Sendable {
  /// What one bundle may hold.
  enum Limit {
    /// Files of one bundle.
    static let fileCount = 4096
    /// Bytes of one bundle's files together.
    static let totalBytes = 512 << 20
    /// Folders within each other.
    static let depth = 16
  }

  /// A copy that was just verified.
  struct Bundle: Hashable, Sendable {
    /// The copy's folder.
    var path: String
    /// Of all names, contents and execute bits.
    var digest: Digest
  }

  /// The folder that holds the copies.
  let directory: String
  private let counter = Atomic<Int>(0)
  /// Held while a copy is made and put in its place, or one that is garbled is removed.
  private let copying = Mutex(())

  init(directory: String) { self.directory = directory }

  /// The verified copy of `names` beneath `folder`, or of everything there if `names` is nil.
  ///
  /// A copy that is there already is used again if its digest still holds. A copy is made beside
  /// its place and renamed, so that a crash leaves no half of one; it is not synced: what a power
  /// cut garbles fails its digest at the next start and is copied anew. Where anything is pinned
  /// everything has to be: files that are not among `pinned` are refused.
  func install(
    from folder: String, names: [String]?, pins: [String: Digest], pinned: Set<String> = [],
    trust: FileTrust
  ) throws(KaizenError) -> Bundle {
    do {
      try Files.makeDirectories(directory)
      let paths = try names?.sorted() ?? FileTree.paths(in: folder)
      let source = try FileTree.digest(of: paths, in: folder, trust: trust)
      let kept = Bundle(path: "\(directory)/\(source.digest.hex)", digest: source.digest)
      if let copy = try verified(kept) {
        try checkPins(pins, pinned, copy, folder)
        return kept
      }
      return try copying.withLock { _ in try copy(paths, from: folder, pins, pinned) }
    } catch let error as SystemError {
      throw KaizenError(
        "E_PLUGIN_BUNDLE", "copying \(folder) to \(directory) failed: \(error)",
        hint: "free space or correct permissions, then reload the plugins")
    } catch let error as KaizenError {
      throw error
    } catch {
      throw KaizenError("E_PLUGIN_BUNDLE", "copying \(folder) failed: \(error)")
    }
  }

  /// The copy of that digest, if it is there and the digest holds.
  func kept(_ digest: Digest) -> Bundle? {
    let bundle = Bundle(path: "\(directory)/\(digest.hex)", digest: digest)
    // One that cannot be read is as good as none.
    return (try? verified(bundle)) == nil ? nil : bundle
  }

  /// The contents of the copy `bundle`, if it is there and its digest holds.
  private func verified(_ bundle: Bundle) throws -> FileTree? {
    guard Files.isDirectory(bundle.path) else { return nil }
    let copy = try FileTree.digest(
      of: FileTree.paths(in: bundle.path), in: bundle.path, trust: nil)
    return copy.digest == bundle.digest ? copy : nil
  }

  private func copy(
    _ paths: [String], from folder: String, _ pins: [String: Digest], _ pinned: Set<String>
  ) throws -> Bundle {
    let number = counter.add(1, ordering: .relaxed).newValue
    let incoming = "\(directory)/.incoming-\(getpid())-\(number)"
    defer { FileTree.remove(incoming) }  // gone already where it was renamed
    try Files.makeDirectories(incoming, mode: 0o755)
    for path in paths { try FileTree.copy(path, from: folder, to: incoming) }
    let copy = try FileTree.digest(of: paths, in: incoming, trust: nil)
    try checkPins(pins, pinned, copy, folder)
    let bundle = Bundle(path: "\(directory)/\(copy.digest.hex)", digest: copy.digest)
    if Files.exists(bundle.path) {
      if try verified(bundle) != nil { return bundle }  // another component's, just made
      FileTree.remove(bundle.path)
    }
    if rename(incoming, bundle.path) != 0 { throw SystemError("rename", bundle.path) }
    return bundle
  }

  private func checkPins(
    _ pins: [String: Digest], _ pinned: Set<String>, _ copy: FileTree, _ folder: String
  ) throws(KaizenError) {
    for (file, expected) in pins.sorted(by: { $0.key < $1.key }) {
      let found = copy.files[file]?.hex
      if found == expected.hex { continue }
      throw KaizenError(
        "E_PLUGIN_PIN",
        "\(folder)/\(file): expected SHA-256 \(expected.short)…, found "
          + (found.map { "\($0.prefix(12))…" } ?? "no file"),
        hint: "restore the file, or pin what `sha256sum \(file)` prints if the change is meant")
    }
    if pinned.isEmpty { return }
    // The manifest cannot have a digest of itself in it.
    let extra = copy.files.keys.filter { $0 != "manifest.json" && !pinned.contains($0) }.sorted()
    guard let first = extra.first else { return }
    throw KaizenError(
      "E_PLUGIN_PIN",
      "\(folder)/\(first): expected only files that the manifest pins, found "
        + (extra.count == 1 ? "this one" : "\(extra.count) others"),
      hint: "remove it, or pin what `sha256sum \(first)` prints")
  }

  /// Removes every copy but those named, and what a crash left half-made.
  func removeUnneeded(keeping digests: Set<Digest>) {
    // A folder that cannot be read holds nothing that could be removed.
    for name in (try? Files.names(in: directory)) ?? [] {
      if let digest = Digest(hex: name), digests.contains(digest) { continue }
      FileTree.remove("\(directory)/\(name)")
    }
  }
}
