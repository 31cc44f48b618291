internal import Linux

/// What the host answers a component that asks it for the time or for random numbers.
///
/// During one call the time stands still, and the random numbers follow from a seed (SplitMix64,
/// host.c of the plugin runtime). So these two numbers are all of the host's answers: the daemon
/// chooses them, sends them with the call, and records them on its own side, where no plugin can
/// reach. Files and columns, the third thing a component reads, are part of the call's input.
public struct HostAnswers: Hashable, Sendable {
  /// The time, in nanoseconds since the Unix epoch.
  public var nowNanoseconds: Int64
  /// What the random numbers follow from.
  public var seed: UInt64

  /// Makes the answers.
  public init(nowNanoseconds: Int64, seed: UInt64) {
    self.nowNanoseconds = nowNanoseconds
    self.seed = seed
  }

  /// The time as it is, and a seed of this instant.
  static func fresh() -> HostAnswers {
    let now = Clock.wallNanoseconds()
    // Spread over all bits: the seeds of calls close to each other share few numbers by chance.
    return HostAnswers(
      nowNanoseconds: now, seed: UInt64(bitPattern: now) &* 0x9E37_79B9_7F4A_7C15)
  }
}
