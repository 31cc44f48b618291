/// The tables a program expects in its file, and how each version grew out of the one before.
public struct Schema: Hashable, Sendable {
  /// Written in the file's header, so that no other program's file is taken for ours.
  ///
  /// - Source: https://sqlite.org/pragma.html#pragma_application_id
  public var applicationID: Int32
  /// Scripts, oldest first: the first makes version 1.
  ///
  /// One that was released never changes.
  public var migrations: [String]

  /// Makes a schema.
  public init(applicationID: Int32, migrations: [String]) {
    self.applicationID = applicationID
    self.migrations = migrations
  }

  /// The version this program writes.
  public var version: Int { migrations.count }
}
