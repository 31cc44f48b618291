internal import CSQLite
internal import Glibc
internal import Linux
internal import Model

/// Turns SQLite's codes into errors that name the file and what to do.
/// - Source: https://sqlite.org/rescode.html
enum Failure {
  /// The error for `code`, just returned by a call on `database`.
  static func error(
    _ code: Int32, _ database: OpaquePointer?, path: String, doing: String
  ) -> KaizenError {
    // https://sqlite.org/c3ref/system_errno.html: the errno behind an I/O error or a failed open.
    let system = database.map { sqlite3_system_errno($0) } ?? 0
    let said = database.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
    let (kind, reason, hint) = explain(code & 0xFF, system, said, path)
    return KaizenError(kind, "\(path): \(doing): \(reason)", hint: hint)
  }

  private static func explain(
    _ code: Int32, _ system: Int32, _ said: String, _ path: String
  ) -> (KaizenError.Code, String, String?) {
    switch code {
    case SQLITE_FULL: return diskFull(path)
    case SQLITE_READONLY: return readOnly(path)
    case SQLITE_IOERR, SQLITE_CANTOPEN: return inputOutput(code, system, said, path)
    case SQLITE_CORRUPT:
      return (
        "E_CORRUPT", "the file is damaged (\(said))",
        "stop the daemon, keep the file, and restore its newest .backup"
      )
    case SQLITE_NOTADB:
      return ("E_FOREIGN_FILE", "not an SQLite database", "move the file away")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return (
        "E_BUSY", "another process holds the database",
        "find it with: fuser \(path); then try again"
      )
    case SQLITE_CONSTRAINT: return ("E_CONSTRAINT", said, nil)
    case SQLITE_NOMEM: return ("E_NO_MEMORY", "no memory", "free memory and try again")
    case SQLITE_TOOBIG: return ("E_TOO_LARGE", "a value is too large", "store less in one value")
    default: return ("E_DATABASE", said, nil)
    }
  }

  private static func inputOutput(
    _ code: Int32, _ system: Int32, _ said: String, _ path: String
  ) -> (KaizenError.Code, String, String?) {
    switch system {
    case ENOSPC, EDQUOT: return diskFull(path)
    case EROFS, EACCES, EPERM: return readOnly(path)
    case ENOENT, ENOTDIR:
      return (
        "E_CANNOT_OPEN", "no such file or folder", "make the folder \(Files.parent(of: path))"
      )
    default:
      let reason = system == 0 ? said : "\(said): \(SystemError.text(system))"
      return (code == SQLITE_CANTOPEN ? "E_CANNOT_OPEN" : "E_IO", reason, "look at the disk")
    }
  }

  private static func diskFull(_ path: String) -> (KaizenError.Code, String, String?) {
    (
      "E_DISK_FULL", "the disk is full, nothing was stored",
      "free space on the file system of \(Files.parent(of: path))"
    )
  }

  private static func readOnly(_ path: String) -> (KaizenError.Code, String, String?) {
    (
      "E_READ_ONLY", "the file or its folder cannot be written",
      "make \(Files.parent(of: path)) writable for this user, or choose another home"
    )
  }
}

extension KaizenError {
  /// The error itself, or one that carries the words of an error of another kind.
  ///
  /// Swift does not infer a closure's thrown type, so callers would have to write it each time; the
  /// closures given to this room throw anything, and what is no `KaizenError` becomes one.
  static func from(_ error: any Error) -> KaizenError {
    error as? KaizenError ?? KaizenError("E_INTERNAL", "\(error)")
  }
}
