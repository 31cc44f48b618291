import Control
import Glibc
import Linux
import Model
import Synchronization
import Telemetry

/// Notices that a database turns out broken while the daemon serves, and has it begin anew.
///
/// What is open cannot be exchanged under those who use it. A start opens a copy of the newest
/// backup, as it does for a file that was broken before.
final class DamageWatch: Sendable {
  private struct State {
    /// What was found, one line each for people.
    var found: [DatabaseName: String] = [:]
    var isRestartWanted = false
  }

  /// What wakes the daemon to begin anew; not SIGTERM, which would hide one of a service manager.
  static let signal = SIGUSR1

  /// What says that a file is not what was written.
  private static let codes: Set<KaizenError.Code> = ["E_CORRUPT", "E_FOREIGN_FILE", "E_MISSING"]

  private let home: HomeLayout
  private let log: Log
  private let state = Mutex(State())
  /// Those that a start would not read from a backup: they are copies of one, or were looked
  /// through after the last damage and found sound.
  private let settled: Set<DatabaseName>
  /// The files as they were opened.
  private let files: [DatabaseName: FileIdentity]

  init(home: HomeLayout, opening: StorageOpening, log: Log) {
    self.home = home
    self.log = log
    settled = opening.checked.union(opening.state.degradations.map(\.database))
    var files: [DatabaseName: FileIdentity] = [:]
    for name in DatabaseName.allCases where opening.state.of(name) == nil {
      files[name] = FileIdentity(home.database(name))
    }
    self.files = files
  }

  /// What was found since the start.
  var problems: [String] {
    state.withLock { $0.found.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value) }
  }

  /// Whether the daemon is to begin anew once it has stopped.
  var isRestartWanted: Bool { state.withLock { $0.isRestartWanted } }

  /// Takes note of an error; whether the daemon begins anew because of it.
  @discardableResult
  func note(_ error: KaizenError) -> Bool {
    guard Self.codes.contains(error.code),
      let name = DatabaseName.allCases.first(where: { error.message.contains(home.database($0)) })
    else { return false }
    let isFirst = state.withLock { state in
      if state.found[name] != nil { return false }
      state.found[name] = "found while serving: \(error.message)"
      if !settled.contains(name) { state.isRestartWanted = true }
      return true
    }
    guard !settled.contains(name) else { return false }
    if isFirst {
      log.error("a database is broken; starting anew", ["reason": .string(error.message)])
      mark(name)
      // Stops as for a service manager: runs under way are ended in order.
      kill(getpid(), Self.signal)
    }
    return true
  }

  /// Looks whether the files are still those that were opened; what is stored in one that was
  /// removed goes with the daemon.
  func look() {
    for (name, opened) in files where FileIdentity(home.database(name)) != opened {
      note(
        KaizenError(
          "E_MISSING", "\(home.database(name)): the file was removed or replaced while in use"))
    }
  }

  /// Tells the next start to look through the whole file.
  private func mark(_ name: DatabaseName) {
    do {
      _ = try FileDescriptor.open(
        home.database(name) + StorageOpening.markSuffix, O_WRONLY | O_CREAT)
    } catch {
      log.warning("the damage is not marked", ["error": .string("\(error)")])
    }
  }
}

/// Which file a path leads to.
struct FileIdentity: Hashable, Sendable {
  private var device: UInt64 = 0
  private var inode: UInt64 = 0

  /// All zero where there is none.
  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

extension HomeLayout {
  /// Where a database lies.
  func database(_ name: DatabaseName) -> String { state + "/\(name.rawValue).db" }
}
