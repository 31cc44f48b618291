import Approval
import JSONStream
public import Model
public import SQLite

/// optimization_engine.db: what is known of agents, opportunities, plans and trials.
///
/// The file system decides which tree is live; these rows say what was intended and why.
public struct EngineStore: Sendable {
  /// The file, shared with the Admiral.
  public let database: Database

  /// Opens the file at `path`, or makes it.
  /// - Throws: `E_SCHEMA_NEWER`, `E_FOREIGN_FILE`, `E_CORRUPT`, `E_DISK_FULL`, `E_READ_ONLY`.
  public init(path: String) throws(KaizenError) {
    let versions = [EngineSchema.statements + AdmiralSchema.statements, EngineSchema.unattended]
    database = try Database(
      path,
      schema: Schema(
        applicationID: EngineSchema.applicationID,
        migrations: versions.map { $0.joined(separator: ";\n") + ";" }))
  }

  /// Reads JSON that this room itself wrote.
  static func parse(_ text: String) throws(KaizenError) -> JSONValue {
    try JSONDocument.parse(text)
  }
}
