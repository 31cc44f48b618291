/// What the host does for a plugin; may be kept as long as the instance lives.
public struct Host: @unchecked Sendable {
  // Unchecked: the functions of kz_host say for themselves from which threads they may be called,
  // and the struct behind the pointer never changes.
  private let raw: UnsafePointer<kz_host>

  init(_ raw: UnsafePointer<kz_host>) { self.raw = raw }

  /// How much a log entry matters.
  public enum LogLevel: UInt32, Sendable { case debug = 1, info, warning, error }

  /// One entry for the log, from any thread.
  public func log(_ level: LogLevel, _ message: String) {
    message.withText { raw.pointee.log(raw, level.rawValue, $0) }
  }

  /// How much of the call is done, in [0, 1]; from any thread.
  public func progress(_ fraction: Double) { raw.pointee.progress(raw, fraction) }

  /// Whether the call should end now; ask in each turn of a long loop, on any thread.
  public var shouldStop: Bool { raw.pointee.should_stop(raw) != 0 }

  /// Ends the call where it should end: `try host.checkStop()` in each turn of a long loop.
  /// - Throws: `PluginFailure.stopped`.
  public func checkStop() throws(PluginFailure) {
    if shouldStop { throw .stopped }
  }

  /// Nanoseconds since 1970 UTC; stands still during a call.
  public var nowNanoseconds: Int64 { raw.pointee.now_ns(raw) }

  /// 64 random bits, the same when a call is replayed; only from the calling thread.
  public func randomBits() -> UInt64 { raw.pointee.random_u64(raw) }

  func fail(_ message: String) { message.withText { raw.pointee.fail(raw, $0) } }
}
