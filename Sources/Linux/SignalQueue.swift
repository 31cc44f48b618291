internal import CLinux
internal import Glibc

/// Signals taken as data: blocked, and read from a descriptor in the order they come.
///
/// For programs of one thread: the mask is the calling thread's. Signals that were ignored when
/// the program started (as by nohup) stay ignored and are no part of the queue.
public final class SignalQueue: Sendable {
  /// One signal that came.
  public struct Arrival: Hashable, Sendable {
    /// Its number.
    public var number: Int32
    /// Whether the kernel sent it, as a terminal does to everyone in its foreground at once.
    public var isFromKernel: Bool
  }

  /// Readable while signals wait; lent for poll.
  public var raw: Int32 { descriptor.raw }
  /// The mask before; what children should get.
  public let originalMask: SignalSet

  private let descriptor: FileDescriptor

  /// Starts to queue those of `signals` that are not ignored.
  public init(_ signals: [Int32]) throws(SystemError) {
    var set = SignalSet(signals.filter { !Self.isIgnored($0) })
    var before = SignalSet()
    let code = pthread_sigmask(SIG_BLOCK, &set.raw, &before.raw)
    if code != 0 { throw SystemError("pthread_sigmask", code: code) }
    originalMask = before
    let raw = kzl_signal_descriptor(&set.raw)
    if raw < 0 {
      let error = SystemError("signalfd")
      pthread_sigmask(SIG_SETMASK, &before.raw, nil)
      throw error
    }
    descriptor = FileDescriptor(owning: raw)
  }

  deinit {
    var before = originalMask
    pthread_sigmask(SIG_SETMASK, &before.raw, nil)
  }

  /// The next signal; nil where none waits.
  public func next() throws(SystemError) -> Arrival? {
    var number: Int32 = 0
    var isFromKernel: Int32 = 0
    let raw = descriptor.raw
    do {
      try retrying("read", "signalfd") { kzl_read_signal(raw, &number, &isFromKernel) }
    } catch {
      if error.code == EAGAIN { return nil }
      throw error
    }
    return Arrival(number: number, isFromKernel: isFromKernel != 0)
  }

  /// Whether `signal` is ignored by this process.
  public static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    // SIG_IGN is the handler 1 (asm/signal-defs.h), which Swift cannot compare as a function.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  /// Ends this process by `signal`, so that whoever waits for it sees that it died of it.
  ///
  /// Returns only where the signal cannot end this process, as for pid 1 of a namespace.
  public static func die(of signal: Int32) {
    var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
    Glibc.signal(signal, SIG_DFL)
    var set = SignalSet([signal])
    pthread_sigmask(SIG_UNBLOCK, &set.raw, nil)
    kill(getpid(), signal)
  }
}
