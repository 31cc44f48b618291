import Linux
public import Model
import Sandbox
import Telemetry

extension OptimizationEngine {
  /// Starts a run and returns at once; `runs.wait` follows it.
  /// - Throws: `E_UNKNOWN_AGENT`, `E_OBSERVED`, `E_AGENT_BUSY`, `E_BUSY`.
  public func optimize(
    _ id: AgentID, strategy: Strategy.Name, isDryRun: Bool, days: Int?, user: UInt32
  ) throws(KaizenError) -> Run {
    let agent = try described(try requireAgent(id))
    if !isDryRun { try requireUnfrozen(id) }
    return try startRun(agent, strategy: strategy, isDryRun: isDryRun, user: user) {
      run throws(KaizenError) in
      self.say(run, "analyzing \(id)")
      if let note = self.descriptorNote(agent) { self.say(run, note) }
      let analysis = try self.analyze(id, days: days, stop: self.runs.stopToken(run.id))
      return try self.act(on: analysis, run: run, agent: agent)
    }
  }

  /// Opens a run and gives it a thread; whatever `body` throws ends it as failed.
  func startRun(
    _ agent: AgentRecord, strategy: Strategy.Name, isDryRun: Bool, user: UInt32,
    origin: Run.Origin = .user,
    _ body: @escaping @Sendable (Run) throws(KaizenError) -> TrialEnding
  ) throws(KaizenError) -> Run {
    let run = try open(
      agent.id, strategy: strategy, isDryRun: isDryRun, user: user, origin: origin)
    do {
      _ = try BlockingThread(name: "run \(run.id)") {
        let ending: TrialEnding
        do throws(KaizenError) {
          ending = try body(run)
        } catch {
          ending = TrialEnding(.failed, code: error.code.rawValue, reason: error.message)
        }
        self.end(run, ending)
      }
    } catch {
      end(run, TrialEnding(.failed, code: "E_THREAD", reason: error.description))
      throw KaizenError("E_BUSY", "no thread can be started: \(error)", hint: "try again later")
    }
    return run
  }

  /// Opens a run under a number of its own, which is on disk before anybody hears of it.
  private func open(
    _ agent: AgentID, strategy: Strategy.Name, isDryRun: Bool, user: UInt32, origin: Run.Origin
  ) throws(KaizenError) -> Run {
    try runs.requirePlace(for: agent, origin: origin)
    let time = now()
    let number = try parts.store.insertRun(
      of: agent, strategy: strategy, origin: origin, isDryRun: isDryRun, requestedBy: user,
      at: time)
    let run = Run(
      number: number, agent: agent, requestedBy: user, origin: origin, isDryRun: isDryRun,
      strategy: strategy, startedAt: time)
    do {
      try runs.open(run)
    } catch {
      try parts.store.removeRun(number)
      throw error
    }
    return run
  }

  private func end(_ run: Run, _ ending: TrialEnding) {
    let time = now()
    do {
      // Before whoever waits is told, so that what they then ask for is there.
      var ended = runs.wait(for: run.id, beyond: .max, timeout: .zero) ?? run
      ended.ending = ending
      ended.endedAt = time
      try parts.store.endRun(ended)
    } catch {
      parts.log.warning(
        "the end of a run is not stored",
        ["run": .string(run.id), "error": .string(error.description)])
    }
    runs.update(run.id) { run in
      run.ending = ending
      run.endedAt = time
    }
    parts.events.publish(
      "run.done", agent: run.agent,
      "\(run.id) of \(run.agent): \(ending.verdict.rawValue), \(ending.reason)")
  }

  /// Says what a run does now, to whoever follows it.
  func say(_ run: Run, _ line: String) {
    runs.update(run.id) { $0.progress.append(line) }
    parts.log.info(line, ["run": .string(run.id), "agent": .string(run.agent.text)])
  }

  /// Plans of an analysis, and the trial of each in turn.
  /// - Parameter chosen: the ids of the opportunities to act on; nil is all.
  func act(
    on analysis: Analysis, run: Run, agent: AgentRecord, chosen: Set<String>? = nil
  ) throws(KaizenError) -> TrialEnding {
    runs.update(run.id) { run in
      run.healthBefore = analysis.health.score
      run.opportunityCount = analysis.opportunities.count
    }
    let stop = runs.stopToken(run.id)
    try stop?.check()
    let preview = preview(
      analysis, strategy: run.strategy, chosen: chosen, needsPerson: run.origin == .propose)
    let score = analysis.health.score.map { "\(($0 * 10).rounded() / 10)" } ?? "n/a"
    say(
      run,
      "health \(score), \(analysis.opportunities.count) opportunities, strategy "
        + preview.strategy.name.rawValue)
    runs.update(run.id) { $0.leftOut = preview.planning.leftOut }
    for note in analysis.notes where note.isFailure { say(run, note.message) }
    for note in preview.leftOut { say(run, "left out: \(note.message)") }
    if run.isDryRun {
      let outcomes = preview.outcomes(for: agent.id)
      runs.update(run.id) { $0.outcomes = outcomes }
      return TrialEnding(
        .nothingToDo, code: "dry_run",
        reason: "a dry run: plans made \(outcomes.count), tried none")
    }
    var outcomes: [Run.Outcome] = []
    for draft in preview.planning.drafts {
      let plan = try parts.store.insertPlan(
        draft, run: run, strategy: preview.strategy, at: now())
      outcomes.append(Run.Outcome(plan: plan))
    }
    runs.update(run.id) { [outcomes] in $0.outcomes = outcomes }
    for index in outcomes.indices {
      try stop?.check()
      outcomes[index] = try tryPlan(outcomes[index], run: run, agent: agent)
      runs.update(run.id) { [outcomes] in $0.outcomes = outcomes }
    }
    noteHealth(of: run, after: outcomes)
    if analysis.opportunities.isEmpty {
      return TrialEnding(
        .nothingToDo, code: "nothing_to_do", reason: "the analysis found nothing to improve")
    }
    if outcomes.isEmpty, let first = preview.leftOut.first {
      let more = preview.leftOut.count - 1
      return TrialEnding(
        .nothingToDo, code: "nothing_to_do",
        reason: first.message + (more > 0 ? "; and \(more) more left out" : ""))
    }
    return Run.verdict(of: outcomes)
  }

  /// Measures what a run that changed the live files has come to.
  ///
  /// The window is what it was before; what is new at once is the quality of the files. What the new
  /// generation does shows later, in `explain`.
  func noteHealth(of run: Run, after outcomes: [Run.Outcome]) {
    guard outcomes.contains(where: { $0.ending?.verdict == .kept }) else { return }
    do {
      let score = try measure(run.agent, days: nil).health.score
      runs.update(run.id) { $0.healthAfter = score }
    } catch {
      parts.log.warning(
        "the health after a run is not known",
        ["run": .string(run.id), "error": .string(error.description)])
    }
  }
}
