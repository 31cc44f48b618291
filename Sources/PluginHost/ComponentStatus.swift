public import Model

/// One registered component as people see it.
public struct ComponentStatus: Hashable, Sendable {
  /// Whether it can be called.
  public enum State: Hashable, Sendable {
    case ready
    /// Not callable, with the reason in one line.
    case disabled(String)
    /// Left alone after failing again and again; the reason, until when, and the lifting command.
    case broken(String)
    /// Well, but a program that it runs is not installed; the reason and the fix in one line.
    case unavailable(String)
  }

  /// The id, or where it stands if it has none that can be read.
  public var name: String
  /// What its manifest says; nil where that has a problem.
  public var manifest: ComponentManifest?
  /// The manifest that registered it.
  public var origin: String
  /// Whether it can be called.
  public var state: State
  /// The user who disabled it; a component that is disabled by a person's will is no problem.
  public var disabledBy: UInt32?
  /// What it replaces, in one line.
  public var note: String?
  /// The digest of the copy that runs.
  public var bundle: Digest?
  /// What is skipped of it because it was found guilty of deaths.
  public var guilt: [ComponentGuilt] = []
  /// What its calls came to since the daemon started.
  public var statistics: CallStatistics
}

/// What the calls of one component came to.
public struct CallStatistics: Hashable, Sendable {
  /// Calls, failed ones included.
  public var callCount = 0
  /// Failed calls.
  public var failureCount = 0
  /// Time in all calls together.
  public var totalDuration: Duration = .zero
  /// The longest call.
  public var longestDuration: Duration = .zero
  /// Why the last failed call failed.
  public var lastFailure: KaizenError?
  /// How long the latest calls took, in a ring.
  private var recent: [Duration] = []

  /// Calls that the 95th percentile looks back on.
  public static let recentCountMax = 256

  /// What 95 of 100 of the latest calls stayed within (nearest rank); nil before the first.
  /// - Complexity: O(n log n) for the latest calls.
  public var p95Duration: Duration? {
    let sorted = recent.sorted()
    return sorted.isEmpty ? nil : sorted[(sorted.count * 95 + 99) / 100 - 1]
  }

  /// Makes statistics of no call.
  public init() {}

  mutating func add(_ duration: Duration, _ failure: KaizenError?) {
    if recent.count < Self.recentCountMax {
      recent.append(duration)
    } else {
      recent[callCount % Self.recentCountMax] = duration
    }
    callCount += 1
    totalDuration += duration
    longestDuration = max(longestDuration, duration)
    guard let failure else { return }
    failureCount += 1
    lastFailure = failure
  }
}
