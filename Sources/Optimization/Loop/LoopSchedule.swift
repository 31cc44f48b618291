import Model

/// Which agents the continuous loop looks at next, purely: what came in, what was looked at, when.
struct LoopSchedule: Sendable {
  /// How much there is of one agent's feedback.
  struct Signal: Hashable, Sendable {
    var agent: AgentID
    /// Operations so far; another number than last time is new data.
    var operationCount: Int
  }

  private struct Mark {
    var operationCount: Int
    var time: Instant
  }

  /// An agent is looked at once in so long at most, however many patterns complete.
  static let gapMin = Duration.seconds(30)
  /// Agents whose completed pattern is remembered; of further ones the interval takes care.
  static let noticeCountMax = 10_000

  private let interval: Duration
  private let startedAt: Instant
  private var marks: [AgentID: Mark] = [:]
  private var noticed: Set<AgentID> = []

  init(interval: Duration, startedAt: Instant) {
    self.interval = interval
    self.startedAt = startedAt
  }

  /// A pattern of that agent completed: it is looked at before its interval is over.
  mutating func notice(_ agent: AgentID) {
    if noticed.count < Self.noticeCountMax { noticed.insert(agent) }
  }

  /// The agents with new data whose time has come; those with a new pattern first, then those that
  /// waited longest.
  func due(_ signals: [Signal], at time: Instant) -> [AgentID] {
    let due = signals.filter { signal in
      let mark = marks[signal.agent]
      if noticed.contains(signal.agent), mark.map({ time >= $0.time + Self.gapMin }) ?? true {
        return true
      }
      return signal.operationCount != mark?.operationCount ?? 0
        && time >= (mark?.time ?? startedAt) + interval
    }
    return due.map(\.agent).sorted { a, b in
      let (isFirst, isSecond) = (noticed.contains(a), noticed.contains(b))
      if isFirst != isSecond { return isFirst }
      let (then, other) = (marks[a]?.time ?? startedAt, marks[b]?.time ?? startedAt)
      return then == other ? a < b : then < other
    }
  }

  /// The agent was looked at, and had so many operations before that.
  mutating func didLook(at signal: Signal, time: Instant) {
    noticed.remove(signal.agent)
    marks[signal.agent] = Mark(operationCount: signal.operationCount, time: time)
  }

  /// Forgets agents that are no more.
  mutating func keep(only agents: Set<AgentID>) {
    marks = marks.filter { agents.contains($0.key) }
    noticed.formIntersection(agents)
  }
}
