import Model

extension TrialState {
  /// The state's name in the database and the API.
  public var name: String {
    switch self {
    case .proposed: "proposed"
    case .cloning: "cloning"
    case .provingBase: "proving_base"
    case .applying: "applying"
    case .inspecting: "inspecting"
    case .testing: "testing"
    case .scoring: "scoring"
    case .awaitingApproval: "awaiting_approval"
    case .placing: "placing"
    case .checkingDrift: "checking_drift"
    case .switching: "switching"
    case .onTrial: "trial"
    case .switchingBack: "switching_back"
    case .discarding: "discarding"
    case .committing: "committing"
    case .finished: "finished"
    }
  }

  /// How the trial ends or ended, once that is known.
  public var ending: TrialEnding? {
    switch self {
    case .switchingBack(let ending), .discarding(let ending), .committing(let ending),
      .finished(let ending):
      ending
    default: nil
    }
  }

  /// The state of that name, with its ending where it has one; nil for an unknown name.
  init?(name: String, ending: TrialEnding?) {
    let plain: [TrialState] = [
      .proposed, .cloning, .provingBase, .applying, .inspecting, .testing, .scoring,
      .awaitingApproval,
      .placing, .checkingDrift, .switching, .onTrial,
    ]
    if let state = plain.first(where: { $0.name == name }) {
      self = state
      return
    }
    guard let ending else { return nil }
    let ended: [TrialState] = [
      .switchingBack(ending), .discarding(ending), .committing(ending), .finished(ending),
    ]
    guard let state = ended.first(where: { $0.name == name }) else { return nil }
    self = state
  }
}
