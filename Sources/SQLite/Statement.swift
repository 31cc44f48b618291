internal import CSQLite
public import Model

/// One compiled statement.
public struct Statement: ~Copyable {
  private let raw: OpaquePointer
  private let database: OpaquePointer
  private let path: String

  init(
    _ sql: String, database: OpaquePointer, path: String, isKept: Bool
  ) throws(KaizenError) {
    var raw: OpaquePointer?
    // https://sqlite.org/c3ref/prepare.html: PERSISTENT keeps a long-lived statement out of the
    // connection's small memory pool.
    let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
    let code = sqlite3_prepare_v3(database, sql, -1, flags, &raw, nil)
    guard code == SQLITE_OK, let raw else {
      throw Failure.error(code, database, path: path, doing: "preparing \"\(sql.prefix(80))\"")
    }
    self.raw = raw
    self.database = database
    self.path = path
  }

  deinit { sqlite3_finalize(raw) }  // https://sqlite.org/c3ref/finalize.html

  /// Binds all parameters, in order.
  public borrowing func bind(_ values: [SQLValue]) throws(KaizenError) {
    guard values.count == Int(sqlite3_bind_parameter_count(raw)) else {
      throw KaizenError(
        "E_DATABASE",
        "\(path): \(values.count) values for \(sqlite3_bind_parameter_count(raw)) parameters")
    }
    for (index, value) in values.enumerated() {
      try bind(index + 1, value)
    }
  }

  /// Binds the parameter `index`, counted from 1.
  public borrowing func bind(_ index: Int, _ value: SQLValue) throws(KaizenError) {
    switch value {
    case .null: try check(sqlite3_bind_null(raw, Int32(index)))
    case .integer(let value): try bind(index, value)
    case .real(let value): try bind(index, value)
    case .text(let text): try bind(index, text)
    case .blob(let bytes):
      try check(
        bytes.withUnsafeBytes { buffer in
          // A null pointer would bind NULL in place of an empty blob.
          buffer.isEmpty
            ? sqlite3_bind_zeroblob(raw, Int32(index), 0)
            : csqlite_bind_blob(raw, Int32(index), buffer.baseAddress, UInt64(buffer.count))
        })
    }
  }

  /// Binds an integer to the parameter `index`, counted from 1.
  public borrowing func bind(_ index: Int, _ value: Int64) throws(KaizenError) {
    try check(sqlite3_bind_int64(raw, Int32(index), value))
  }

  /// Binds a number; NaN becomes NULL.
  public borrowing func bind(_ index: Int, _ value: Double) throws(KaizenError) {
    try check(sqlite3_bind_double(raw, Int32(index), value))
  }

  /// Binds text, which SQLite copies.
  public borrowing func bind(_ index: Int, _ text: String) throws(KaizenError) {
    var text = text
    let code = text.withUTF8 { buffer in
      buffer.withMemoryRebound(to: CChar.self) { chars in
        chars.isEmpty
          ? csqlite_bind_text(raw, Int32(index), "", 0)
          : csqlite_bind_text(raw, Int32(index), chars.baseAddress, UInt64(chars.count))
      }
    }
    try check(code)
  }

  /// Binds NULL.
  public borrowing func bindNull(_ index: Int) throws(KaizenError) {
    try check(sqlite3_bind_null(raw, Int32(index)))
  }

  /// Runs to the next row; false when there is none.
  public borrowing func step() throws(KaizenError) -> Bool {
    switch sqlite3_step(raw) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw error(code)
    }
  }

  /// Runs a statement without rows to its end, and makes it ready for the next run.
  public borrowing func run() throws(KaizenError) {
    let code = sqlite3_step(raw)
    if code != SQLITE_DONE && code != SQLITE_ROW {
      let error = error(code)
      sqlite3_reset(raw)
      throw error
    }
    sqlite3_reset(raw)
  }

  /// The row of the last `step`, valid until the next one.
  borrowing func row() -> Row { Row(raw: raw, path: path) }

  /// Makes the statement ready for another run; bindings are dropped.
  public borrowing func reset() {
    sqlite3_reset(raw)  // returns the error of the last step, which has been thrown already
    sqlite3_clear_bindings(raw)
  }

  private borrowing func check(_ code: Int32) throws(KaizenError) {
    if code != SQLITE_OK { throw error(code) }
  }

  private borrowing func error(_ code: Int32) -> KaizenError {
    let sql = sqlite3_sql(raw).map { String(cString: $0).prefix(80) } ?? ""
    return Failure.error(code, database, path: path, doing: "running \"\(sql)\"")
  }
}
