internal import Control
internal import Linux

/// What `doctor` says of the backups, with the daemon or without it.
enum DoctorBackups {
  /// The databases that are backed up.
  private static let databases = ["feedback_loop", "optimization_engine"]

  /// One line for each database: its name, whether all is well, what was found, and the fix.
  static func found(
    _ layout: HomeLayout
  ) -> [(name: String, isGood: Bool, found: String, fix: String?)] {
    // try? because before the first backup there is no folder.
    let names = (try? Files.names(in: layout.backups)) ?? []
    return databases.map { database in
      let name = "backup of \(database)"
      let own = names.filter { $0.hasPrefix(database + ".") && $0.hasSuffix(".db") }
      guard let newest = own.last else {
        let isNew = !Files.exists("\(layout.state)/\(database).db")
        return (
          name, true,
          isNew ? "none, nothing is stored yet" : "none yet: one is made soon after a start", nil
        )
      }
      return (
        name, true,
        "\(layout.backups)/\(newest), checked when it was made; \(own.count) in all", nil
      )
    }
  }
}
