import Feedback
import Linux
import Model
import PluginHost
import Quality
import Sandbox
import Statistics

/// Measures agents and has every analyzer look at them.
struct Analyst: Sendable {
  let feedback: FeedbackLoop
  let components: ComponentHost
  let minDataPoints: Int
  let windowRowCountMax: Int
  let toolVersions: ToolVersions

  /// What an analysis is about: the agent, and its files where it has any.
  struct Subject: Sendable {
    var agent: AgentID
    var record: AgentRecord?
    var generation: GenerationNumber?
    var files: AgentFiles?
    /// The Guardian's score of the live files, in [0, 1].
    var codeQuality: Double?
    /// What the scorers found in them; nil without a scorer.
    var findings: [Finding]?
  }

  /// The numbers alone, without calling a component: metrics, trend, health.
  func measure(_ subject: Subject, days: Int, at time: Instant) throws(KaizenError) -> Analysis {
    let window = Duration.seconds(days * 86_400)
    let agent = subject.agent
    let level = subject.record?.descriptor.serviceLevel
    let now = feedback.metrics(agent, from: time - window, to: time)
    let before = feedback.metrics(agent, from: time - window - window, to: time - window)
    func health(_ metrics: AgentMetrics) -> Health {
      Health(
        metrics, serviceLevel: level, codeQuality: subject.codeQuality,
        minDataPoints: minDataPoints)
    }
    let generations = feedback.metricsByGeneration(agent, from: time - window, to: time)
      .sorted { $0.key < $1.key }
    return Analysis(
      agent: agent, days: days, time: time, now: now, before: before,
      trend: try trend(agent, days: days), health: health(now),
      generations: generations.map { entry in
        Analysis.GenerationHealth(
          generation: entry.key.value > 0 ? entry.key : nil, metrics: entry.value,
          health: health(entry.value))
      },
      opportunities: [], notes: [])
  }

  /// Everything: the numbers, and what the analyzers found.
  ///
  /// A component that fails is a note; the others go on.
  func analyze(
    _ subject: Subject, days: Int, at time: Instant, stop: StopToken? = nil
  ) throws(KaizenError) -> (analysis: Analysis, found: [Opportunity], finders: [ComponentID]) {
    var analysis = try measure(subject, days: days, at: time)
    let window = Duration.seconds(days * 86_400)
    var rows = feedback.window(
      subject.agent, from: time - window, to: time, limit: windowRowCountMax)
    var now = analysis.now
    // What an earlier generation did says nothing of the live one, once that has done enough.
    if let live = analysis.generations.last(where: { $0.generation == subject.generation }),
      let generation = live.generation, live.metrics.operationCount >= minDataPoints
    {
      rows = rows.only(generation)
      now = live.metrics
    }
    let input = AnalysisInput(
      context: CallContext(
        agent: subject.agent, descriptor: subject.record?.descriptorJSON ?? [:],
        serviceLevel: subject.record?.descriptor.serviceLevel, generation: subject.generation,
        metrics: now, previous: analysis.before),
      trend: analysis.trend, window: try SharedWindow(rows), files: subject.files,
      facts: try facts(subject, window: window).json)
    var found: [Opportunity] = []
    var finders: [ComponentID] = []
    for analyzer in components.ready(.analyzer) {
      do {
        let output = try components.analyze(analyzer.id, input, stop: stop)
        found += output.opportunities
        finders.append(analyzer.id)
        analysis.notes += output.remarks.notes.map {
          Analysis.Note(component: analyzer.id, message: $0, isFailure: false)
        }
      } catch {
        try stop?.check()
        analysis.notes.append(
          Analysis.Note(component: analyzer.id, message: error.description, isFailure: true))
      }
    }
    return (analysis, found, finders)
  }

  /// What else is known of the agent; without files nothing is known of findings and tools.
  private func facts(_ subject: Subject, window: Duration) throws(KaizenError) -> AgentFacts {
    var facts = AgentFacts(
      learnings: try feedback.learnings(of: subject.agent).filter(\.isForInstructions),
      findings: subject.findings,
      errorTexts: try feedback.errorTexts(
        of: subject.agent, window: window, limit: AgentFacts.errorTextCountMax))
    if let record = subject.record, let files = subject.files {
      facts.tools = toolVersions.tools(of: record.descriptor, files: files)
    }
    return facts
  }

  /// The trend of the daily success rate; nil below five days with data.
  private func trend(_ agent: AgentID, days: Int) throws(KaizenError) -> Trend? {
    let rates = try feedback.dailySuccessRates(agent, days: days)
    let points = rates.enumerated().compactMap { day, rate in
      rate.map { (time: Double(day), value: $0) }
    }
    guard let test = MannKendall(points.map(\.value)), let line = TheilSen(points) else {
      return nil
    }
    return Trend(slopePerDay: line.slope, pValue: test.pValue, dayCount: points.count)
  }
}
