internal import CLinux
internal import Glibc
internal import Synchronization

/// A child of this process: started, signalled and waited for by its pidfd, so never mistaken for
/// another process that got its number.
///
/// A child that nobody waited for is killed and reaped when its owner goes out of scope.
public final class ChildProcess: Sendable {
  /// Its process id; stays its own until `wait` has returned.
  public let pid: Int32
  /// A pidfd(2) of it, lent for poll: readable once it has ended.
  public var pidDescriptor: Int32 { descriptor.raw }

  private let descriptor: FileDescriptor
  private let ended: Mutex<ChildExit?>

  /// Starts `command`; returns once the program itself runs, so a missing one throws here.
  ///
  /// Whoever asks for PR_SET_PDEATHSIG in the child gets the signal when the *thread* that called
  /// this ends: prctl(2).
  public init(_ command: ChildCommand) throws(SystemError) {
    let child = try command.spawn()
    let pidfd = kzl_pidfd_open(child)
    if pidfd < 0 {
      let error = SystemError("pidfd_open", command.words.first ?? "")
      kill(child, SIGKILL)
      _ = waitpid(child, nil, 0)
      throw error
    }
    pid = child
    descriptor = FileDescriptor(owning: pidfd)
    ended = Mutex(nil)
  }

  deinit {
    if ended.withLock({ $0 }) == nil {
      kill(pid, SIGKILL)
      _ = try? reap()  // nobody is left to tell
    }
  }

  /// Starts `command` and leaves it to whoever inherits the children of this process.
  ///
  /// Only for a process that is about to end: until then nobody reaps the child.
  public static func leave(_ command: ChildCommand) {
    _ = try? command.spawn()  // whoever leaves something behind has no use for its failure
  }

  /// Waits for the end, at most `timeout` (nil: as long as it takes); nil when the time is up.
  public func wait(timeout: Duration? = nil) throws(SystemError) -> ChildExit? {
    var interest = [Poll.Interest(descriptor.raw, .read)]
    guard try Poll.wait(&interest, timeout: timeout) > 0 else { return nil }
    return try reap()
  }

  /// Sends `signal`; nothing happens where the child has ended.
  public func signal(_ signal: Int32) throws(SystemError) {
    if kzl_pidfd_send_signal(descriptor.raw, signal) != 0 {
      let error = SystemError("pidfd_send_signal", "\(pid)")
      if error.code != ESRCH { throw error }
    }
  }

  /// Ends it by SIGKILL and waits.
  public func killAndWait() throws(SystemError) -> ChildExit {
    try signal(SIGKILL)
    return try reap()
  }

  private func reap() throws(SystemError) -> ChildExit {
    let pid = pid
    let result = ended.withLock { ended -> Result<ChildExit, SystemError> in
      if let ended { return .success(ended) }
      var status: Int32 = 0
      var usage = rusage()
      while wait4(pid, &status, 0, &usage) < 0 {
        let error = SystemError("wait4", "\(pid)")
        if error.code != EINTR { return .failure(error) }
      }
      let exit = ChildExit(waitStatus: status, usage: usage)
      ended = exit
      return .success(exit)
    }
    return try result.get()
  }
}

/// How a child ended, and what it had used with the children it waited for.
public struct ChildExit: Hashable, Sendable {
  /// The two ways to end.
  public enum Status: Hashable, Sendable {
    /// By exit, with that status.
    case exited(Int32)
    /// By a signal.
    case signaled(Int32)
  }

  /// How it ended.
  public var status: Status
  /// The largest resident set of it or of one of its children, in bytes.
  public var peakMemoryBytes: Int
  /// Processor time in user mode.
  public var userTime: Duration
  /// Processor time in the kernel.
  public var systemTime: Duration

  init(waitStatus: Int32, usage: rusage) {
    // The layout that WIFEXITED and its kin in wait(2) unpack; the macros do not reach Swift.
    let signal = waitStatus & 0x7f
    status = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signaled(signal)
    peakMemoryBytes = usage.ru_maxrss * 1024  // getrusage(2): kilobytes
    userTime = .seconds(usage.ru_utime.tv_sec) + .microseconds(usage.ru_utime.tv_usec)
    systemTime = .seconds(usage.ru_stime.tv_sec) + .microseconds(usage.ru_stime.tv_usec)
  }
}
