public import Model
import SQLite

/// An agent with files, as it was added.
public struct AgentRecord: Sendable {
  /// The id.
  public var id: AgentID
  /// The absolute path of its folder.
  public var root: String
  /// Where its generations are kept.
  public var store: String
  /// How it is attached: `directory`.
  public var mode: String
  /// What its descriptor says.
  public var descriptor: AgentDescriptor
  /// The descriptor as it was written, for components.
  public var descriptorJSON: JSONValue
  /// What its tests showed when it was added.
  public var baseTests: TestReport?
  /// When it was added.
  public var addedAt: Instant
  /// By whom.
  public var addedBy: UInt32
  /// How far the loop goes alone, where somebody set it; else the descriptor says, or the settings.
  public var autopilot: Autopilot? = nil
}

extension EngineStore {
  private static let agentColumns =
    "id, root, store, mode, descriptor, base_tests, added_at, added_by, autopilot"

  /// Stores a new agent.
  /// - Throws: `E_CONSTRAINT` where its id or its folder is another's.
  func insert(_ agent: AgentRecord) throws(KaizenError) {
    try database.write { connection in
      _ = try connection.run(
        "INSERT INTO agents (\(Self.agentColumns)) VALUES (?,?,?,?,?,?,?,?,?)",
        [
          .text(agent.id.text), .text(agent.root), .text(agent.store), .text(agent.mode),
          .text(agent.descriptorJSON.text()), SQLValue(agent.baseTests?.json.text()),
          .integer(agent.addedAt.nanoseconds), .integer(Int64(agent.addedBy)),
          SQLValue(agent.autopilot?.rawValue),
        ])
    }
  }

  /// Stores an agent's descriptor as it was read anew, and what its tests showed then.
  func update(_ agent: AgentRecord) throws(KaizenError) {
    try database.write { connection in
      _ = try connection.run(
        "UPDATE agents SET descriptor = ?, base_tests = ? WHERE id = ?",
        [
          .text(agent.descriptorJSON.text()), SQLValue(agent.baseTests?.json.text()),
          .text(agent.id.text),
        ])
    }
  }

  /// Forgets an agent; its trials and opportunities stay as history.
  func removeAgent(_ id: AgentID) throws(KaizenError) {
    try database.write { connection in
      _ = try connection.run("DELETE FROM agents WHERE id = ?", [.text(id.text)])
      _ = try connection.run("DELETE FROM generations WHERE agent = ?", [.text(id.text)])
      _ = try connection.run(
        "UPDATE opportunities SET is_open = 0 WHERE agent = ?", [.text(id.text)])
    }
  }

  /// Every agent with files, by id.
  func agents() throws(KaizenError) -> [AgentRecord] {
    try database.read("SELECT \(Self.agentColumns) FROM agents ORDER BY id", []) { row in
      try Self.agent(row)
    }
  }

  /// The agent of that id.
  func agent(_ id: AgentID) throws(KaizenError) -> AgentRecord? {
    try database.first(
      "SELECT \(Self.agentColumns) FROM agents WHERE id = ?", [.text(id.text)]
    ) { row in
      try Self.agent(row)
    }
  }

  private static func agent(_ row: borrowing Row) throws(KaizenError) -> AgentRecord {
    let id = try row.text(0)
    let json = try parse(try row.text(4))
    let (descriptor, problems) = AgentDescriptor.read(json, file: "agents/\(id)", fallbackID: id)
    guard let descriptor else {
      throw KaizenError(
        "E_CORRUPT",
        "the stored descriptor of \(id) is unusable: "
          + problems.map(\.description).joined(separator: "; "),
        hint: "remove the agent and add it again")
    }
    return AgentRecord(
      id: descriptor.id, root: try row.text(1), store: try row.text(2), mode: try row.text(3),
      descriptor: descriptor,
      descriptorJSON: json,
      baseTests: try row.optionalText(5).flatMap { text throws(KaizenError) in
        TestReport(json: try parse(text))
      },
      addedAt: Instant(nanoseconds: try row.integer(6)),
      addedBy: UInt32(truncatingIfNeeded: try row.integer(7)),
      autopilot: try row.optionalText(8).flatMap(Autopilot.init(rawValue:)))
  }

