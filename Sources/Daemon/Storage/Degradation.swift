import Model

/// A database that cannot be used, and what is served in its place.
struct Degradation: Sendable {
  var database: DatabaseName
  /// The broken file, which stays where it is.
  var path: String
  var reason: KaizenError
  /// The backup that is read; nil: there was none, and nothing stored is shown.
  var backup: BackupStore.Backup?
  var since: Instant

  /// One line for people: what is broken, what is missing, what to do.
  var text: String {
    let missing =
      backup.map {
        "reads are from the backup of \($0.madeAt); what came from then until \(since) is missing"
      } ?? "there is no backup: everything before \(since) is missing"
    let rest =
      database == .feedback
      ? "new feedback is spooled and stored once the file is mended"
      : "nothing is changed until then: no trial, no switch, no decision"
    return "\(path) cannot be used (\(reason.message)); \(missing); \(rest). "
      + "The file is kept as it is; docs/operating.md says how to restore it"
  }

  /// The same for programs, as it stands in every answer.
  var json: JSONValue {
    [
      "database": .string(database.rawValue), "reason": .string(reason.description),
      "backup": backup.map { .string($0.path) } ?? .null,
      "missing_from": backup.map { .string($0.madeAt.description) } ?? .null,
      "missing_until": .string(since.description),
    ]
  }
}

/// The parts of storage that do not work as they should.
struct StorageState: Sendable {
  var degradations: [Degradation] = []

  func of(_ database: DatabaseName) -> Degradation? {
    degradations.first { $0.database == database }
  }

  /// Refuses what a broken database makes unsafe.
  func require(_ databases: DatabaseName..., doing: String) throws(KaizenError) {
    for database in databases {
      guard let broken = of(database) else { continue }
      throw KaizenError(
        "E_DEGRADED", "\(doing) is refused: \(broken.text)",
        hint: "restore \(broken.path) as docs/operating.md says, and start the daemon again")
    }
  }
}
