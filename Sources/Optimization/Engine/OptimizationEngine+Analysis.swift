import Approval
internal import Feedback
public import Model
import PluginHost
import Quality
public import Sandbox
import Telemetry
import Workspace

/// What an optimization would do.
public struct Preview: Sendable {
  /// The strategy that was asked for, or that `auto` stands for.
  public var strategy: Strategy
  /// The plans, and what is in none.
  public var planning: Planning
  /// Who found what is left out, and why it is.
  public var leftOut: [Analysis.Note]

  /// The plans as outcomes that are yet to come.
  public func outcomes(for agent: AgentID) -> [Run.Outcome] {
    planning.drafts.map { draft in
      Run.Outcome(
        plan: Plan(
          id: "", agent: agent, strategy: strategy, items: draft.items,
          needsApproval: draft.needsApproval))
    }
  }
}

extension OptimizationEngine {
  /// Measures an agent: metrics, trend and health, without calling a component.
  public func measure(_ id: AgentID, days: Int?) throws(KaizenError) -> Analysis {
    try requireKnown(id)
    let record = try parts.store.agent(id)
    return try analyst.measure(
      try subject(id, record, scored: false), days: days ?? limits.days, at: now())
  }

  /// What health needs of every agent that has feedback, from sums that are kept: no record is
  /// looked at.
  public func vitals(days: Int, at time: Instant) -> [AgentID: AgentMetrics] {
    let all = parts.feedback.vitals(from: time - .seconds(days * 86_400), to: time)
    return Dictionary(uniqueKeysWithValues: all.map { ($0.agent, $0.metrics) })
  }

  /// The health that `metrics` come to: no trend, nothing of before.
  ///
  /// For whoever asks of every agent at once; `record` is nil for an observed one.
  public func score(
    _ id: AgentID, _ record: AgentRecord?, _ metrics: AgentMetrics
  ) throws(KaizenError) -> Health {
    let subject = try subject(id, record, scored: false)
    return Health(
      metrics, serviceLevel: record?.descriptor.serviceLevel, codeQuality: subject.codeQuality,
      minDataPoints: limits.minDataPoints)
  }

  /// Analyzes an agent anew: measures it, has every analyzer look, and stores what was found.
  /// - Parameter stop: ends it early where the work it belongs to is cancelled.
  public func analyze(
    _ id: AgentID, days: Int?, stop: StopToken? = nil
  ) throws(KaizenError) -> Analysis {
    try requireKnown(id)
    var record = try parts.store.agent(id)
    if let known = record { record = try described(known) }
    let started = ContinuousClock.now
    defer { parts.onAnalysis?(ContinuousClock.now - started) }
    learn(id)
    let time = now()
    var (analysis, found, finders) = try analyst.analyze(
      try subject(id, record, scored: true), days: days ?? limits.days, at: time, stop: stop)
    analysis.opportunities = try parts.store.fold(
      found, agent: id, finders: finders + (try removedFinders(of: id)), at: time)
    try parts.store.insert(analysis)
    for note in analysis.notes where note.isFailure {
      parts.log.warning(
        "a component failed",
        ["component": .string(note.component.text), "error": .string(note.message)])
    }
    parts.events.publish(
      "analysis.done", agent: id, "\(id): \(analysis.opportunities.count) opportunities")
    return analysis
  }

  /// Components that found something open of an agent and are registered no more: nobody can say
  /// whether it still holds.
  private func removedFinders(of id: AgentID) throws(KaizenError) -> [ComponentID] {
    let registered = Set(parts.components.components().map(\.name))
    let finders = try parts.store.opportunities(of: id, limit: Int(Int32.max))
      .map(\.known.opportunity.component)
    return Array(Set(finders.filter { !registered.contains($0.text) }))
  }

