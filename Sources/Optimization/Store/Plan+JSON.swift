import Model

extension Plan.Item {
  /// The item as it is stored.
  var json: JSONValue {
    [
      "opportunity": .string(opportunityID), "type": .string(opportunity.type.rawValue),
      "severity": .string(opportunity.severity.rawValue), "title": .string(opportunity.title),
      "component": .string(opportunity.component.text), "applier": .string(applier.text),
      "strength": .number(opportunity.strength), "evidence": opportunity.evidence,
    ]
  }

  /// The item that `json` describes; nil where it describes none.
  init?(json: JSONValue, agent: AgentID) {
    guard let id = json["opportunity"]?.string,
      let type = json["type"]?.string.flatMap(OpportunityType.init(rawValue:)),
      let title = json["title"]?.string,
      let component = json["component"]?.string.flatMap(ComponentID.init),
      let applier = json["applier"]?.string.flatMap(ComponentID.init)
    else { return nil }
    let opportunity = Opportunity(
      type: type, severity: json["severity"]?.string.flatMap(Severity.init(rawValue:)),
      agent: agent, component: component, title: title, strength: json["strength"]?.number ?? 0,
      evidence: json["evidence"] ?? .null)
    self.init(opportunity: opportunity, opportunityID: id, applier: applier)
  }
}
