internal import CSQLite
public import Model

/// One row of a result, lent for the length of a closure; columns count from 0.
public struct Row: ~Copyable {
  private let raw: OpaquePointer
  private let path: String

  init(raw: OpaquePointer, path: String) {
    self.raw = raw
    self.path = path
  }

  /// Whether the column is NULL.
  public borrowing func isNull(_ column: Int) -> Bool {
    sqlite3_column_type(raw, Int32(column)) == SQLITE_NULL
  }

  /// An integer column.
  public borrowing func integer(_ column: Int) throws(KaizenError) -> Int64 {
    try expect(column, SQLITE_INTEGER, "an integer")
    return sqlite3_column_int64(raw, Int32(column))
  }

  /// An integer column that may be NULL.
  public borrowing func optionalInteger(_ column: Int) throws(KaizenError) -> Int64? {
    isNull(column) ? nil : try integer(column)
  }

  /// A column of numbers; an integer counts as one.
  public borrowing func real(_ column: Int) throws(KaizenError) -> Double {
    if sqlite3_column_type(raw, Int32(column)) != SQLITE_INTEGER {
      try expect(column, SQLITE_FLOAT, "a number")
    }
    return sqlite3_column_double(raw, Int32(column))
  }

  /// A column of numbers that may be NULL.
  public borrowing func optionalReal(_ column: Int) throws(KaizenError) -> Double? {
    isNull(column) ? nil : try real(column)
  }

  /// A text column.
  public borrowing func text(_ column: Int) throws(KaizenError) -> String {
    try expect(column, SQLITE_TEXT, "text")
    // https://sqlite.org/c3ref/column_blob.html: first the text, then its length in bytes.
    let start = sqlite3_column_text(raw, Int32(column))
    let count = sqlite3_column_bytes(raw, Int32(column))
    return String(
      decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
  }

  /// Lends the bytes of a text column, without making a text of them.
  public borrowing func withText<R>(
    _ column: Int, _ body: (UnsafeRawBufferPointer) -> R
  ) throws(KaizenError) -> R {
    try expect(column, SQLITE_TEXT, "text")
    let start = sqlite3_column_text(raw, Int32(column))
    let count = sqlite3_column_bytes(raw, Int32(column))
    return body(UnsafeRawBufferPointer(start: start, count: Int(count)))
  }

  /// A text column that may be NULL.
  public borrowing func optionalText(_ column: Int) throws(KaizenError) -> String? {
    isNull(column) ? nil : try text(column)
  }

  /// A column of bytes.
  public borrowing func blob(_ column: Int) throws(KaizenError) -> [UInt8] {
    try expect(column, SQLITE_BLOB, "bytes")
    let start = sqlite3_column_blob(raw, Int32(column))
    let count = sqlite3_column_bytes(raw, Int32(column))
    return Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
  }

  private borrowing func expect(
    _ column: Int, _ type: Int32, _ expected: String
  ) throws(KaizenError) {
    let found = sqlite3_column_type(raw, Int32(column))
    if found == type { return }
    let name = sqlite3_column_name(raw, Int32(column)).map { String(cString: $0) } ?? "\(column)"
    let names = [
      SQLITE_INTEGER: "an integer", SQLITE_FLOAT: "a number", SQLITE_TEXT: "text",
      SQLITE_BLOB: "bytes",
    ]
    throw KaizenError(
      "E_CORRUPT",
      "\(path): column \"\(name)\": expected \(expected), found \(names[found] ?? "NULL")",
      hint: "restore the newest .backup of the file")
  }
}
