import Control
import Feedback
import Glibc
import Linux
import Model
import Optimization
import SQLite

/// Opens the two databases; of one that is broken, a copy of its newest backup.
struct StorageOpening {
  let home: HomeLayout
  let backups: BackupStore
  private(set) var state = StorageState()
  /// Those that a daemon found damaged and that are sound all the same.
  private(set) var checked: Set<DatabaseName> = []

  /// What makes a file unusable, and not the program or its settings wrong.
  private static let broken: Set<KaizenError.Code> = [
    "E_CORRUPT", "E_FOREIGN_FILE", "E_IO", "E_READ_ONLY", "E_DISK_FULL", "E_CANNOT_OPEN",
    "E_DATABASE", "E_CONSTRAINT", "E_MISSING",
  ]
  /// Behind a database's name: a daemon found it damaged, so all of it is looked at.
  static let markSuffix = ".suspect"
  /// Where copies of backups are read, in a folder of the home that can be written.
  private static let folder = "degraded"

  init(home: HomeLayout, backups: BackupStore) {
    self.home = home
    self.backups = backups
    for place in [home.state, home.runtime] { removeCopies(place) }
  }

  mutating func feedback(_ options: FeedbackLoop.Options) throws(KaizenError) -> FeedbackLoop {
    try open(.feedback) { path in try FeedbackLoop(path: path, options: options) }
  }

  mutating func engine() throws(KaizenError) -> EngineStore {
    try open(.engine) { path in
      let store = try EngineStore(path: path)
      // Small, so that all of it is looked at: no switch may follow from a damaged row.
      let damage = Database.damage(of: path)
      if !damage.isEmpty {
        throw KaizenError(
          "E_CORRUPT", "\(path): the file is damaged: \(damage.joined(separator: "; "))")
      }
      return store
    }
  }

  private mutating func open<T>(
    _ name: DatabaseName, _ make: (String) throws -> T
  ) throws(KaizenError) -> T {
    let path = home.state + "/\(name.rawValue).db"
    do {
      if !Files.exists(path), !backups.backups(of: name.rawValue).isEmpty {
        throw KaizenError("E_MISSING", "\(path): the file is gone, its backups are there")
      }
      try lookThrough(name, path)
      return try make(path)
    } catch {
      let reason = error as? KaizenError ?? KaizenError("E_INTERNAL", "\(path): \(error)")
      guard Self.broken.contains(reason.code) else { throw reason }
      return try fallBack(name, path, reason, make)
    }
  }

  /// Looks through a file that a daemon found damaged; one that is sound is used again.
  private mutating func lookThrough(_ name: DatabaseName, _ path: String) throws(KaizenError) {
    let mark = path + Self.markSuffix
    guard Files.exists(mark) else { return }
    if !Files.exists(path) {
      throw KaizenError("E_MISSING", "\(path): the file was removed while it was in use")
    }
    let damage = Database.damage(of: path)
    if !damage.isEmpty {
      throw KaizenError(
        "E_CORRUPT", "\(path): the file is damaged: \(damage.joined(separator: "; "))")
    }
    checked.insert(name)
    unlink(mark)
  }

  private mutating func fallBack<T>(
    _ name: DatabaseName, _ path: String, _ reason: KaizenError, _ make: (String) throws -> T
  ) throws(KaizenError) -> T {
    let now = Instant(nanoseconds: Clock.wallNanoseconds())
    for backup in backups.backups(of: name.rawValue).map(Optional.init) + [nil] {
      for place in [home.state, home.runtime] {
        do {
          let copy = try workingCopy(of: backup?.path, name, place)
          let opened = try make(copy)
          state.degradations.append(
            Degradation(database: name, path: path, reason: reason, backup: backup, since: now))
          return opened
        } catch { continue }  // a backup may be damaged too, a folder full: the next may do
      }
    }
    throw reason
  }

  /// A copy to read from; the backup itself is never opened for writing.
  private func workingCopy(
    of backup: String?, _ name: DatabaseName, _ place: String
  ) throws -> String {
    let folder = place + "/" + Self.folder
    try Files.makeDirectories(folder)
    let copy = "\(folder)/\(name.rawValue).db"
    for suffix in ["", "-wal", "-shm", ".columns"] { unlink(copy + suffix) }
    guard let backup else { return copy }
    let source = try FileDescriptor.open(backup, O_RDONLY)
    let target = try FileDescriptor.open(copy, O_WRONLY | O_CREAT | O_TRUNC)
    let (from, to) = (source.raw, target.raw)
    // copy_file_range(2) shares blocks where the file system can.
    while try retrying("copy_file_range", copy, { copy_file_range(from, nil, to, nil, 1 << 30, 0) })
      > 0
    {}
    return copy
  }

  private func removeCopies(_ place: String) {
    let folder = place + "/" + Self.folder
    // try? because nothing is there but after a broken database.
    for name in (try? Files.names(in: folder)) ?? [] { unlink(folder + "/" + name) }
    _ = Files.removeEmptyDirectory(folder)
  }
}
