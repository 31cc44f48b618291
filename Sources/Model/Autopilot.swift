/// How far the continuous loop goes alone with one agent.
public enum Autopilot: String, CaseIterable, Sendable {
  /// It leaves the agent alone.
  case off
  /// It analyzes and reports; it plans nothing.
  case observe
  /// It tries changes on clones; a person promotes them.
  case propose
  /// It tries and promotes; the policy says where a person is asked.
  case auto

  /// Whether trials run without anybody asking.
  public var plans: Bool { self == .propose || self == .auto }
}
