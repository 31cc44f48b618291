public import Model

/// A way in which a host is hard on a component, all of them within the contract.
public enum ProbeScenario: String, CaseIterable, Sendable {
  /// Its life cycle in every order the contract allows, twice, and 1,000 times in a row.
  case life
  /// Structs as small as they ever were, a fault behind them and behind every array and text.
  case older
  /// Larger structs and one column more.
  case newer
  /// A call asked to stop at its first callback, another at its second, and so on.
  case cancel
  /// A call whose first value is refused, another whose second is, and so on.
  case refusal
  /// The same call again and again.
  case `repeat`
}

/// One call, for a probe to make as often as it likes.
public enum ProbeCall: Sendable {
  /// Of an analyzer.
  case analyze(AnalysisInput)
  /// Of an applier; the files of its clone are laid out as they were before each call.
  case apply(ApplyInput)
  /// Of a scorer.
  case score(ScoreInput)

  var request: CallRequest {
    switch self {
    case .analyze(let input): CallRequest(work: .analyze(input))
    case .apply(let input): CallRequest(work: .apply(input))
    case .score(let input): CallRequest(work: .score(input))
    }
  }
}

/// What came of one scenario.
public struct ProbeReport: Hashable, Sendable {
  /// Something seen, by the rule it falls under: `leak.memory`.
  public struct Remark: Hashable, Sendable {
    /// The rule.
    public var rule: String
    /// What was seen.
    public var text: String
  }

  /// What the component did that it must not.
  public internal(set) var found: [Remark] = []
  /// What was looked at and is well.
  public internal(set) var passed: [Remark] = []
  /// How it ended the probe, at which step; nil where it came to its end.
  public internal(set) var failure: KaizenError?
}
