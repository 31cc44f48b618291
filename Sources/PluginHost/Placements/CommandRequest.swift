import Model

/// The JSON object that a command gets on its standard input, which it need not read.
struct CommandRequest {
  /// Bytes of the object as text.
  static let bytesMax = 64 << 10
  /// Error types listed; the most frequent come first.
  private static let errorCountMax = 20

  /// What the component is called for.
  enum Call {
    case analyze
    case apply(Plan.Item)
    case score(changed: [String])
  }

  /// The component that is called.
  let manifest: ComponentManifest
  /// The agent it is called for.
  let context: CallContext
  /// What for.
  let call: Call
  /// What else an analyzer is told: an object of lists.
  var facts: JSONValue = [:]

  /// How much of the object there is room for.
  private struct Room {
    var changedCount = Int.max
    var factCount = Int.max
    var hasEvidence = true
  }

  /// The object's text, within the limit.
  ///
  /// Where it is over, the lists of changed files and of facts lose their ends first, then the
  /// evidence is left out.
  func text() throws(KaizenError) -> String {
    let longestFacts = facts.object?.values.compactMap(\.array?.count).max() ?? 0
    var room = Room()
    while true {
      let text = value(room).text()
      if text.utf8.count < Self.bytesMax { return text + "\n" }
      if case .score(let changed) = call, min(changed.count, room.changedCount) > 0 {
        room.changedCount = min(changed.count, room.changedCount) / 2
      } else if min(longestFacts, room.factCount) > 0 {
        room.factCount = min(longestFacts, room.factCount) / 2
      } else if room.hasEvidence {
        room.hasEvidence = false
      } else {
        throw KaizenError(
          "E_PLUGIN_INPUT",
          "the input of component \"\(manifest.id)\" has \(text.utf8.count) bytes; "
            + "expected at most \(Self.bytesMax)", hint: "shorten the component's config")
      }
    }
  }

  private func value(_ room: Room) -> JSONValue {
    var members: [String: JSONValue] = [
      "kaizen": 1, "component": ["id": .string(manifest.id.text), "config": manifest.config],
      "agent": .object(agent()), "window": .object(Self.window(context.metrics)),
      "deadline_ms": .integer(manifest.deadline.nanoseconds / 1_000_000),
    ]
    if let previous = context.previous { members["previous"] = .object(Self.window(previous)) }
    switch call {
    case .analyze:
      members["call"] = "analyze"
      members["facts"] = facts(atMost: room.factCount)
    case .apply(let item):
      members["call"] = "apply"
      members["opportunities"] = [Self.opportunity(item, hasEvidence: room.hasEvidence)]
    case .score(let changed):
      members["call"] = "score"
      members["changed"] = .array(changed.prefix(room.changedCount).map { .string($0) })
      if changed.count > room.changedCount {
        members["changed_omitted"] = .integer(Int64(changed.count - room.changedCount))
      }
    }
    return .object(members)
  }

  /// The facts, of each list its beginning.
  private func facts(atMost count: Int) -> JSONValue {
    .object(
      (facts.object ?? [:]).mapValues { list in
        list.array.map { .array(Array($0.prefix(count))) } ?? list
      })
  }

  private func agent() -> [String: JSONValue] {
    var members: [String: JSONValue] = ["id": .string(context.agent.text)]
    if let level = context.serviceLevel { members["sla_ms"] = .number(level.milliseconds) }
    if let generation = context.generation {
      members["generation"] = .integer(Int64(generation.value))
    }
    return members
  }

  /// Numbers without data are left out.
  private static func window(_ metrics: AgentMetrics) -> [String: JSONValue] {
    var members: [String: JSONValue] = ["records": .integer(Int64(metrics.recordCount))]
    members["success_rate"] = metrics.successRate.map { .number($0) }
    members["error_rate"] = metrics.errorRate.map { .number($0) }
    var durations: [String: JSONValue] = [:]
    durations["mean"] = metrics.meanMilliseconds.map { .number($0) }
    durations["p50"] = metrics.medianMilliseconds.map { .number($0) }
    durations["p95"] = metrics.p95Milliseconds.map { .number($0) }
    if !durations.isEmpty { members["duration_ms"] = .object(durations) }
    members["errors"] = .array(
      metrics.errors.prefix(errorCountMax).map {
        ["type": .string($0.type), "count": .integer(Int64($0.count))]
      })
    return members
  }

  private static func opportunity(_ item: Plan.Item, hasEvidence: Bool) -> JSONValue {
    [
      "id": .string(item.opportunityID), "type": .string(item.opportunity.type.rawValue),
      "severity": .string(item.opportunity.severity.rawValue),
      "title": .string(item.opportunity.title),
      "evidence": hasEvidence ? item.opportunity.evidence : [:],
    ]
  }
}
