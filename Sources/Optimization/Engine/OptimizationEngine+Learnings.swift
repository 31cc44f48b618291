import Feedback
import Linux
public import Model
import Telemetry

extension OptimizationEngine {
  /// Who asks for learnings on a person's behalf; no component, so that the next analysis closes
  /// what it asked for.
  private static let asker = "learnings-apply"

  /// Starts a run that puts one learning into its agent's instructions, as a trial of its own.
  /// - Throws: `E_UNKNOWN_LEARNING`, and what `optimize` throws.
  public func applyLearning(_ id: String, user: UInt32) throws(KaizenError) -> Run {
    guard let learning = try parts.feedback.learning(id) else {
      throw KaizenError(
        "E_UNKNOWN_LEARNING", "there is no learning \"\(id.prefix(140))\", or it has expired",
        hint: "`kaizen learnings` shows those that hold")
    }
    let agent = try requireAgent(learning.agent)
    try requireUnfrozen(agent.id)
    return try startRun(agent, strategy: .comprehensive, isDryRun: false, user: user) {
      run throws(KaizenError) in
      self.say(run, "applying \(learning.id): \(learning.title)")
      return try self.apply(learning, run: run, agent: agent)
    }
  }

  private func apply(
    _ learning: Learning, run: Run, agent: AgentRecord
  ) throws(KaizenError) -> TrialEnding {
    guard let component = ComponentID(Self.asker) else {
      throw KaizenError("E_INTERNAL", "\"\(Self.asker)\" is no component id")
    }
    let opportunity = Opportunity(
      type: .trainingNeeded, severity: nil, agent: agent.id, component: component,
      title: "the instructions lack: \(learning.title)", strength: learning.impact,
      evidence: [
        "file": .string(instructions(of: agent)), "learnings": .array([learning.brief]),
      ])
    var analysis = try measure(agent.id, days: nil)
    let open = try parts.store.fold(
      [opportunity], agent: agent.id, finders: [component], at: analysis.time)
    // Only what was asked for: what else is open waits for its own run.
    analysis.opportunities = open.filter { $0.opportunity.identity == opportunity.identity }
    return try act(on: analysis, run: run, agent: agent)
  }

  /// The file that holds an agent's instructions, or is to be begun.
  private func instructions(of agent: AgentRecord) -> String {
    let names = ["AGENTS.md", "CLAUDE.md"]
    return names.first { Files.exists("\(agent.root)/\($0)") } ?? names[0]
  }

  /// Notes which learnings a generation that is kept has brought.
  ///
  /// Nothing depends on it but what people are shown, so a failure is logged and no more.
  func noteLearnings(of trial: TrialRecord) {
    guard let generation = trial.generation else { return }
    let told = trial.items.filter { $0.opportunity.type == .trainingNeeded }.flatMap {
      $0.opportunity.evidence["learnings"]?.array ?? []
    }
    for id in told.compactMap({ $0["id"]?.string }) {
      do {
        try parts.feedback.markApplied(id, generation: generation)
      } catch {
        // An analyzer of its own may tell learnings that the feedback loop never drew.
        if error.code == "E_UNKNOWN_LEARNING" { continue }
        parts.log.warning(
          "an applied learning is not marked",
          ["learning": .string(id), "error": .string(error.description)])
      }
    }
  }

  /// Looks for patterns before an analysis, so that its analyzers are told what was learnt.
  func learn(_ agent: AgentID) {
    do {
      try parts.feedback.learn(agent)
    } catch {
      parts.log.warning(
        "no search for patterns",
        ["agent": .string(agent.text), "error": .string(error.description)])
    }
  }
}
