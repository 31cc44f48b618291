import Model

/// Decides who is guilty of a component's deaths: the input, the version, or only the pair of them.
///
/// Pure: what is known, and what was tried, goes in.
struct Inquest: Hashable, Sendable {
  /// What is held guilty.
  enum Finding: Hashable, Sendable {
    case input
    case version
    case pair
    /// It cannot be told: the breaker alone protects from it.
    case unknown
  }

  /// How often this version died on this input.
  var deathCount: Int
  /// How many different inputs it died on.
  var fatalInputCount: Int
  /// After how many deaths something is skipped.
  var failureCount: Int
  /// Whether this version still answers other inputs; nil where nothing tells.
  var answersOthers: Bool?
  /// Whether there is an earlier version that worked.
  var hasEarlier: Bool
  /// Whether that answers this input; nil where it was not tried.
  var earlierAnswers: Bool?
  /// Whether it answers another input, on which this version died when tried.
  var earlierAnswersOthers: Bool?
  /// Whether trying would write: then only real calls are evidence.
  var isApplier: Bool

  /// The verdict.
  var finding: Finding {
    let isEarlierBetter =
      earlierAnswers == true || earlierAnswersOthers == true
      // Not tried, for it writes: its next real call tells.
      || (isApplier && hasEarlier)
    if fatalInputCount > 1 || answersOthers == false {
      if isEarlierBetter { return .version }
    } else if isEarlierBetter {
      return .pair
    }
    if answersOthers == true, deathCount >= failureCount { return .input }
    return .unknown
  }
}
