import Model

// What a call was about, as a kept input's `input.json` has it; `KeptInputReader` reads it back.

extension CallRequest {
  /// All but the window's rows and the files' bytes.
  var json: JSONValue {
    var members: [String: JSONValue] = ["context": context.json]
    switch work {
    case .analyze(let input):
      members["facts"] = input.facts
      if let trend = input.trend {
        members["trend"] = [
          "slope_per_day": .number(trend.slopePerDay), "p_value": .number(trend.pValue),
          "days": .integer(Int64(trend.dayCount)),
        ]
      }
    case .apply(let input):
      members["item"] = input.item.json
      members["history"] = input.history
    case .score(let input):
      members["changed"] = .array(input.changed.map { .string($0) })
    }
    return .object(members)
  }
}

extension CallContext {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "agent": .string(agent.text), "descriptor": descriptor, "metrics": metrics.json,
    ]
    members["sla_ns"] = serviceLevel.map { .integer($0.nanoseconds) }
    members["generation"] = generation.map { .integer(Int64($0.value)) }
    members["previous"] = previous?.json
    return .object(members)
  }
}

extension AgentMetrics {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "records": .integer(Int64(recordCount)), "operations": .integer(Int64(operationCount)),
      "successes": .integer(Int64(successCount)), "failures": .integer(Int64(failureCount)),
      "errored": .integer(Int64(errorCount)),
      "errors": .array(
        errors.map { ["type": .string($0.type), "count": .integer(Int64($0.count))] }),
    ]
    members["mean_ms"] = meanMilliseconds.map { .number($0) }
    members["p50_ms"] = medianMilliseconds.map { .number($0) }
    members["p95_ms"] = p95Milliseconds.map { .number($0) }
    members["quality"] = quality.map { .number($0) }
    members["memory_mb"] = memoryMegabytes.map { .number($0) }
    members["cpu_percent"] = cpuPercent.map { .number($0) }
    return .object(members)
  }
}

extension Plan.Item {
  fileprivate var json: JSONValue {
    [
      "id": .string(opportunityID), "applier": .string(applier.text),
      "type": .string(opportunity.type.rawValue),
      "severity": .string(opportunity.severity.rawValue),
      "agent": .string(opportunity.agent.text), "component": .string(opportunity.component.text),
      "title": .string(opportunity.title), "strength": .number(opportunity.strength),
      "evidence": opportunity.evidence,
    ]
  }
}

// MARK: - Reading

extension FieldReader {
  private static let reals = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude

  mutating func context(_ key: String) -> CallContext? {
    nested(key, required: true) { reader -> CallContext? in
      guard let agent = AgentID(reader.string("agent", required: true) ?? "") else { return nil }
      let level = reader.integer("sla_ns", in: 0...Int64.max)
      let generation = reader.integer("generation", in: 0...Int64.max)
      guard let metrics = reader.metrics("metrics", required: true) else { return nil }
      return CallContext(
        agent: agent, descriptor: reader.value("descriptor") ?? [:],
        serviceLevel: level.map { .nanoseconds($0) },
        generation: generation.map { GenerationNumber(Int($0)) }, metrics: metrics,
        previous: reader.metrics("previous", required: false))
    }
  }

  private mutating func metrics(_ key: String, required: Bool) -> AgentMetrics? {
    nested(key, required: required) { reader -> AgentMetrics? in
      var metrics = AgentMetrics()
      metrics.recordCount = reader.countMember("records")
      metrics.operationCount = reader.countMember("operations")
      metrics.successCount = reader.countMember("successes")
      metrics.failureCount = reader.countMember("failures")
      metrics.errorCount = reader.countMember("errored")
      metrics.meanMilliseconds = reader.number("mean_ms", in: Self.reals)
      metrics.medianMilliseconds = reader.number("p50_ms", in: Self.reals)
      metrics.p95Milliseconds = reader.number("p95_ms", in: Self.reals)
      metrics.quality = reader.number("quality", in: Self.reals)
      metrics.memoryMegabytes = reader.number("memory_mb", in: Self.reals)
      metrics.cpuPercent = reader.number("cpu_percent", in: Self.reals)
      let errors = reader.list("errors") { error -> AgentMetrics.ErrorCount? in
        AgentMetrics.ErrorCount(
          type: error.string("type", required: true) ?? "", count: error.countMember("count"))
      }
      metrics.errors = errors ?? []
      return metrics
    }
  }

  private mutating func countMember(_ key: String) -> Int {
    Int(integer(key, in: 0...Int64.max, required: true) ?? 0)
  }

  mutating func trend(_ key: String) -> Trend? {
    nested(key) { reader -> Trend? in
      guard let slope = reader.number("slope_per_day", in: Self.reals, required: true),
        let pValue = reader.number("p_value", in: Self.reals, required: true)
      else { return nil }
      return Trend(slopePerDay: slope, pValue: pValue, dayCount: reader.countMember("days"))
    }
  }

  mutating func planItem(_ key: String) -> Plan.Item? {
    nested(key, required: true) { reader -> Plan.Item? in
      let type = reader.word("type", OpportunityType.self, required: true)
      let severity = reader.word("severity", Severity.self, required: true)
      let agent = AgentID(reader.string("agent", required: true) ?? "")
      let component = ComponentID(reader.string("component", required: true) ?? "")
      let applier = ComponentID(reader.string("applier", required: true) ?? "")
      let title = reader.string("title", required: true) ?? ""
      let strength = reader.number("strength", in: Self.reals, required: true) ?? 0
      let id = reader.string("id", required: true) ?? ""
      guard let type, let severity, let agent, let component, let applier else { return nil }
      let opportunity = Opportunity(
        type: type, severity: severity, agent: agent, component: component, title: title,
        strength: strength, evidence: reader.value("evidence") ?? [:])
      return Plan.Item(opportunity: opportunity, opportunityID: id, applier: applier)
    }
  }
}
