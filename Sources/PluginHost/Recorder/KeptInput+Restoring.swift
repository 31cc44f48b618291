internal import Glibc
internal import Hashing
internal import Linux
public import Model

extension KeptInput {
  /// Every input beneath `folder`, the oldest call first; what is no folder of one is passed over.
  /// - Throws: `E_CALL_INPUT` where the folder cannot be read, or an input in it is broken.
  public static func all(in folder: String) throws(KaizenError) -> [KeptInput] {
    let names: [String]
    do throws(SystemError) {
      names = try Files.names(in: folder)
    } catch {
      throw KaizenError(
        "E_CALL_INPUT", "the kept inputs in \(folder) cannot be listed: \(error)",
        hint: "name a folder with inputs of calls in it, as state/calls/inputs of a home")
    }
    var inputs: [KeptInput] = []
    for name in names where Files.exists("\(folder)/\(name)/input.json") {
      inputs.append(try KeptInput(folder: "\(folder)/\(name)"))
    }
    return inputs.sorted { $0.number < $1.number }
  }

  /// The input as the call had it, its files copied to `place`, where nothing may be yet.
  ///
  /// Each file has the bytes, the permissions and the time of change that it had.
  /// - Throws: `E_CALL_INPUT` where what was kept is no longer what it was, or cannot be copied.
  /// - Complexity: O(n) for n bytes.
  public func restored(to place: String) throws(KaizenError) -> Input {
    let files = try restoreFiles(to: place)
    switch work {
    case .analyze(let trend, let facts):
      return .analysis(
        AnalysisInput(
          context: context, trend: trend, window: try restoreWindow(), files: files, facts: facts))
    case .apply(let item, let history):
      guard let files else { throw Self.broken(folder, "an applier's call without files") }
      return .application(
        ApplyInput(context: context, item: item, clone: files, history: history))
    case .score(let changed):
      guard let files else { throw Self.broken(folder, "a scorer's call without files") }
      return .scoring(ScoreInput(context: context, files: files, changed: changed))
    }
  }

  private func restoreWindow() throws(KaizenError) -> SharedWindow? {
    guard let window else { return nil }
    let path = folder + "/window"
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(path, limit: Limit.bytes)
    } catch {
      throw Self.broken(path, "\(error)")
    }
    if SHA256.hex(of: bytes) != window.digest.hex {
      throw Self.broken(path, "its digest is not the one it was kept under")
    }
    return try SharedWindow(laidOut: bytes)
  }

  private func restoreFiles(to place: String) throws(KaizenError) -> AgentFiles? {
    guard let files else { return nil }
    try requireOwnFolders(files.entries)
    do {
      try Files.makeDirectories(place, mode: 0o755)
      for entry in files.entries where entry.digest != nil { try copy(entry, to: place) }
      // Links last: nothing is then written through one.
      for entry in files.entries {
        guard let target = entry.link else { continue }
        try Files.makeDirectories(
          Files.parent(of: "\(place)/\(entry.path)"), mode: 0o755)
        try link(entry, to: target, in: place)
      }
    } catch let error as KaizenError {
      throw error
    } catch {
      throw KaizenError(
        "E_CALL_INPUT", "the files of call \(number) cannot be copied to \(place): \(error)",
        hint: "free space there, or correct its permissions")
    }
    return AgentFiles(
      root: place, pathInside: files.pathInside,
      names: files.entries.map(\.path) + files.unreadable)
  }

  /// Refuses entries that lead out, by themselves or through another one that is a link, before
  /// anything is made.
  private func requireOwnFolders(_ entries: [Entry]) throws(KaizenError) {
    // By bytes, as the kernel compares names.
    var links: Set<[UInt8]> = []
    for entry in entries where entry.link != nil { links.insert(Array(entry.path.utf8)) }
    for entry in entries {
      let path = Array(entry.path.utf8)
      if RelativePath.normal(entry.path) != entry.path {
        throw Self.broken(folder, "\"\(entry.path)\" is no path within it")
      }
      for (index, byte) in path.enumerated() where byte == UInt8(ascii: "/") {
        if links.contains(Array(path[..<index])) {
          throw Self.broken(folder, "\"\(entry.path)\" lies beneath a link")
        }
      }
    }
  }

  private func link(_ entry: Entry, to target: String, in place: String) throws(SystemError) {
    let path = "\(place)/\(entry.path)"
    let times = entry.times
    try retrying("symlink", path) { symlink(target, path) }
    try retrying("utimensat", path) { utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) }
  }

  private func copy(_ entry: Entry, to place: String) throws {
    let path = "\(folder)/files/\(entry.path)"
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: Limit.bytes)
    } catch {
      throw Self.broken(path, "\(error)")
    }
    if SHA256.hex(of: bytes) != entry.digest?.hex {
      throw Self.broken(path, "its digest is not the one it was kept under")
    }
    let target = "\(place)/\(entry.path)"
    try Files.makeDirectories(Files.parent(of: target), mode: 0o755)
    let file = try FileDescriptor.open(
      target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    try file.writeAll(bytes)
    let raw = file.raw
    try retrying("fchmod", target) { fchmod(raw, mode_t(entry.mode)) }
    let times = entry.times
    try retrying("futimens", target) { futimens(raw, times) }
  }
}

extension KeptInput.Entry {
  /// When it was last read and changed, as utimensat(2) takes it.
  fileprivate var times: [timespec] {
    let (seconds, nanoseconds) = max(0, modifiedNanoseconds)
      .quotientAndRemainder(dividingBy: 1_000_000_000)
    let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds))
    return [time, time]
  }
}