  /// Stores how far the loop goes alone, with what `body` does in the same transaction.
  func setAutopilot(
    _ autopilot: Autopilot, of id: AgentID, with body: (borrowing Connection) throws -> Void
  ) throws(KaizenError) {
    try database.write { connection in
      try body(connection)
      _ = try connection.run(
        "UPDATE agents SET autopilot = ? WHERE id = ?",
        [.text(autopilot.rawValue), .text(id.text)])
    }
  }

  /// Stores another descriptor, with what `body` does in the same transaction.
  /// - Parameter keepsTests: false where what the tests showed was by another declaration of them.
  func setDescriptor(
    _ json: JSONValue, of id: AgentID, keepsTests: Bool,
    with body: (borrowing Connection) throws -> Void
  ) throws(KaizenError) {
    try database.write { connection in
      try body(connection)
      _ = try connection.run(
        """
        UPDATE agents SET descriptor = ?, base_tests = CASE WHEN ? THEN base_tests END
        WHERE id = ?
        """,
        [.text(json.text()), .integer(keepsTests ? 1 : 0), .text(id.text)])
    }
  }

  /// What a rollback under way intends, for recovery; nil where none is.
  func rollbackIntent(of id: AgentID) throws(KaizenError) -> JSONValue? {
    let text: String?? = try database.first(
      "SELECT rollback FROM agents WHERE id = ?", [.text(id.text)]
    ) { row in
      try row.optionalText(0)
    }
    guard let text = text ?? nil else { return nil }
    return try Self.parse(text)
  }

  /// Stores what a rollback intends, or that it is done.
  func setRollbackIntent(
    _ intent: JSONValue?, of id: AgentID,
    with body: (borrowing Connection) throws -> Void = { _ in }
  ) throws(KaizenError) {
    try database.write { connection in
      try body(connection)
      _ = try connection.run(
        "UPDATE agents SET rollback = ? WHERE id = ?",
        [SQLValue(intent?.text()), .text(id.text)])
    }
  }

  /// Notes a generation in the index; the workspace's own manifest is the truth.
  func insertGeneration(
    _ number: GenerationNumber, of agent: AgentID, digest: Digest, origin: String, at time: Instant
  ) throws(KaizenError) {
    try database.write { connection in
      _ = try connection.run(
        """
        INSERT INTO generations (agent, number, digest, origin, created_at) VALUES (?,?,?,?,?)
        ON CONFLICT (agent, number) DO UPDATE SET digest = ?3, origin = ?4
        """,
        [
          .text(agent.text), SQLValue(number.value), .text(digest.hex), .text(origin),
          .integer(time.nanoseconds),
        ])
    }
  }

  /// Notes the Guardian's overall score of a generation's files, in [0, 1].
  func setQuality(
    _ quality: Double?, of number: GenerationNumber, agent: AgentID
  ) throws(KaizenError) {
    try database.write { connection in
      _ = try connection.run(
        "UPDATE generations SET quality = ? WHERE agent = ? AND number = ?",
        [SQLValue(quality), .text(agent.text), SQLValue(number.value)])
    }
  }

  /// The Guardian's overall score of a generation's files, where it was asked.
  func quality(of number: GenerationNumber, agent: AgentID) throws(KaizenError) -> Double? {
    try database.first(
      "SELECT quality FROM generations WHERE agent = ? AND number = ?",
      [.text(agent.text), SQLValue(number.value)]
    ) { row in
      try row.optionalReal(0)
    } ?? nil
  }

  /// Where each generation of an agent came from: the trial, or the attaching.
  func origins(of agent: AgentID) throws(KaizenError) -> [Int: String] {
    let rows = try database.read(
      "SELECT number, origin FROM generations WHERE agent = ?", [.text(agent.text)]
    ) { row in
      (number: Int(try row.integer(0)), origin: try row.text(1))
    }
    return Dictionary(rows.map { ($0.number, $0.origin) }) { _, last in last }
  }
}
