internal import CLinux
import Glibc

extension ChildProcess {
  /// Most looks for processes of a session: one that was started during a look is found in the next.
  private static let sessionLookCountMax = 16

  /// Ends, by SIGKILL, every process of the session that this child leads, and waits for the child.
  ///
  /// For one started with `newSession`. A process that made a session of its own is not found.
  public func killSession() throws(SystemError) -> ChildExit {
    // Not waited for yet, the child keeps its number, so no other session or group can have it.
    kill(-pid, SIGKILL)
    try signal(SIGKILL)
    for _ in 0..<Self.sessionLookCountMax where try !killOthersOfSession() { break }
    return try killAndWait()
  }

  /// Whether there were any that had not ended: those in process groups of their own.
  private func killOthersOfSession() throws(SystemError) -> Bool {
    var isAnyFound = false
    for name in try Files.names(in: "/proc") {
      guard let other = Int32(name), other != pid else { continue }
      let raw = kzl_pidfd_open(other)
      if raw < 0 { continue }  // ended meanwhile
      let descriptor = FileDescriptor(owning: raw)
      // Asked after the pidfd was opened: where the number went to another, the signal goes nowhere.
      guard getsid(other) == pid else { continue }
      var interest = [Poll.Interest(descriptor.raw, .read)]
      if try Poll.wait(&interest, timeout: .zero) > 0 { continue }  // ended, and not waited for
      if kzl_pidfd_send_signal(descriptor.raw, SIGKILL) == 0 { isAnyFound = true }
    }
    return isAnyFound
  }
}
