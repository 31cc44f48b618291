internal import Model

/// What queries are answered from: the newest records as columns, and what is running.
///
/// The writer adds what it has committed; a record that is acknowledged is here.
struct FeedbackMemory: Sendable {
  /// One agent and all that is known of it.
  struct Agent: Sendable {
    var name: String
    var columns = AgentColumns()
    var open: [UInt64: OpenOperation] = [:]
    /// Operations that succeeded, ever.
    var successes = 0
    /// Operations that failed, ever.
    var failures = 0
  }

  /// Most rows of all agents together; the oldest go first.
  let rowsMax: Int
  private(set) var agents: [Agent] = []
  private(set) var indexes: [String: Int32] = [:]
  private(set) var errorTypes: [String] = []
  /// Whose row came when: a ring, so that the oldest of all is known.
  private var order: [Int32] = []
  private var oldest = 0

  init(rowsMax: Int) { self.rowsMax = rowsMax }

  /// The agent of that name.
  subscript(name: String) -> Agent? { indexes[name].map { agents[Int($0)] } }

  mutating func addAgent(_ name: String) {
    indexes[name] = Int32(agents.count)
    agents.append(Agent(name: name))
  }

  mutating func addErrorType(_ name: String) { errorTypes.append(name) }

  mutating func append(_ row: ColumnRow) {
    if order.count < rowsMax {
      order.append(row.agent)
    } else {
      agents[Int(order[oldest])].columns.dropFirst()
      order[oldest] = row.agent
      oldest = (oldest + 1) % rowsMax
    }
    agents[Int(row.agent)].columns.append(row)
  }

  mutating func open(_ agent: Int32, _ key: UInt64, _ operation: OpenOperation) {
    agents[Int(agent)].open[key] = operation
  }

  mutating func close(_ agent: Int32, _ key: UInt64) {
    agents[Int(agent)].open.removeValue(forKey: key)
  }

  mutating func count(_ agent: Int32, successes: Int, failures: Int) {
    agents[Int(agent)].successes += successes
    agents[Int(agent)].failures += failures
  }
}
