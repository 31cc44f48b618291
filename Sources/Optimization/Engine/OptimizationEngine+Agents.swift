import Approval
import Glibc
import Linux
public import Model
import Quality
import Sandbox
import Synchronization
import Telemetry
import Workspace

/// What adding an agent showed.
public struct AgentAddition: Sendable {
  /// The agent, with what its tests showed.
  public var agent: AgentRecord
  /// The sandbox level they ran at: A, B or C.
  public var level: String
  /// What limited memory and processes.
  public var limits: String
  /// What its owner should know.
  public var warnings: [String]
  /// The descriptor in the home; nil where the agent's folder has its own.
  public var descriptorFile: String?
  /// What it goes by, where it was made just now.
  public var guess: String?
  /// Whether it was there already, and only its descriptor was read anew.
  public var wasKnown = false
}

extension OptimizationEngine {
  /// Attaches the files at `path` and proves the base: its tests run once, confined.
  ///
  /// Of an agent that is attached there already its descriptor is read anew.
  /// - Parameter mode: the name of the attach mode; nil for directory, or for what a known agent has.
  public func addAgent(
    path: String, id: String?, mode: String?, user: UInt32
  ) throws(KaizenError) -> AgentAddition {
    let found = try descriptor(at: path, id: id)
    let descriptor = found.descriptor
    let asked = try mode.map { name throws(KaizenError) in try AttachMode(named: name) }
    if let known = try parts.store.agent(descriptor.id) {
      guard isFolder(path, of: known) else {
        throw KaizenError(
          "E_AGENT_EXISTS", "there is an agent \"\(descriptor.id)\" already, at \(known.root)",
          hint:
            "give another id with --id, or remove it first: kaizen agent remove \(descriptor.id)")
      }
      return try reread(known, as: found, mode: asked, user: user)
    }
    let home = Files.parent(of: storeRoot)
    let layout = try AgentLayout.locate(
      id: descriptor.id, root: path, home: home, mode: asked ?? .directory)
    let stop = try claim(layout.root)
    defer { release(layout.root) }
    let lock = try AgentLock.acquire(layout, purpose: "agent add")
    defer { withExtendedLifetime(lock) {} }
    let workspace = GenerationStore(layout: layout, paths: PathSet(descriptor))
    _ = try workspace.recover(nil)
    let attached = try attach(workspace, home: home)
    var record = AgentRecord(
      id: descriptor.id, root: layout.root, store: layout.store, mode: layout.mode.rawValue,
      descriptor: descriptor, descriptorJSON: found.json, baseTests: nil, addedAt: now(),
      addedBy: user)
    do throws(KaizenError) {
      var warnings = found.problems.map(\.description) + attached.warnings
      warnings += try prove(&record, base: attached.base, workspace: workspace, stop)
      if let reason = stop.reason { throw reason }
      try keep(found)
      try parts.store.insert(record)
      try parts.store.insertGeneration(
        attached.base.number, of: record.id, digest: attached.base.digest, origin: "attached",
        at: now())
      workspace.endAddition()
      audit(
        "agent.added", by: .user(user), agent: record.id,
        subject: layout.root, ["digest": .string(attached.base.digest.hex)])
      parts.events.publish("agent.added", agent: record.id, "\(record.id) at \(layout.root)")
      let report = parts.confiner.probe()
      try rate(record, at: workspace.livePath, manifest: attached.base)
      return AgentAddition(
        agent: record, level: report.level.rawValue, limits: report.limits, warnings: warnings,
        descriptorFile: found.kept, guess: found.made)
    } catch {
      undoAddition(of: record.id, workspace)
      throw error
    }
  }

  /// Undoes an addition that failed; where that fails, too, its mark stays for the next start.
  private func undoAddition(of id: AgentID, _ workspace: GenerationStore) {
    do throws(KaizenError) {
      try parts.store.removeAgent(id)
      try workspace.detach()
      workspace.endAddition()
    } catch {
      noteAttention("the addition of \(id) failed, and could not be undone: \(error)")
    }
  }

  /// Keeps the folder from being added a second time meanwhile.
  /// - Returns: what ends the tests of the addition where the daemon stops.
  func claim(_ root: String) throws(KaizenError) -> StopToken {
    let stop = StopToken()
    let isFirst = adding.withLock { adding in
      if adding[root] != nil { return false }
      adding[root] = stop
      return true
    }
    if isFirst { return stop }
    throw KaizenError(
      "E_AGENT_BUSY", "\(root) is being added already", hint: "wait for that to end")
  }

