import Approval
import Linux
public import Model
import PluginHost
public import Quality
import Telemetry
import Workspace

/// One generation, as people see it.
public struct GenerationView: Sendable {
  /// Its number.
  public var number: GenerationNumber
  /// The one it was made from.
  public var parent: GenerationNumber?
  /// The trial, `attached`, or `edits`.
  public var origin: String
  /// When it was made.
  public var time: Instant
  /// The digest of its files.
  public var digest: Digest
  /// Its files.
  public var fileCount: Int
  /// Their bytes.
  public var byteCount: Int64
  /// Whether the agent's path shows it.
  public var isLive: Bool
  /// Whether its files are kept, so that it can be live again.
  public var isStored: Bool
}

/// What two generations differ in.
public struct GenerationDifference: Sendable {
  /// The older one.
  public var from: GenerationNumber
  /// The newer one.
  public var to: GenerationNumber
  /// Each changed file: path, kind of change, lines.
  public var changes: [JSONValue]
  /// As a unified diff.
  public var text: String
  /// Whether a limit cut it.
  public var isCut: Bool
}

/// An earlier generation that is live again.
public struct RollbackResult: Sendable {
  /// What was live.
  public var from: GenerationNumber
  /// What is live now.
  public var to: GenerationNumber
  /// The generation that keeps edits found on the live files.
  public var storedEdits: GenerationNumber?
  /// In one line.
  public var message: String
}

extension OptimizationEngine {
  /// The generation that is live; edits since then do not change the number.
  public func liveGeneration(of id: AgentID) throws(KaizenError) -> GenerationNumber {
    let site = try site(try requireAgent(id))
    guard let record = try site.workspace.liveRecord() else {
      if try site.workspace.liveRoot() == nil {
        throw KaizenError(
          "E_ROOT_MISSING", "there is no folder \"\(site.layout.root)\" of \(id) any more",
          hint: "put it back, or restart the daemon: it puts the newest stored generation there")
      }
      throw KaizenError(
        "E_ROOT_REPLACED", "\(site.layout.root) shows no generation of \(id)",
        hint: "`kaizen generations \(id)` lists those it has")
    }
    return record.number
  }

  /// Every generation, newest first.
  public func generations(of id: AgentID) throws(KaizenError) -> [GenerationView] {
    let site = try site(try requireAgent(id))
    let origins = try parts.store.origins(of: id)
    // A clone that waits for a person has a number and a record, and is no generation yet.
    let waiting = Set(
      try parts.store.unfinishedTrials().filter { $0.plan.agent == id }
        .compactMap { $0.switchIntent?.new })
    let known = try site.workspace.generations().filter { !waiting.contains($0.record.number) }
    return known.reversed().map { status in
      let record = status.record
      return GenerationView(
        number: record.number, parent: record.parent,
        origin: origins[record.number.value] ?? record.origin.rawValue, time: record.time,
        digest: record.digest, fileCount: record.entryCount, byteCount: record.byteCount,
        isLive: status.isLive, isStored: status.isStored)
    }
  }

  /// What two generations differ in; by default the live one from the one before it.
  public func diff(
    _ id: AgentID, from old: GenerationNumber?, to new: GenerationNumber?
  ) throws(KaizenError) -> GenerationDifference {
    let site = try site(try requireAgent(id))
    let live = try liveGeneration(of: id)
    let to = new ?? live
    guard let from = try chosen(old, earlierThan: to, site: site) else {
      throw KaizenError(
        "E_GENERATION_UNKNOWN", "\(id) has no generation before \(to) whose files are kept",
        hint: "name both: kaizen diff \(id) A B")
    }
    let diff = try site.workspace.diff(from: from, to: to)
    return GenerationDifference(
      from: from, to: to,
      changes: diff.changes.map(\.evidence), text: diff.text, isCut: diff.isTruncated)
  }

