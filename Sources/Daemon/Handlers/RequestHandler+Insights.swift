import Control
import Feedback
import Model
import Optimization

// What feedback taught: patterns and learnings.

extension RequestHandler {
  func listPatterns(_ call: Call) throws(KaizenError) -> ListAnswer<PatternInfo> {
    let agent = try knownAgent(call)
    let limit = call.query.limit
    let found = try parts.feedback.patterns(of: agent, limit: limit + 1)
    return ListAnswer(found.map(PatternInfo.init), limit: limit)
  }

  func listLearnings(_ call: Call) throws(KaizenError) -> ListAnswer<LearningInfo> {
    let agent = try knownAgent(call)
    let limit = call.query.limit
    let found = try parts.feedback.learnings(of: agent, limit: limit + 1)
    return ListAnswer(found.map(LearningInfo.init), limit: limit)
  }

  func learn(_ call: Call) throws(KaizenError) -> LearnAnswer {
    _ = try call.body(EmptyRequest.self)
    let agent = try call.agent
    try parts.engine.requireKnown(agent)
    let result = try parts.feedback.learn(agent)
    return LearnAnswer(
      agent: agent.text, newPatterns: result.newPatterns.count,
      patterns: result.patterns.map(PatternInfo.init),
      learnings: result.learnings.map(LearningInfo.init))
  }

  func applyLearning(_ call: Call) throws(KaizenError) -> RunInfo {
    _ = try call.body(EmptyRequest.self)
    let run = try parts.engine.applyLearning(call.matched.id, user: call.user)
    return RunInfo(run, trial: parts.engine.trial)
  }

  /// The agent that the query names, where it is known; nil where it names none.
  private func knownAgent(_ call: Call) throws(KaizenError) -> AgentID? {
    guard let text = call.query.text("agent") else { return nil }
    let agent = try Self.agentID(text)
    try parts.engine.requireKnown(agent)
    return agent
  }
}

extension InsightCountsInfo {
  init(_ counts: InsightCounts) {
    self.init(
      patterns: Pattern.Kind.allCases.compactMap { kind in
        counts.patterns[kind].map { CountInfo(name: kind.rawValue, count: $0) }
      },
      learnings: Learning.Kind.allCases.compactMap { kind in
        counts.learnings[kind].map { CountInfo(name: kind.rawValue, count: $0) }
      }, active: counts.active, applied: counts.applied)
  }
}
