public import Model

/// What was found guilty after a component died again and again, with the evidence.
///
/// Just that is skipped: an input, a version, or a version for one input. It holds until the
/// input or the version changes, or until people lift it.
public struct ComponentGuilt: Hashable, Sendable {
  /// What is skipped.
  public enum Culprit: String, CaseIterable, Sendable {
    /// The input: no version there is answers it.
    case input
    /// The version: it dies on several inputs, and the last good one does not.
    case version
    /// Both together: the version answers other inputs, and the last good one answers this.
    case pair
  }

  /// A version of a component.
  public struct Version: Hashable, Sendable {
    /// What its manifest calls it.
    public var name: String
    /// What it is: the digest of its bundle, or else of what its manifest says and names.
    public var digest: String
  }

  /// How often a version died on an input, and how at last.
  public struct Deaths: Hashable, Sendable {
    /// The version.
    public var version: Version
    /// The input's fingerprint; empty where it died when it was loaded.
    public var input: String
    /// The agent that it is about.
    public var agent: String
    /// How often, since the version answered it at last.
    public var count: Int
    /// The first of them.
    public var first: Instant
    /// The last of them.
    public var last: Instant
    /// The code of the last.
    public var code: String
    /// What it said, with the plugin's stack where the worker could tell it.
    public var message: String
  }

  /// A call that a version answered.
  public struct Answer: Hashable, Sendable {
    /// The version.
    public var version: Version
    /// The input's fingerprint.
    public var input: String
    /// The agent that it is about.
    public var agent: String
    /// When.
    public var time: Instant
    /// Whether the host tried it to find out, rather than for its answer.
    public var isExperiment: Bool
  }

  /// What is skipped.
  public var culprit: Culprit
  /// The guilty version, or those that died on the input, the one that runs first.
  public var versions: [Version]
  /// The fingerprint of the input it was found on.
  public var input: String
  /// The agent that this input is about.
  public var agent: String
  /// The version that is called instead; nil where nothing is.
  public var instead: Version?
  /// Since when.
  public var since: Instant
  /// The deaths it stands on, the newest last.
  public var deaths: [Deaths]
  /// The answers it stands on, the newest last.
  public var answers: [Answer]

  /// Whether a call of the version `digest` with `input` is skipped by this.
  func applies(to digest: String, _ input: String) -> Bool {
    versions.contains { $0.digest == digest } && (culprit == .version || input == self.input)
  }
}

extension ComponentGuilt {
  /// Digits of a fingerprint that people are shown.
  static let shownDigitCount = 12

  /// The command that lifts it, with everything else found about the component.
  public static func liftingCommand(_ component: String) -> String {
    "kaizen plugins enable \(component)"
  }

  /// What is skipped, why, and for how long, in one line without the lifting command.
  public var finding: String {
    let what = "the input \(Self.short(input)) of agent \"\(agent)\""
    let end = "until the input or the version changes"
    switch culprit {
    case .version:
      return "running \(insteadName), fell back from \(name): \(evidence)"
    case .pair:
      return "\(name) is not given \(what): \(evidence); \(insteadName) is called for it instead, "
        + end
    case .input:
      let others = versions.count > 1 ? "" : "; no earlier good version is kept to compare with"
      return "\(what) is skipped: \(evidence)\(others); \(end)"
    }
  }

  /// The finding and the lifting command.
  public func text(_ component: String) -> String {
    "\(finding); `\(Self.liftingCommand(component))` lifts it"
  }

  /// The error of a call that is skipped.
  func error(_ component: ComponentID) -> KaizenError {
    KaizenError(
      "E_PLUGIN_SKIPPED", "component \"\(component)\": \(finding)",
      hint: "correct the component or change the input; "
        + "`\(Self.liftingCommand(component.text))` lifts it at once")
  }

  /// Deaths and answers in words.
  private var evidence: String {
    let inputCount = Set(deaths.filter { $0.version == versions.first }.map(\.input)).count
    var parts: [String] = []
    if culprit == .version, inputCount > 1 {
      parts.append("\(name) died on \(inputCount) different inputs")
    }
    for death in deaths.reversed() {
      let times = death.count == 1 ? "once, at" : "\(death.count) times, the last at"
      // Without an input there was no call yet.
      let place =
        death.input.isEmpty
        ? "when it was loaded" : "on \(Self.short(death.input)) (agent \"\(death.agent)\")"
      parts.append(
        "\(label(death.version)) died \(place) \(times) \(death.last): \(death.code): "
          + death.message)
    }
    for answer in answers.reversed() {
      let how = answer.isExperiment ? ", when tried" : ""
      parts.append(
        "\(label(answer.version)) answered \(Self.short(answer.input)) "
          + "(agent \"\(answer.agent)\") at \(answer.time)\(how)")
    }
    return parts.joined(separator: "; ")
  }

  private var name: String { versions.first.map { label($0) } ?? "" }
  private var insteadName: String { instead.map { label($0) } ?? "" }

  /// What people call a version; with its digest where another one is called the same.
  private func label(_ version: Version) -> String {
    let others = versions + (instead.map { [$0] } ?? [])
    let isShared = others.contains { $0.name == version.name && $0.digest != version.digest }
    return isShared ? "\(version.name) (\(Self.short(version.digest)))" : version.name
  }

  private static func short(_ digest: String) -> String {
    String(digest.prefix(shownDigitCount))
  }
}

/// Something was found guilty, for whoever tells people.
public struct GuiltFound: Hashable, Sendable {
  /// The component.
  public var component: ComponentID
  /// What was found.
  public var guilt: ComponentGuilt
}
