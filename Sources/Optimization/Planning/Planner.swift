public import Model

/// An applier as the planner sees it.
public struct ApplierOffer: Hashable, Sendable {
  /// Who would change the clone.
  public var component: ComponentID
  /// The types of opportunity it acts on.
  public var handles: Set<OpportunityType>
  /// How much it may break.
  public var risk: Risk

  /// Makes an offer.
  public init(component: ComponentID, handles: Set<OpportunityType>, risk: Risk) {
    self.component = component
    self.handles = handles
    self.risk = risk
  }
}

/// An opportunity with the id it is stored under.
public struct KnownOpportunity: Hashable, Sendable {
  /// Its id, such as `o-12`.
  public var id: String
  /// What is to be improved.
  public var opportunity: Opportunity

  /// Makes one.
  public init(id: String, opportunity: Opportunity) {
    self.id = id
    self.opportunity = opportunity
  }
}

/// The plans for one agent, and why each opportunity left out is in none.
public struct Planning: Hashable, Sendable {
  /// One opportunity in no plan, with the reason.
  public struct LeftOut: Hashable, Sendable {
    /// The opportunity's id.
    public var id: String
    /// Why, for people.
    public var reason: String
  }

  /// What one plan is to hold: items that need no approval, or items that do.
  public struct Draft: Hashable, Sendable {
    /// In the order they are applied.
    public var items: [Plan.Item]
    /// Whether a person must agree before promotion.
    public var needsApproval: Bool
  }

  /// The drafts, the one that needs nobody first.
  public var drafts: [Draft]
  /// The rest.
  public var leftOut: [LeftOut]
}

/// Chooses what to act on, purely: opportunities under a strategy, split by who must agree.
public enum Planner {
  /// Drafts of plans for `opportunities`.
  ///
  /// The most severe come first, then the strongest, then the oldest. What needs approval stands in
  /// a draft of its own and never holds up the rest.
  /// - Parameter needsApproval: what the policy says of one opportunity and its applier.
  public static func plan(
    _ opportunities: [KnownOpportunity], strategy: Strategy, offers: [ApplierOffer],
    needsApproval: (Opportunity, ComponentID) -> Bool
  ) -> Planning {
    var planning = Planning(drafts: [], leftOut: [])
    var free: [Plan.Item] = []
    var guarded: [Plan.Item] = []
    for known in opportunities.sorted(by: comesFirst) {
      let opportunity = known.opportunity
      guard opportunity.severity >= strategy.severity else {
        planning.leave(
          known,
          "severity \(opportunity.severity.rawValue) is below what the strategy "
            + "\(strategy.name.rawValue) acts on (\(strategy.severity.rawValue))")
        continue
      }
      let able = offers.filter { $0.handles.contains(opportunity.type) }
      guard let offer = able.filter({ $0.risk <= strategy.risk }).min(by: isPreferred) else {
        planning.leave(known, refusal(opportunity, able: able, strategy: strategy))
        continue
      }
      let item = Plan.Item(
        opportunity: opportunity, opportunityID: known.id, applier: offer.component)
      let isGuarded = needsApproval(opportunity, offer.component)
      let planned = isGuarded ? guarded : free
      if opportunity.type.isGain, planned.contains(where: \.opportunity.type.isGain) {
        planning.leave(known, "one gain a plan: its effect must be told from another's")
        continue
      }
      if planned.count >= strategy.itemCountMax {
        planning.leave(
          known, "the strategy \(strategy.name.rawValue) takes \(strategy.itemCountMax) a plan")
      } else if isGuarded {
        guarded.append(item)
      } else {
        free.append(item)
      }
    }
    for (items, isGuarded) in [(free, false), (guarded, true)] where !items.isEmpty {
      planning.drafts.append(Planning.Draft(items: items, needsApproval: isGuarded))
    }
    return planning
  }

  private static func comesFirst(_ a: KnownOpportunity, _ b: KnownOpportunity) -> Bool {
    if a.opportunity.severity != b.opportunity.severity {
      return a.opportunity.severity > b.opportunity.severity
    }
    if a.opportunity.strength != b.opportunity.strength {
      return a.opportunity.strength > b.opportunity.strength
    }
    return (a.id.utf8.count, a.id) < (b.id.utf8.count, b.id)
  }

  private static func isPreferred(_ a: ApplierOffer, _ b: ApplierOffer) -> Bool {
    (a.risk, a.component) < (b.risk, b.component)
  }

  private static func refusal(
    _ opportunity: Opportunity, able: [ApplierOffer], strategy: Strategy
  ) -> String {
    guard let least = able.min(by: isPreferred) else {
      return "no applier handles \(opportunity.type.rawValue)"
    }
    return "\(least.component) has risk \(least.risk.rawValue), the strategy "
      + "\(strategy.name.rawValue) allows \(strategy.risk.rawValue)"
  }
}

extension Planning {
  fileprivate mutating func leave(_ known: KnownOpportunity, _ reason: String) {
    leftOut.append(LeftOut(id: known.id, reason: reason))
  }
}
