import Model
import SQLite

extension EngineStore {
  /// Stores a plan and gives it its id.
  func insertPlan(
    _ draft: Planning.Draft, run: Run, strategy: Strategy, at time: Instant
  ) throws(KaizenError) -> Plan {
    try database.write { connection in
      _ = try connection.run(
        """
        INSERT INTO optimization_plans
          (run, agent, strategy, items, needs_approval, requested_by, created_at, origin)
        VALUES (?,?,?,?,?,?,?,?)
        """,
        [
          .integer(run.number), .text(run.agent.text), .text(strategy.name.rawValue),
          .text(JSONValue.array(draft.items.map(\.json)).text()),
          .integer(draft.needsApproval ? 1 : 0), .integer(Int64(run.requestedBy)),
          .integer(time.nanoseconds), .text(run.origin.rawValue),
        ])
      return Plan(
        id: "p-\(connection.lastInsertedRowID())", agent: run.agent, strategy: strategy,
        items: draft.items, needsApproval: draft.needsApproval)
    }
  }

  /// D1: the intent to try a plan, stored before anything is cloned.
  func beginTrial(
    _ plan: Plan, state: TrialState, base: GenerationNumber, intent: JSONValue?,
    requestedBy: UInt32, origin: Run.Origin, at time: Instant
  ) throws(KaizenError) -> TrialRecord {
    let evidence = TrialEvidence()
    let number = Int64(plan.id.dropFirst(2)) ?? 0
    let id = try database.write { connection in
      _ = try connection.run(
        """
        INSERT INTO optimization_results (plan, agent, state, base, intent, evidence, started_at)
        VALUES (?,?,?,?,?,?,?)
        """,
        [
          .integer(number), .text(plan.agent.text), .text(state.name),
          SQLValue(base.value), SQLValue(intent?.text()), .text(evidence.json.text()),
          .integer(time.nanoseconds),
        ])
      return connection.lastInsertedRowID()
    }
    return TrialRecord(
      id: id, plan: plan, state: state, base: base, generation: nil, intent: intent,
      approval: nil, evidence: evidence, requestedBy: requestedBy,
      origin: origin, startedAt: time, endedAt: nil)
  }

  /// Stores a trial as it stands, with what `body` does in the same transaction; durable on return.
  func record(
    _ trial: TrialRecord,
    with body: (borrowing Connection) throws -> Void = { _ in }
  ) throws(KaizenError) {
    let ending = trial.state.ending
    try database.write { connection in
      try body(connection)
      _ = try connection.run(
        """
        UPDATE optimization_results SET state = ?, verdict = ?, was_live = ?, code = ?, reason = ?,
          base = ?, generation = ?, intent = ?, approval = ?, evidence = ?, ended_at = ?
        WHERE id = ?
        """,
        [
          .text(trial.state.name), SQLValue(ending?.verdict.rawValue),
          .integer(ending?.wasLive == true ? 1 : 0), SQLValue(ending?.code),
          SQLValue(ending?.reason), SQLValue(trial.base.value), SQLValue(trial.generation?.value),
          SQLValue(trial.intent?.text()), SQLValue(trial.approval),
          .text(trial.evidence.json.text()), SQLValue(trial.endedAt?.nanoseconds),
          .integer(trial.id),
        ])
    }
  }

  /// The trial of that id.
  func trial(_ id: Int64) throws(KaizenError) -> TrialRecord? {
    try trials("WHERE r.id = ?", [.integer(id)]).first
  }

  /// The trial that waits for an approval.
  func trial(awaiting approval: String) throws(KaizenError) -> TrialRecord? {
    try trials(
      "WHERE r.approval = ? ORDER BY r.id DESC LIMIT 1", [.text(approval)]
    ).first
  }

  /// Trials that a stopped daemon left unfinished, oldest first.
  func unfinishedTrials() throws(KaizenError) -> [TrialRecord] {
    try trials("WHERE r.ended_at IS NULL ORDER BY r.id", [])
  }

  /// The trials of an agent, newest first.
  func history(of agent: AgentID, limit: Int) throws(KaizenError) -> [TrialRecord] {
    try trials(
      "WHERE r.agent = ? ORDER BY r.id DESC LIMIT ?", [.text(agent.text), SQLValue(limit)])
  }

  /// Trials of an agent so far.
  func trialCount(of agent: AgentID) throws(KaizenError) -> Int {
    let count = try database.first(
      "SELECT count(*) FROM optimization_results WHERE agent = ?", [.text(agent.text)]
    ) { row in
      try row.integer(0)
    }
    return Int(count ?? 0)
  }

  /// How many trials ended with each verdict.
  func verdictCounts() throws(KaizenError) -> [String: Int] {
    let rows = try database.read(
      "SELECT verdict, count(*) FROM optimization_results WHERE ended_at IS NOT NULL GROUP BY 1",
      []
    ) { row in
      (verdict: try row.optionalText(0) ?? "failed", count: Int(try row.integer(1)))
    }
    return Dictionary(rows.map { ($0.verdict, $0.count) }, uniquingKeysWith: +)
  }

  private func trials(
    _ clause: String, _ values: [SQLValue]
  ) throws(KaizenError) -> [TrialRecord] {
    try database.read(
      """
      SELECT r.id, r.plan, r.agent, r.state, r.verdict, r.was_live, r.code, r.reason, r.base,
        r.generation, r.intent, r.approval, r.evidence, r.started_at, r.ended_at,
        p.strategy, p.items, p.needs_approval, p.requested_by, p.origin,
        p.run
      FROM optimization_results r JOIN optimization_plans p ON p.id = r.plan \(clause)
      """, values
    ) { row in
      try Self.trial(row)
    }
  }

  private static func trial(_ row: borrowing Row) throws(KaizenError) -> TrialRecord {
    let id = try row.integer(0)
    let verdict = try row.optionalText(4).flatMap(Verdict.init(rawValue:))
    let wasLive = try row.integer(5) == 1
    let code = try row.optionalText(6) ?? ""
    let reason = try row.optionalText(7) ?? ""
    let ending = verdict.map {
      TrialEnding($0, wasLive: wasLive, code: code, reason: reason)
    }
    guard let agent = AgentID(try row.text(2)),
      let state = TrialState(name: try row.text(3), ending: ending),
      let strategy = Strategy.Name(rawValue: try row.text(15))
    else {
      throw KaizenError("E_CORRUPT", "the stored trial t-\(id) is unusable")
    }
    let items = (try parse(try row.text(16)).array ?? []).compactMap {
      Plan.Item(json: $0, agent: agent)
    }
    let intent = try row.optionalText(10).map { text throws(KaizenError) in try parse(text) }
    return TrialRecord(
      id: id,
      plan: Plan(
        id: "p-\(try row.integer(1))", agent: agent,
        strategy: Strategy.resolve(strategy, health: nil), items: items,
        needsApproval: try row.integer(17) == 1),
      state: state, base: GenerationNumber(Int(try row.integer(8))),
      generation: try row.optionalInteger(9).map { GenerationNumber(Int($0)) }, intent: intent,
      approval: try row.optionalText(11),
      evidence: TrialEvidence(json: try parse(try row.text(12))),
      requestedBy: UInt32(truncatingIfNeeded: try row.integer(18)),
      origin: Run.Origin(rawValue: try row.text(19)) ?? .user, run: "r-\(try row.integer(20))",
      startedAt: Instant(nanoseconds: try row.integer(13)),
      endedAt: try row.optionalInteger(14).map { Instant(nanoseconds: $0) })
  }
}
