internal import Model

/// What queries are answered from: the newest records as columns, and what is running.
///
/// The writer adds what it has committed; a record that is acknowledged is here.
struct FeedbackMemory: Sendable {
  /// One agent and all that is known of it.
  struct Agent: Sendable {
    var name: String
    /// The name as an id; nil where a damaged file holds what is none.
    let id: AgentID?
    var columns = AgentColumns()
    var open: [UInt64: OpenOperation] = [:]
    /// Operations that succeeded, ever.
    var successes = 0
    /// Operations that failed, ever.
    var failures = 0
    /// Sums for health.
    var vitals = Vitals()

    init(name: String) {
      self.name = name
      id = AgentID(name)
    }

    mutating func catchUp() {
      if vitals.end != columns.end { vitals.catchUp(columns) }
    }
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

  /// Adds the records that came since the last time to the sums of each agent.
  mutating func catchUp() {
    for index in agents.indices { agents[index].catchUp() }
  }

  /// Rows in memory, of all agents.
  var rowCount: Int { order.count }

  /// Whose row came when, the oldest first.
  var orderOfArrival: [Int32] {
    order.isEmpty ? [] : Array(order[oldest...] + order[..<oldest])
  }

  /// Takes rows that were stored, and whose each is in the order they came.
  mutating func restore(_ columns: [(agent: Int32, columns: AgentColumns)], order: [Int32]) {
    for (agent, columns) in columns { agents[Int(agent)].columns = columns }
    self.order = order
    oldest = 0
  }

  /// Drops the oldest `count` rows.
  mutating func dropFirst(_ count: Int) {
    let all = orderOfArrival
    let count = min(count, all.count)
    for agent in all[..<count] { agents[Int(agent)].columns.dropFirst() }
    order = Array(all[count...])
    oldest = 0
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
