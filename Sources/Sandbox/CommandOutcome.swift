/// How a confined process ended.
public struct ConfinedEnd: Hashable, Sendable {
  /// The ways to end.
  public enum Status: Hashable, Sendable {
    /// By itself, with that exit status.
    case exited(Int32)
    /// By a signal.
    case signaled(Int32)
    /// Killed, with everything it started, when its time was up.
    case timedOut
    /// Killed, with everything it started, because the daemon asked for it.
    case stopped
  }

  /// How it ended.
  public var status: Status
  /// The most memory it used, in bytes; the largest process where no cgroup counted.
  public var peakMemoryBytes: Int
  /// Whether the kernel killed a process of it for want of memory within its limit.
  public var outOfMemory: Bool

  /// Whether it exited with status 0.
  public var succeeded: Bool { status == .exited(0) }
}

/// The output of a command, cut at a limit.
public struct CappedOutput: Hashable, Sendable {
  /// Its first bytes.
  public var bytes: [UInt8] = []
  /// How many there were; those over the limit were read and dropped.
  public var totalBytes = 0

  /// The bytes as text; what is not UTF-8 is replaced.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
  /// Whether something was dropped.
  public var isCut: Bool { totalBytes > bytes.count }

  mutating func take(_ chunk: ArraySlice<UInt8>, limit: Int) {
    totalBytes += chunk.count
    bytes += chunk.prefix(max(0, limit - bytes.count))
  }
}

/// What became of a command that was run to its end.
public struct CommandOutcome: Hashable, Sendable {
  /// How it ended, and what it used.
  public var end: ConfinedEnd
  /// What it wrote to stdout.
  public var stdout: CappedOutput
  /// What it wrote to stderr.
  public var stderr: CappedOutput
  /// From before the set-up to after the last process was gone.
  public var duration: Duration
  /// The level it ran at.
  public var level: SandboxLevel

  /// How it ended.
  public var status: ConfinedEnd.Status { end.status }
  /// Whether its time was up.
  public var timedOut: Bool { end.status == .timedOut }
  /// Whether it exited with status 0.
  public var succeeded: Bool { end.succeeded }
}
