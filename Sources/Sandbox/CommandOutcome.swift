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
  /// User and system time of all its processes together that were waited for.
  public var processorTime: Duration
  /// Whether the kernel killed a process of it for want of memory within its limit.
  public var outOfMemory: Bool

  /// Whether it exited with status 0.
  public var succeeded: Bool { status == .exited(0) }
}

/// The output of a command: its beginning up to a limit, and its end.
public struct CappedOutput: Hashable, Sendable {
  /// Bytes kept of the end of what did not fit: 256 KiB.
  public static let tailBytesMax = 256 << 10

  /// Its first bytes.
  public var bytes: [UInt8] = []
  /// How many there were; those over the limit were read, and only the last of them kept.
  public var totalBytes = 0
  /// The last of the bytes that did not fit, at most twice `tailBytesMax`.
  private var tail: [UInt8] = []

  /// Nothing.
  public init() {}

  /// The bytes as text; what is not UTF-8 is replaced.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
  /// Whether the beginning is not all.
  public var isCut: Bool { totalBytes > bytes.count }

  mutating func take(_ chunk: ArraySlice<UInt8>, limit: Int) {
    totalBytes += chunk.count
    let fitting = chunk.prefix(max(0, limit - bytes.count))
    bytes += fitting
    tail += chunk.dropFirst(fitting.count)
    // Cut only at twice its size: so each byte is moved once, whatever the size of the chunks.
    if tail.count > 2 * Self.tailBytesMax { tail.removeFirst(tail.count - Self.tailBytesMax) }
  }

  /// The last `count` bytes as text; of output that was cut, at most `tailBytesMax` and what was
  /// never dropped.
  public func end(_ count: Int) -> String {
    let isWhole = bytes.count + tail.count == totalBytes
    let kept = isWhole && tail.count < count ? bytes + tail : tail
    return String(decoding: kept.suffix(max(0, count)), as: UTF8.self)
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
