internal import Model
internal import Synchronization

/// All that memory holds, as it was between two commits.
///
/// Arrays are shared with the living ones until those change: freezing takes microseconds, and the
/// next record of an agent copies that agent's columns once.
struct FrozenMemory: Sendable {
  /// Idempotency ids and their entries.
  struct IDs: Sendable {
    var keys: [UInt64]
    var entries: [Int64]
  }

  var memory: FeedbackMemory
  /// The newer half and the older one.
  var ids: [[UInt64: Int64]]
  var hashKey: UInt64
  var lastEntry: Int64
  /// Seconds since 1970.
  var frozenAt: Int64
}

extension Writer {
  /// Called by the writer's thread, or when it has ended.
  func freeze() -> FrozenMemory {
    FrozenMemory(
      memory: memory.withLock { $0 }, ids: ids.halves, hashKey: hashKey, lastEntry: lastEntry,
      frozenAt: now().seconds)
  }

  /// Fills what only the writer needs, before its first commit: nobody who asks waits for it.
  func warmUp() {
    // Each agent's place in its columns, counted back from the newest row.
    let (agents, order) = memory.withLock { ($0.agents.map(\.columns), $0.orderOfArrival) }
    let recent = order.suffix(Self.recentOperationsMax)
    var places = agents.map(\.rows.upperBound)
    for agent in recent { places[Int(agent)] -= 1 }
    for agent in recent {
      let place = places[Int(agent)]
      places[Int(agent)] += 1
      let key = agents[Int(agent)].operations[place]
      seen.set(key, (seen[key] ?? 0) | 1 << agents[Int(agent)].types[place])
    }
    for half in frozenIDs.reversed() {
      for (key, entry) in zip(half.keys, half.entries)
      where entry >= frozenIDsFirst && ids[key] == nil {
        ids.set(key, entry)
      }
    }
    frozenIDs = []
  }
}
