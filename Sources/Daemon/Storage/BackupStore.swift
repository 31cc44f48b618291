import Glibc
import Linux
import Model
import SQLite

/// The backups of one home: whole databases, each checked before it gets its name.
///
/// `backups/<database>.<moment>.db`; the names sort by time. Beside them are the backups that an
/// upgrade of the schema makes, `<database>.db.v<N>.backup`.
struct BackupStore: Sendable {
  let folder: String
  /// Backups kept of each database.
  var countMax = 3
  /// Most bytes of all backups together.
  var bytesMax = 4 << 30
  /// Bytes of the disk that a backup leaves free.
  static let freeBytesMin = 64 << 20

  /// One backup.
  struct Backup: Hashable, Sendable {
    var path: String
    var madeAt: Instant
    var byteCount: Int
  }

  /// The backups of `database`, the newest first.
  func backups(of database: String) -> [Backup] {
    // try? because where there is no folder there are no backups.
    let names = (try? Files.names(in: folder)) ?? []
    return names.reversed().compactMap { name in
      guard name.hasPrefix(database + "."), name.hasSuffix(".db"),
        let moment = Self.moment(String(name.dropFirst(database.count + 1).dropLast(3)))
      else { return nil }
      let path = folder + "/" + name
      return Backup(path: path, madeAt: moment, byteCount: Self.size(of: path))
    }
  }

  /// Backs `source` up as `database`, and removes what is beyond the limits.
  ///
  /// Nothing is removed for a backup that is not sound: then the source is damaged too.
  /// - Throws: `E_BACKUP_BUDGET`, `E_CORRUPT`, `E_DISK_FULL`.
  func make(
    _ source: Database, as database: String, at moment: Instant,
    isStopped: @escaping @Sendable () -> Bool
  ) throws(KaizenError) {
    do {
      try Files.makeDirectories(folder)
    } catch {
      throw KaizenError("E_IO", "\(folder): \(error)", hint: "make it writable")
    }
    // What a crash left of a backup.
    for name in (try? Files.names(in: folder)) ?? [] where name.contains(".unchecked") {
      unlink(folder + "/" + name)  // try? because without names there is nothing to remove
    }
    let needed = Self.size(of: source.path)
    try checkRoom(needed, source.path)
    let path = "\(folder)/\(database).\(Self.name(moment)).db"
    let unchecked = path + ".unchecked"
    try source.backUp(to: unchecked, isStopped: isStopped)
    let damage = Database.damage(of: unchecked)
    guard damage.isEmpty else {
      unlink(unchecked)
      throw KaizenError(
        "E_CORRUPT", "\(source.path): the file is damaged: \(damage.joined(separator: "; "))",
        hint: "the last sound backup stays; docs/operating.md says how to restore it")
    }
    if rename(unchecked, path) != 0 {
      let error = SystemError("rename", path)
      unlink(unchecked)
      throw KaizenError("E_IO", "\(path): \(error)", hint: "look at the disk")
    }
    for old in backups(of: database).dropFirst(max(1, countMax)) { unlink(old.path) }
    shrink(keeping: path)
  }

  private func checkRoom(_ needed: Int, _ path: String) throws(KaizenError) {
    guard needed <= bytesMax else {
      throw KaizenError(
        "E_BACKUP_BUDGET", "\(path) has \(needed >> 20) MiB, backups may take \(bytesMax >> 20)",
        hint: "raise backup.disk_mb, or lower feedback.disk_mb")
    }
    var space = statvfs()
    guard statvfs(folder, &space) == 0 else { return }
    let free = Int(space.f_bavail) * Int(space.f_frsize)
    guard free >= needed + Self.freeBytesMin else {
      throw KaizenError(
        "E_DISK_FULL", "\(folder): a backup needs \(needed >> 20) MiB, \(free >> 20) are free",
        hint: "make room, or lower backup.keep")
    }
  }

  /// Removes the oldest of all until they fit; never the newest of a database.
  private func shrink(keeping path: String) {
    let newest = Set(DatabaseName.allCases.compactMap { backups(of: $0.rawValue).first?.path })
    var all = DatabaseName.allCases.flatMap { backups(of: $0.rawValue) }
      .sorted { $0.madeAt < $1.madeAt }
    while all.reduce(0, { $0 + $1.byteCount }) > bytesMax,
      let place = all.firstIndex(where: { !newest.contains($0.path) && $0.path != path })
    {
      unlink(all[place].path)
      all.remove(at: place)
    }
  }

  private static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// `20261121T050419Z`: RFC 3339 without what a file's name need not have.
  static func name(_ moment: Instant) -> String {
    String(moment.description.prefix(19)).filter { $0 != "-" && $0 != ":" } + "Z"
  }

  static func moment(_ name: String) -> Instant? {
    let text = Array(name)
    guard text.count == 16 else { return nil }
    func part(_ range: Range<Int>) -> String { String(text[range]) }
    let date = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))"
    return Instant(rfc3339: "\(date)T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z")
  }
}

/// The databases of a home.
enum DatabaseName: String, CaseIterable, Sendable {
  case feedback = "feedback_loop"
  case engine = "optimization_engine"
}
