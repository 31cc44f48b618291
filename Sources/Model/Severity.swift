/// How much an opportunity matters.
public enum Severity: String, CaseIterable, Sendable, Comparable {
  case low, medium, high, critical

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  /// By how much it matters, least first.
  public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
}

/// How much an applier may break.
public enum Risk: String, CaseIterable, Sendable, Comparable {
  case low, medium, high

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  /// By how much it matters, least first.
  public static func < (a: Risk, b: Risk) -> Bool { a.rank < b.rank }
}