  /// Puts an earlier generation live; by default the newest stored one before the live one.
  public func rollBack(
    _ id: AgentID, to number: GenerationNumber?, user: UInt32
  ) throws(KaizenError) -> RollbackResult {
    let agent = try requireAgent(id)
    if let run = runs.active(id) {
      throw KaizenError(
        "E_AGENT_BUSY", "\(id) is being optimized by run \(run.id)", hint: "wait for it to end")
    }
    let (site, lock) = try locked(agent, "rollback")
    defer { withExtendedLifetime(lock) {} }
    try endInterrupted(site)
    let from = try liveGeneration(of: id)
    guard let to = try chosen(number, earlierThan: from, site: site) else {
      throw KaizenError(
        "E_GENERATION_UNKNOWN", "\(id) has no generation before \(from) whose files are kept",
        hint: "`kaizen generations \(id)` lists those it has")
    }
    // Edits made since become a generation of their own, which the rollback then starts from.
    let base = try liveBase(site).number
    let report = try switchBack(site, from: from, to: to, user: user)
    parts.events.publish("generation.rolled_back", agent: id, "\(id): \(from) to \(report.live)")
    let reloaded = try site.commands.reloadProblem().map { "; but \($0)" } ?? ""
    let late = report.retired.edits.isEmpty ? nil : report.retired.stored
    let edits = late ?? (base == from ? nil : base)
    let kept = edits.map { "; edits found on \(from) are generation \($0)" } ?? ""
    return RollbackResult(
      from: from, to: report.live, storedEdits: edits,
      message: "generation \(report.live) is live\(kept)\(reloaded)")
  }

  /// The rollback itself: each durable step with its intent, the first also in the audit.
  private func switchBack(
    _ site: TrialSite, from: GenerationNumber, to: GenerationNumber, user: UInt32
  ) throws(KaizenError) -> RollbackReport {
    let id = site.agent.id
    let act = AuditEntry.Act(
      "generation.rolled_back", by: .user(user), agent: id, subject: "\(to)",
      details: ["from": .integer(Int64(from.value)), "to": .integer(Int64(to.value))])
    var isAudited = false
    do {
      let report = try site.workspace.rollback(to: to) { intent throws(KaizenError) in
        try parts.store.setRollbackIntent(intent.json, of: id) { connection in
          if !isAudited { try parts.admiral.audit.append(act, on: connection) }
        }
        isAudited = true
      }
      try parts.store.setRollbackIntent(nil, of: id)
      return report
    } catch {
      // Whatever else fails leaves the live tree as it was; where that is unsure, recovery looks.
      if error.code != "E_SWITCH_UNSURE" { try parts.store.setRollbackIntent(nil, of: id) }
      throw error
    }
  }

  /// The Guardian's view of the live files, taken now.
  public func quality(
    of id: AgentID
  ) throws(KaizenError) -> (generation: GenerationNumber, assessment: Assessment) {
    let agent = try requireAgent(id)
    let site = try site(agent)
    let base = try observedBase(site)
    return (base.number, try rate(agent, at: site.workspace.livePath, manifest: base))
  }

  /// What an analysis of an agent is about: with its files, where it has any.
  func subject(
    _ id: AgentID, _ record: AgentRecord?, scored: Bool
  ) throws(KaizenError) -> Analyst.Subject {
    guard let record else { return Analyst.Subject(agent: id) }
    let site = try site(record)
    guard scored else {
      let live = try site.workspace.liveRecord()?.number
      let quality = try live.flatMap { number throws(KaizenError) in
        try parts.store.quality(of: number, agent: id)
      }
      return Analyst.Subject(agent: id, record: record, generation: live, codeQuality: quality)
    }
    let base = try observedBase(site)
    let findings = try findings(record, at: site.workspace.livePath, manifest: base)
    let known = try parts.store.quality(of: base.number, agent: id)
    var quality = known
    if quality == nil {
      quality = try rate(record, at: site.workspace.livePath, manifest: base).overall
    }
    return Analyst.Subject(
      agent: id, record: record, generation: base.number,
      files: site.files(at: site.workspace.livePath, base), codeQuality: quality,
      findings: findings)
  }

  /// What is live, for whoever only looks: edits become a generation unless a run has the agent.
  private func observedBase(_ site: TrialSite) throws(KaizenError) -> GenerationManifest {
    do {
      let lock = try AgentLock.acquire(site.layout, purpose: "looking")
      defer { withExtendedLifetime(lock) {} }
      return try liveBase(site)
    } catch {
      guard error.code == "E_AGENT_LOCKED", let live = try site.workspace.liveRecord() else {
        throw error
      }
      return try site.workspace.manifest(live.number)
    }
  }

  /// The generation somebody asked for, or the newest stored one before `number`.
  private func chosen(
    _ asked: GenerationNumber?, earlierThan number: GenerationNumber, site: TrialSite
  ) throws(KaizenError) -> GenerationNumber? {
    if let asked { return asked }
    return try site.workspace.generations().last { $0.isStored && $0.record.number < number }?
      .record
      .number
  }
}
