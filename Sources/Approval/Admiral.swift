public import Model
public import SQLite

/// Decides approvals: the policy first, then people.
///
/// Each change of a request is committed together with its entry in the audit. No method waits for
/// a person.
public final class Admiral: Sendable {
  /// Most requests that wait at a time.
  public static let openCountMax = 1000
  /// Longest text of a request's evidence, in bytes: 4 MiB.
  public static let evidenceBytesMax = 4 << 20
  /// Most requests of one list.
  public static let listCountMax = 10_000

  /// The policy requests are made under.
  public let policy: Policy
  /// The record of all it does.
  public let audit: AuditTrail
  private let database: Database
  private let refusedUsers: Set<UInt32>
  private let now: @Sendable () -> Instant

  /// An Admiral over `database`, whose schema has `AdmiralSchema.statements`.
  /// - Parameter refusedUsers: uids that never decide, such as the one sandboxes run as.
  public init(
    database: Database, policy: Policy, refusedUsers: Set<UInt32> = [],
    now: @escaping @Sendable () -> Instant
  ) {
    self.database = database
    self.policy = policy
    self.refusedUsers = refusedUsers
    self.now = now
    audit = AuditTrail(database: database, now: now)
  }

  /// Asks people whether exactly `question.digest` may go on, on the terms of `requirement`.
  ///
  /// Asking again for the same plan, stage and digest while that is open, as after a crash, gives
  /// the request that is there.
  public func request(
    _ question: ApprovalRequest.Question, _ requirement: Policy.Requirement
  ) throws(KaizenError) -> ApprovalRequest {
    try database.write { connection throws(KaizenError) in
      try request(question, requirement, on: connection)
    }
  }

  /// The same within the transaction of `connection`, together with what waits for the answer.
  @discardableResult
  public func request(
    _ question: ApprovalRequest.Question, _ requirement: Policy.Requirement,
    on connection: borrowing Connection
  ) throws(KaizenError) -> ApprovalRequest {
    try requireReachable(requirement, question)
    let size = question.evidence.text().utf8.count
    if size > Self.evidenceBytesMax {
      throw KaizenError(
        "E_TOO_LARGE",
        "approval \(question.id): \(size) bytes of evidence, at most \(Self.evidenceBytesMax)",
        hint: "a plan with a smaller strategy changes less at a time")
    }
    let moment = now()
    let request = ApprovalRequest(
      question: question, rules: requirement.rules, needed: requirement.approvalCount,
      approvers: requirement.approvers, fourEyes: policy.fourEyes, createdAt: moment,
      expiresAt: moment + requirement.expiry, state: .pending, decisions: [])
    if let open = try Self.openTwin(of: question, at: moment, on: connection) { return open }
    try Self.requireRoom(on: connection)
    try request.insert(on: connection)
    try record("approval.requested", request, by: question.requestedBy, on: connection)
    return request
  }

  /// Ends an open request whose subject is gone; nothing where it is decided already.
  public func withdraw(_ id: String) throws(KaizenError) {
    try database.write { connection throws(KaizenError) in
      var request = try Self.find(id, on: connection)
      guard request.withdraw() else { return false }
      try request.update(on: connection)
      try record("approval.withdrawn", request, by: .daemon, on: connection)
      return true
    }
  }

  /// Records that `actor` approves or refuses exactly what has `digest`, and gives what became of
  /// the request.
  public func decide(
    _ id: String, approve: Bool, by actor: Actor, reason: String? = nil, digest: Digest
  ) throws(KaizenError) -> ApprovalRequest {
    if let uid = actor.uid, refusedUsers.contains(uid) {
      throw KaizenError(
        "E_NOT_APPROVER", "uid \(uid) runs sandboxes and never decides",
        hint: "decide as a person's user")
    }
    return try database.write { connection throws(KaizenError) in
      var request = try Self.find(id, on: connection)
      try request.decide(approve, by: actor, reason: reason, digest: digest, now: now())
      try request.update(on: connection)
      try record(
        approve ? "approval.approved" : "approval.rejected", request, by: actor, on: connection)
      return request
    }
  }

  /// Uses the approval up for what has exactly `digest`.
  public func consume(_ id: String, digest: Digest) throws(KaizenError) -> ApprovalRequest {
    try database.write { connection throws(KaizenError) in
      try consume(id, digest: digest, on: connection)
    }
  }

  /// Uses the approval up within the transaction of `connection`, together with what it allows.
  @discardableResult
  public func consume(
    _ id: String, digest: Digest, on connection: borrowing Connection
  ) throws(KaizenError) -> ApprovalRequest {
    var request = try Self.find(id, on: connection)
    try request.consume(digest: digest, now: now())
    try request.update(on: connection)
    try record("approval.used", request, by: .daemon, on: connection)
    return request
  }

