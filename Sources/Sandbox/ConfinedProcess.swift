internal import Glibc
internal import Linux
public import Model
internal import Synchronization

/// A command that runs in a sandbox; it ends, with all it started, when this owner goes.
public final class ConfinedProcess: Sendable {
  /// How long the supervisor may take to end everything before it is killed itself.
  static let stopGrace = Duration.seconds(5)
  /// A record of kaizen-confine is at most so long: RECORD_BYTES_MAX of confine.h.
  private static let recordBytesMax = 8192

  /// The level it runs at.
  public let level: SandboxLevel
  /// A pidfd(2), lent for poll: readable when the last process of the sandbox is gone.
  public var pidDescriptor: Int32 { supervisor.pidDescriptor }
  /// The process id of the supervisor outside; the command's own exists only in the sandbox.
  public var pid: Int32 { supervisor.pid }

  private let supervisor: ChildProcess
  private let channel: FileDescriptor
  private let cgroups: Cgroups?
  private let heard: Mutex<Heard>

  /// What the supervisor has said so far.
  private struct Heard {
    var failure: ConfineFailure?
    var end: (how: String, code: Int32)?
    var peakBytes = 0
    var processorTime: Duration = .zero
    var outOfMemoryKills = 0
    var notes: [(feature: String, state: String, reason: String)] = []
  }

  init(
    supervisor: ChildProcess, channel: consuming FileDescriptor, level: SandboxLevel,
    cgroups: Cgroups?
  ) {
    self.supervisor = supervisor
    self.channel = channel
    self.level = level
    self.cgroups = cgroups
    heard = Mutex(Heard())
  }

  deinit {
    _ = try? stop()  // nobody is left to tell
  }

  /// What was noted of parts of the sandbox.
  var notes: [(feature: String, state: String, reason: String)] {
    heard.withLock { $0.notes }
  }

  /// Waits until the program is executed; throws what stood in the way.
  func waitUntilRunning(timeout: Duration) throws(ConfineFailure) {
    let deadline = Clock.monotonic() + timeout
    while true {
      var interest = [Poll.Interest(channel.raw, .read)]
      let left = deadline - Clock.monotonic()
      do throws(any Error) {
        if try left <= .zero || Poll.wait(&interest, timeout: left) == 0 {
          _ = try stop()
          throw SystemError("poll", "set-up in \(timeout)", code: ETIMEDOUT)
        }
        switch try receive() {
        case .running, .end: return  // a short time limit may end it before it runs
        case .failure(let failure):
          _ = try supervisor.wait(timeout: Self.stopGrace)
          throw failure
        case nil: throw SystemError("recvmsg", "kaizen-confine ended", code: ECONNRESET)
        default: continue
        }
      } catch let failure as ConfineFailure {
        throw failure
      } catch {
        throw ConfineFailure(error)
      }
    }
  }

  /// Waits for the end of everything in the sandbox, at most `timeout`; nil when the time is up.
  public func wait(timeout: Duration? = nil) throws(KaizenError) -> ConfinedEnd? {
    do {
      guard let exit = try supervisor.wait(timeout: timeout) else { return nil }
      while try receive(wait: false) != nil {}
      if case .signaled = exit.status { cgroups?.remove(supervisor: pid) }
    } catch {
      throw KaizenError("E_SANDBOX_SETUP", "a confined process cannot be waited for: \(error)")
    }
    return heard.withLock { heard in
      let status: ConfinedEnd.Status =
        switch heard.end?.how {
        case "exited": .exited(heard.end?.code ?? -1)
        case "signaled": .signaled(heard.end?.code ?? -1)
        case "timeout": .timedOut
        case "stopped": .stopped
        default: .signaled(SIGKILL)  // killed from outside, with its supervisor or without
        }
      return ConfinedEnd(
        status: status, peakMemoryBytes: heard.peakBytes, processorTime: heard.processorTime,
        outOfMemory: heard.outOfMemoryKills > 0)
    }
  }

  /// Asks for the end of it and of everything it started, and returns at once.
  public func kill() {
    // Any datagram means stop. Where it cannot be sent, the supervisor is gone already, or has one.
    try? PacketSocket.send(channel, [0], wait: false)
  }

  /// Ends it and everything it started, and returns when nothing is left.
  @discardableResult
  public func stop() throws(KaizenError) -> ConfinedEnd? {
    if let end = try wait(timeout: .zero) { return end }
    kill()
    if let end = try wait(timeout: Self.stopGrace) { return end }
    do {
      _ = try supervisor.killAndWait()  // its init has PDEATHSIG: the sandbox goes with it
    } catch {
      throw KaizenError("E_SANDBOX_SETUP", "a confined process cannot be killed: \(error)")
    }
    return try wait(timeout: .zero)
  }

  /// The next datagram; none when there is none any more.
  private func receiveBytes(wait: Bool) throws(SystemError) -> [UInt8] {
    while true {
      do {
        return try PacketSocket.receive(channel, limit: Self.recordBytesMax, wait: wait).bytes
      } catch {
        if !wait && error.code == EAGAIN { return [] }
        // The supervisor ended before it read our stop. Reported once, then its records follow.
        if error.code != ECONNRESET { throw error }
      }
    }
  }

  /// The next record, taken note of; nil when there is none any more.
  private func receive(wait: Bool = true) throws(SystemError) -> ConfineRecord? {
    let bytes = try receiveBytes(wait: wait)
    guard let record = ConfineRecord(bytes) else { return nil }
    heard.withLock { heard in
      switch record {
      case .running: break
      case .failure(let failure): heard.failure = failure
      case .note(let feature, let state, let reason): heard.notes.append((feature, state, reason))
      case .end(let how, let code, let peak, let microseconds):
        // What init said of the command counts, not what the supervisor says of init.
        if heard.end == nil { heard.end = (how, code) }
        heard.peakBytes = max(heard.peakBytes, peak)
        heard.processorTime = max(heard.processorTime, .microseconds(microseconds))
      case .memory(let peak, let kills):
        heard.peakBytes = peak
        heard.outOfMemoryKills = kills
      }
    }
    return record
  }
}

extension ConfineFailure {
  init(_ error: any Error) {
    let system = error as? SystemError
    self.init(
      call: system?.call ?? "kaizen-confine", code: system?.code ?? EIO,
      subject: system?.subject ?? "\(error)", fix: "")
  }
}
