internal import JSONStream
internal import Model
internal import SQLite

/// Requests as rows of the table `approvals`.
extension ApprovalRequest {
  static let columns = """
    id, agent, plan, run, stage, digest, severity, title, requested_by, proposers, evidence, \
    rules, needed, approvers, four_eyes, created_ns, expires_ns, state, decisions
    """

  func insert(on connection: borrowing Connection) throws(KaizenError) {
    let places = Array(repeating: "?", count: 19).joined(separator: ", ")
    try connection.run(
      "INSERT INTO approvals (\(Self.columns)) VALUES (\(places))",
      [
        .text(id), .text(question.agent.text), .text(question.plan), SQLValue(question.run),
        .text(question.stage.rawValue), .text(question.digest.hex),
        .text(question.severity.rawValue), .text(question.title),
        .text(question.requestedBy.description),
        .text(JSONValue.array(question.proposers.map { .string($0.text) }).text()),
        .text(question.evidence.text()), .text(JSONValue.array(rules.map { .string($0) }).text()),
        .integer(Int64(needed)), .text(approvers.json.text()), .integer(fourEyes ? 1 : 0),
        .integer(createdAt.nanoseconds), .integer(expiresAt.nanoseconds), .text(state.rawValue),
        .text(decisionsJSON.text()),
      ])
  }

  /// Writes what can change of a request.
  func update(on connection: borrowing Connection) throws(KaizenError) {
    try connection.run(
      "UPDATE approvals SET state = ?, decisions = ? WHERE id = ?",
      [.text(state.rawValue), .text(decisionsJSON.text()), .text(id)])
  }

  init(_ row: borrowing Row) throws(KaizenError) {
    let id = try row.text(0)
    question = try Self.question(row, id: id)
    rules = try Self.texts(try row.text(11), id, "rules")
    needed = Int(try row.integer(12))
    approvers = try Self.approvers(try row.text(13), id)
    fourEyes = try row.integer(14) == 1
    createdAt = Instant(nanoseconds: try row.integer(15))
    expiresAt = Instant(nanoseconds: try row.integer(16))
    state = try Self.known(State(rawValue: try row.text(17)), id, "state")
    decisions = try Self.decisions(try row.text(18), id)
  }

  private static func question(
    _ row: borrowing Row, id: String
  ) throws(KaizenError) -> Question {
    Question(
      id: id, agent: try known(AgentID(try row.text(1)), id, "agent"), plan: try row.text(2),
      run: try row.optionalText(3),
      stage: try known(Policy.Stage(rawValue: try row.text(4)), id, "stage"),
      digest: try known(Digest(hex: try row.text(5)), id, "digest"),
      severity: try known(Severity(rawValue: try row.text(6)), id, "severity"),
      title: try row.text(7),
      requestedBy: try known(Actor(try row.text(8)), id, "requested_by"),
      proposers: try texts(try row.text(9), id, "proposers").compactMap { ComponentID($0) },
      evidence: try JSONDocument.parse(try row.text(10)))
  }

  private var decisionsJSON: JSONValue {
    .array(
      decisions.map { decision in
        [
          "uid": .integer(Int64(decision.uid)), "approved": .bool(decision.isApproval),
          "reason": decision.reason.map(JSONValue.string) ?? .null,
          "time_ns": .integer(decision.time.nanoseconds),
        ]
      })
  }

  private static func decisions(_ text: String, _ id: String) throws(KaizenError) -> [Decision] {
    let elements = try known(try JSONDocument.parse(text).array, id, "decisions")
    var decisions: [Decision] = []
    for element in elements {
      let uid = element["uid"]?.integer.flatMap { UInt32(exactly: $0) }
      decisions.append(
        Decision(
          uid: try known(uid, id, "decisions"),
          isApproval: try known(element["approved"]?.bool, id, "decisions"),
          reason: element["reason"]?.string,
          time: Instant(nanoseconds: try known(element["time_ns"]?.integer, id, "decisions"))))
    }
    return decisions
  }

  private static func approvers(
    _ text: String, _ id: String
  ) throws(KaizenError) -> Policy.Approvers {
    let value = try JSONDocument.parse(text)
    if value.string == "any" { return .anyone }
    let uids = try known(value.array, id, "approvers").map { value in
      value.integer.flatMap { UInt32(exactly: $0) }
    }
    // One that is no uid must not widen or narrow the list in silence.
    if uids.contains(nil) { throw damaged(id, "approvers") }
    return .users(Set(uids.compactMap { $0 }))
  }

  private static func texts(
    _ text: String, _ id: String, _ column: String
  ) throws(KaizenError) -> [String] {
    try known(try JSONDocument.parse(text).array, id, column).compactMap(\.string)
  }

  private static func known<T>(
    _ value: T?, _ id: String, _ column: String
  ) throws(KaizenError) -> T {
    guard let value else { throw damaged(id, column) }
    return value
  }

  private static func damaged(_ id: String, _ column: String) -> KaizenError {
    KaizenError(
      "E_CORRUPT", "approval \(id): \"\(column)\" has no value that Kaizen wrote",
      hint: "restore the newest .backup of the database")
  }
}