  func release(_ root: String) { _ = adding.withLock { $0.removeValue(forKey: root) } }

  /// Marks the addition and attaches; without an attachment there is no mark.
  private func attach(
    _ workspace: GenerationStore, home: String
  ) throws(KaizenError) -> AttachReport {
    let others = try parts.store.agents().map(\.root)
    try workspace.beginAddition()
    do throws(KaizenError) {
      return try attach(workspace, others: others, home: home)
    } catch {
      workspace.endAddition()
      throw error
    }
  }

  /// Attaches; an attachment in our own store that no row knows of is one that a crash cut short.
  private func attach(
    _ workspace: GenerationStore, others: [String], home: String
  ) throws(KaizenError) -> AttachReport {
    do throws(KaizenError) {
      return try workspace.attach(others: others, home: home)
    } catch {
      let isOurs = workspace.layout.store.hasPrefix(storeRoot + "/")
      guard error.code == "E_ALREADY_ATTACHED", isOurs else { throw error }
      try workspace.detach()
      return try workspace.attach(others: others, home: home)
    }
  }

  /// Runs the tests on a clone of the base; the live files are never run on.
  func prove(
    _ record: inout AgentRecord, base: GenerationManifest, workspace: GenerationStore,
    _ stop: StopToken
  ) throws(KaizenError) -> [String] {
    var site = try site(record)
    site.commands.stop = stop
    if record.descriptor.test == nil {
      return ["there is no test command: no change will be kept without a person's approval"]
    }
    let stage = try workspace.clone(base)
    let report: TestReport
    do {
      report = try baseReport(site, base: base, at: stage.path)
      try workspace.discard(stage)
    } catch {
      try workspace.discard(stage)
      if error.code == "E_SANDBOX_UNAVAILABLE" { throw error }
      return ["the tests cannot start: \(error.description)"]
    }
    record.baseTests = report
    if TestJudgement.judge(base: report, clone: report) == .baseFails {
      return [
        "the tests fail as a whole (\(report.summary)): trials will be inconclusive until they pass; "
          + record.adviceOnTests(report)
      ]
    }
    return report.failing.isEmpty
      ? []
      : ["cases that fail on the base do not decide: " + report.failing.joined(separator: ", ")]
  }

  /// Has the Guardian score a generation's files and notes the result for the health.
  @discardableResult
  func rate(
    _ record: AgentRecord, at root: String, manifest: GenerationManifest
  ) throws(KaizenError) -> Assessment {
    let files = try site(record).files(at: root, manifest)
    let assessment = guardian(record, files: files).assess(.init(path: root, agent: record.id))
    try parts.store.setQuality(assessment.overall, of: manifest.number, agent: record.id)
    if let key = findingsKey(record, manifest) { foundBefore[key] = assessment.findings }
    return assessment
  }

  /// Gives the folder back as it is and forgets the agent's generations; its feedback stays.
  public func removeAgent(_ id: AgentID, user: UInt32) throws(KaizenError) -> String {
    let agent = try requireAgent(id)
    if let run = runs.active(id) {
      throw KaizenError("E_AGENT_BUSY", "\(id) is being optimized by run \(run.id)")
    }
    let (site, lock) = try locked(agent, "agent remove")
    defer { withExtendedLifetime(lock) {} }
    try endInterrupted(site)
    for trial in try parts.store.unfinishedTrials()
    where trial.plan.agent == id && trial.isWaiting {
      let runner = TrialRunner(self, site, trial, base: try manifestOfBase(trial, site)) { _ in }
      try runner.take(
        .stopped(TrialEnding(.expired, code: "agent_removed", reason: "the agent was removed")))
      try finish(runner)
      if let approval = trial.approval { try parts.admiral.withdraw(approval) }
    }
    let stored = try site.workspace.generations().count(where: \.isStored)
    var report = DetachReport()
    do {
      report = try site.workspace.detach()
    } catch {
      // A removal that was cut short had come this far.
      if error.code != "E_NOT_ATTACHED" { throw error }
    }
    try parts.store.removeAgent(id)
    audit("agent.removed", by: .user(user), agent: id, subject: agent.root)
    parts.events.publish("agent.removed", agent: id, "\(id)")
    let files =
      report.isFolderMissing
      ? "there was no folder \(agent.root) any more"
        + (report.stateLeft.map { ", and what was in its state paths stays in \($0)" } ?? "")
      : "\(agent.root) stays as it is"
    return "\(files); feedback and history are kept, \(stored) stored generations are gone"
  }
}
