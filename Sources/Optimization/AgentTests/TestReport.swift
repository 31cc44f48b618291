import Model

/// What one run of an agent's own tests showed.
public struct TestReport: Hashable, Sendable {
  /// One case, where the runner's output names them.
  public struct Case: Hashable, Sendable {
    /// The case, as the runner names it.
    public var name: String
    /// Whether it passed; a skipped case is in no report.
    public var passed: Bool

    /// Makes a case.
    public init(name: String, passed: Bool) {
      self.name = name
      self.passed = passed
    }
  }

  /// How the command ended.
  public enum Ending: Hashable, Sendable {
    case exited(Int32)
    case signaled(Int32)
    case timedOut
    /// There is no test command.
    case absent
  }

  /// How the command ended.
  public var ending: Ending
  /// The cases found in its output; none where its format is unknown.
  ///
  /// A report that was stored has only the first, those that failed before those that passed.
  public var cases: [Case]
  /// How many cases there were.
  public var caseCount: Int
  /// How many of them passed.
  public var passedCount: Int
  /// How long it ran.
  public var duration: Duration
  /// The end of what it printed, for people.
  public var output: String
  /// Whether it printed too much for its cases to be known.
  public var isOutputCut: Bool

  /// Makes a report.
  public init(
    ending: Ending, cases: [Case], duration: Duration, output: String, isOutputCut: Bool = false
  ) {
    self.ending = ending
    self.cases = cases
    caseCount = cases.count
    passedCount = cases.count(where: \.passed)
    self.duration = duration
    self.output = output
    self.isOutputCut = isOutputCut
  }

  /// The command exited with 0.
  public var passed: Bool { ending == .exited(0) }
  /// Names of the cases that passed.
  public var passing: [String] { cases.filter(\.passed).map(\.name) }
  /// Names of the cases that failed.
  public var failing: [String] { cases.filter { !$0.passed }.map(\.name) }

  /// One line for people: `34 of 36 cases passed (exit 1, 0.8 s)`.
  public var summary: String {
    let how =
      switch ending {
      case .exited(let code): "exit \(code)"
      case .signaled(let signal): "killed by signal \(signal)"
      case .timedOut: "timed out"
      case .absent: "no test command"
      }
    let seconds = (duration.milliseconds / 100).rounded() / 10
    let counted = caseCount == 0 ? "" : "\(passedCount) of \(caseCount) cases passed, "
    return ending == .absent ? how : "\(counted)\(how), \(seconds) s"
  }
}

/// What the tests on base and clone say of a change.
public enum TestJudgement: Hashable, Sendable {
  /// Nothing that passed on the base fails on the clone.
  case passed
  /// The base's tests fail as a whole, so that the clone's say nothing.
  case baseFails
  /// Cases that passed on the base fail or are missing on the clone.
  case regressed([String])
  /// The run as a whole failed, and no case says why.
  case failed

  /// Judges the clone's run against the base's.
  ///
  /// Cases that fail on the base do not decide. Where neither run names cases, or one printed too
  /// much to know them, the exit status does.
  public static func judge(base: TestReport, clone: TestReport) -> TestJudgement {
    if base.ending == .absent { return .passed }
    if base.isOutputCut || clone.isOutputCut {
      return !base.passed ? .baseFails : clone.passed ? .passed : .failed
    }
    if !base.passed && base.passing.isEmpty { return .baseFails }
    if base.passing.isEmpty { return clone.passed ? .passed : .failed }
    let passing = Set(clone.passing)
    let lost = base.passing.filter { !passing.contains($0) }
    if !lost.isEmpty { return .regressed(lost) }
    // Every case held; a failing run may then only fail in what failed before.
    return clone.passed || !base.passed ? .passed : .failed
  }
}
