import Model

/// One thing a component says during a call, by whichever way it comes.
enum Answer: Hashable, Sendable {
  /// An opportunity, its words not yet checked.
  case opportunity(OpportunityAnswer)
  case score(dimension: String, value: Double)
  case finding(Finding)
  case note(String)
  case progress(Double)
  case log(ComponentLog)
}

/// An opportunity as a component words it.
struct OpportunityAnswer: Hashable, Sendable {
  /// A word of `OpportunityType`, if it tells the truth.
  var type: String
  /// The component's own opinion.
  var severity: Severity?
  /// One line for people.
  var title: String
  /// In [0, 1]; nil where it does not say.
  var strength: Double?
  /// What it stands on.
  var evidence: JSONValue
}
