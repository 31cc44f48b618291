internal import Model

extension Policy {
  /// What the policy asks for one plan: the strictest of what it asks for each of its items.
  public struct Requirement: Hashable, Sendable {
    /// The rules it comes from, in their order.
    public var rules: [String]
    /// Approvals needed, at least 1.
    public var approvalCount: Int
    /// Who may give them: those whom every rule lets.
    public var approvers: Approvers
    /// How long the request waits: the shortest.
    public var expiry: Duration

    /// Makes a requirement from its parts.
    public init(
      rules: [String], approvalCount: Int, approvers: Approvers, expiry: Duration
    ) {
      self.rules = rules
      self.approvalCount = approvalCount
      self.approvers = approvers
      self.expiry = expiry
    }
  }

  /// Whether some approval is needed for `subject`, before the trial or before promotion.
  ///
  /// Before the trial, rules on paths and sizes are passed over; they decide before promotion.
  public func needsApproval(_ subject: PolicySubject) -> Bool {
    decidingRules(subject).contains { $0.approvalCount > 0 }
  }

  /// What is needed at `stage` before `subject` may go on; nil where nothing is.
  ///
  /// A rule for `before_trial` that was not in force when the trial began, because the policy
  /// changed meanwhile, is made up for before promotion.
  /// - Parameter wasApproved: an approval was used before this trial.
  public func requirement(
    for subject: PolicySubject, at stage: Stage, wasApproved: Bool = false
  ) -> Requirement? {
    let due = decidingRules(subject).filter { rule in
      switch (stage, rule.stage) {
      case (.beforeTrial, let other): other == .beforeTrial
      case (.beforePromotion, .beforePromotion): true
      case (.beforePromotion, .beforeTrial): !wasApproved
      }
    }
    return due.filter { $0.approvalCount > 0 }.reduce(nil, Self.strictest)
  }

  /// The first rule that matches each item, each rule once.
  private func decidingRules(_ subject: PolicySubject) -> [Rule] {
    let chosen = Set(
      subject.items.compactMap { item in
        rules.firstIndex { $0.match.holds(for: item, in: subject) }
      })
    return chosen.sorted().map { rules[$0] }
  }

  private static func strictest(_ known: Requirement?, _ rule: Rule) -> Requirement? {
    guard let before = known else {
      return Requirement(
        rules: [rule.name], approvalCount: rule.approvalCount, approvers: rule.approvers,
        expiry: rule.expiry)
    }
    return Requirement(
      rules: before.rules + [rule.name],
      approvalCount: max(before.approvalCount, rule.approvalCount),
      approvers: before.approvers.intersection(rule.approvers),
      expiry: min(before.expiry, rule.expiry))
  }
}

extension Policy.Approvers {
  /// Those whom both let.
  func intersection(_ other: Policy.Approvers) -> Policy.Approvers {
    switch (self, other) {
    case (.anyone, let some), (let some, .anyone): some
    case (.users(let a), .users(let b)): .users(a.intersection(b))
    }
  }

  /// Whether `uid` is one of them.
  func contains(_ uid: UInt32) -> Bool {
    switch self {
    case .anyone: true
    case .users(let uids): uids.contains(uid)
    }
  }
}

extension Policy.Match {
  /// Whether every condition holds; one on the change does not hold while there is none.
  func holds(for item: PolicySubject.Item, in subject: PolicySubject) -> Bool {
    if let severity, item.severity < severity { return false }
    if let types, !types.contains(item.type) { return false }
    if let agents, !agents.contains(where: { $0.matches(subject.agent.text) }) { return false }
    if let strategies, !strategies.contains(subject.strategy) { return false }
    if let appliers, !appliers.contains(where: { $0.matches(item.applier.text) }) { return false }
    if !needsChange { return true }
    guard let change = subject.change else { return false }
    if let paths, !change.paths.contains(where: { path in paths.contains { $0.matches(path) } }) {
      return false
    }
    return change.lineCount > linesOver ?? -1 && change.paths.count > filesOver ?? -1
  }
}