  /// What an optimization under `name` would do about an analysis.
  ///
  /// What already waits for a person is left out: asking twice would not make it decide sooner.
  /// - Parameters:
  ///   - chosen: ids of the opportunities to act on; nil is all.
  ///   - needsPerson: a person must agree to every plan, whatever the policy says.
  public func preview(
    _ analysis: Analysis, strategy name: Strategy.Name, chosen: Set<String>? = nil,
    needsPerson: Bool = false
  ) -> Preview {
    let strategy = Strategy.resolve(name, health: analysis.health.score)
    let offers = parts.components.ready(.applier).map { manifest in
      ApplierOffer(
        component: manifest.id, handles: Set(manifest.handles), risk: manifest.risk)
    }
    let waiting = waitingTitles(analysis.agent)
    let missing = missingOperations(analysis)
    let open = analysis.opportunities.filter { known in
      !waiting.contains(known.opportunity.identity)
        && !(missing > 0 && known.opportunity.type.isGain)
        && chosen?.contains(known.id) != false
    }
    let policy = parts.admiral.policy
    var planning = Planner.plan(open, strategy: strategy, offers: offers) {
      opportunity, applier in
      let item = Plan.Item(opportunity: opportunity, opportunityID: "", applier: applier)
      return policy.needsApproval(
        PolicySubject(
          Plan(
            id: "", agent: analysis.agent, strategy: strategy, items: [item],
            needsApproval: false)))
    }
    if needsPerson {
      for index in planning.drafts.indices { planning.drafts[index].needsApproval = true }
    }
    planning.leftOut += analysis.opportunities
      .filter { waiting.contains($0.opportunity.identity) }
      .map { Planning.LeftOut(id: $0.id, reason: "it waits for an approval already") }
    if missing > 0 {
      planning.leftOut += analysis.opportunities.filter(\.opportunity.type.isGain).map {
        Planning.LeftOut(
          id: $0.id,
          reason: "\(missing) more operations must show what the last gain did before the next")
      }
    }
    let finders = Dictionary(
      analysis.opportunities.map { ($0.id, $0.opportunity) }
    ) { first, _ in first }
    let notes = planning.leftOut.compactMap { left in
      finders[left.id].map { opportunity in
        Analysis.Note(
          component: opportunity.component, message: "\(opportunity.title): \(left.reason)",
          isFailure: false)
      }
    }
    return Preview(strategy: strategy, planning: planning, leftOut: notes)
  }

  /// Operations still missing to tell what the gain did that made the live generation; 0 otherwise.
  private func missingOperations(_ analysis: Analysis) -> Int {
    do {
      guard let agent = try parts.store.agent(analysis.agent),
        let live = try site(agent).workspace.liveRecord()?.number,
        let origin = try parts.store.origins(of: agent.id)[live.value], origin.hasPrefix("t-"),
        let id = Int64(origin.dropFirst(2)), let trial = try parts.store.trial(id),
        trial.items.contains(where: \.opportunity.type.isGain)
      else { return 0 }
      let seen = analysis.generations.first { $0.generation == live }
      return max(0, limits.minDataPoints - (seen?.metrics.operationCount ?? 0))
    } catch {
      parts.log.warning("the last gain cannot be read", ["error": .string(error.description)])
      return 0
    }
  }

  /// The Guardian over every ready scorer, for the tree at `files.root`.
  /// - Parameter stop: ends its calls early where the work it belongs to is cancelled.
  func guardian(
    _ agent: AgentRecord, files: AgentFiles, stop: StopToken? = nil
  ) -> Guardian {
    let context = CallContext(
      agent: agent.id, descriptor: agent.descriptorJSON,
      serviceLevel: agent.descriptor.serviceLevel)
    return Guardian(
      scorers: parts.components.ready(.scorer).map { manifest in
        ComponentScorer(
          manifest: manifest, components: parts.components, files: files, context: context,
          stop: stop)
      })
  }

  /// Opportunities of an agent that a pending request for approval already covers.
  private func waitingTitles(_ agent: AgentID) -> Set<Opportunity.Identity> {
    do {
      let trials = try parts.store.unfinishedTrials().filter { trial in
        trial.plan.agent == agent && (trial.state == .awaitingApproval || trial.state == .proposed)
      }
      return Set(trials.flatMap { $0.plan.items.map(\.opportunity.identity) })
    } catch {
      parts.log.warning("waiting trials cannot be read", ["error": .string("\(error)")])
      return []
    }
  }
}

extension Opportunity {
  /// What makes two opportunities one: agent, type, component, title.
  struct Identity: Hashable {
    var agent: AgentID
    var type: OpportunityType
    var component: ComponentID
    var title: String
  }

  /// The opportunity's identity.
  var identity: Identity {
    Identity(agent: agent, type: type, component: component, title: title)
  }
}