  /// Lets every request lapse whose time is over, and gives those that did.
  public func expireDue() throws(KaizenError) -> [ApprovalRequest] {
    let moment = now()
    return try database.write { connection throws(KaizenError) in
      let due = try connection.read(
        """
        SELECT \(ApprovalRequest.columns) FROM approvals
        WHERE state IN ('pending', 'approved') AND expires_ns <= ? ORDER BY expires_ns
        """, [.integer(moment.nanoseconds)], ApprovalRequest.init)
      var lapsed: [ApprovalRequest] = []
      for var request in due where request.expire(now: moment) {
        try request.update(on: connection)
        try record("approval.expired", request, by: .daemon, on: connection)
        lapsed.append(request)
      }
      return lapsed
    }
  }

  /// The latest requests, newest first; of one agent or in one state, if given.
  public func list(
    agent: AgentID? = nil, state: ApprovalRequest.State? = nil, limit: Int
  ) throws(KaizenError) -> [ApprovalRequest] {
    try database.read(
      """
      SELECT \(ApprovalRequest.columns) FROM approvals
      WHERE (?1 IS NULL OR agent = ?1) AND (?2 IS NULL OR state = ?2)
      ORDER BY rowid DESC LIMIT ?3
      """,
      [
        SQLValue(agent?.text), SQLValue(state?.rawValue),
        .integer(Int64(max(0, min(limit, Self.listCountMax)))),
      ], ApprovalRequest.init)
  }

  /// How many requests are in that state.
  public func count(state: ApprovalRequest.State) throws(KaizenError) -> Int {
    let count = try database.first(
      "SELECT count(*) FROM approvals WHERE state = ?", [.text(state.rawValue)]
    ) { row throws(KaizenError) in try row.integer(0) }
    return Int(count ?? 0)
  }

  /// The request `id`.
  public func show(_ id: String) throws(KaizenError) -> ApprovalRequest {
    try database.read { connection throws(KaizenError) in try Self.find(id, on: connection) }
  }
}

extension Admiral {
  private func record(
    _ action: String, _ request: ApprovalRequest, by actor: Actor,
    on connection: borrowing Connection
  ) throws(KaizenError) {
    var details: [String: JSONValue] = [
      "plan": .string(request.question.plan), "digest": .string(request.question.digest.hex),
      "stage": .string(request.question.stage.rawValue), "state": .string(request.state.rawValue),
      "approvals": .integer(Int64(request.decisions.count(where: \.isApproval))),
      "needed": .integer(Int64(request.needed)),
    ]
    if actor.uid != nil, let reason = request.decisions.last?.reason {
      details["reason"] = .string(reason)
    }
    try audit.append(
      AuditEntry.Act(
        action, by: actor, agent: request.question.agent, subject: request.id, details: details),
      on: connection)
  }

  /// Refuses to ask where nobody, or too few, could ever agree.
  private func requireReachable(
    _ requirement: Policy.Requirement, _ question: ApprovalRequest.Question
  ) throws(KaizenError) {
    guard case .users(var uids) = requirement.approvers else { return }
    uids.subtract(refusedUsers)
    if policy.fourEyes, let asking = question.requestedBy.uid { uids.remove(asking) }
    if uids.count < requirement.approvalCount {
      throw KaizenError(
        "E_POLICY",
        "plan \(question.plan) needs \(requirement.approvalCount) approvals, but "
          + "\(requirement.rules.joined(separator: " and ")) leave \(uids.count) users to give them",
        hint: "name more uids in \"by\" of policy.json")
    }
  }

  private static func requireRoom(on connection: borrowing Connection) throws(KaizenError) {
    let open = try connection.first(
      "SELECT count(*) FROM approvals WHERE state IN ('pending', 'approved')"
    ) { row throws(KaizenError) in try row.integer(0) }
    if (open ?? 0) >= Int64(openCountMax) {
      throw KaizenError(
        "E_TOO_MANY", "\(openCountMax) requests for approval are open",
        hint: "decide on some: `kaizen approvals list`")
    }
  }

  /// An open request for the very same thing.
  private static func openTwin(
    of question: ApprovalRequest.Question, at moment: Instant,
    on connection: borrowing Connection
  ) throws(KaizenError) -> ApprovalRequest? {
    try connection.first(
      """
      SELECT \(ApprovalRequest.columns) FROM approvals
      WHERE state IN ('pending', 'approved') AND expires_ns > ? AND plan = ? AND stage = ?
        AND digest = ?
      """,
      [
        .integer(moment.nanoseconds), .text(question.plan), .text(question.stage.rawValue),
        .text(question.digest.hex),
      ], ApprovalRequest.init)
  }

  private static func find(
    _ id: String, on connection: borrowing Connection
  ) throws(KaizenError) -> ApprovalRequest {
    let found = try connection.first(
      "SELECT \(ApprovalRequest.columns) FROM approvals WHERE id = ?", [.text(id)],
      ApprovalRequest.init)
    guard let found else {
      throw KaizenError(
        "E_UNKNOWN_APPROVAL", "there is no approval \(id)",
        hint: "`kaizen approvals list` shows them")
    }
    return found
  }
}
