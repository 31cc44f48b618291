public import Model
internal import Synchronization

extension FeedbackLoop {
  /// What health needs, of every agent: the counts, the mean response time and the quality; the
  /// same numbers as `metrics` gives, without looking at each record.
  ///
  /// Sums are kept as records come, so a question costs some hundred nanoseconds an agent. What
  /// health does not need (percentiles, memory, CPU, error types) is nil here.
  public func vitals(from: Instant, to: Instant) -> [(agent: AgentID, metrics: AgentMetrics)] {
    let latest = (options.now() - options.unfinishedAfter).nanoseconds
    return writer.memory.withLock { memory in
      memory.vitals(from: from.nanoseconds, to: to.nanoseconds, unfinishedBefore: latest)
    }
  }

  /// Adds the records that came lately to the sums, so that no question pays for many at once.
  public func digest() {
    writer.memory.withLock { memory in memory.catchUp() }
  }
}

extension FeedbackMemory {
  /// What health needs of each agent.
  mutating func vitals(
    from: Int64, to: Int64, unfinishedBefore latest: Int64
  ) -> [(agent: AgentID, metrics: AgentMetrics)] {
    catchUp()
    var results: [(agent: AgentID, metrics: AgentMetrics)] = []
    results.reserveCapacity(agents.count)
    // Looked at in place: a copy of an agent would count up the owners of a dozen arrays.
    agents.withUnsafeBufferPointer { agents in
      for index in agents.indices {
        guard let id = agents[index].id else { continue }
        results.append((id, agents[index].vitals(from: from, to: to, unfinishedBefore: latest)))
      }
    }
    return results
  }
}

extension FeedbackMemory.Agent {
  borrowing func vitals(from: Int64, to: Int64, unfinishedBefore latest: Int64) -> AgentMetrics {
    var unfinished: [UInt64] = []
    for (key, operation) in open
    where operation.started >= from && operation.started < to && operation.started <= latest {
      unfinished.append(key)
    }
    return vitals.sums(columns, from: from, to: to, unfinished: unfinished).metrics
  }
}
