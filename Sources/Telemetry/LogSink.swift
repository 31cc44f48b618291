internal import Glibc
internal import Synchronization

/// The descriptor that log lines go to, one writer at a time.
final class LogSink: Sendable {
  private struct State: Sendable {
    /// Lines lost since the last one that got through.
    var lostCount = 0
    var droppedCount = 0
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  init(descriptor: Int32) { self.descriptor = descriptor }

  var droppedCount: Int { state.withLock { $0.droppedCount } }

  /// Writes the line that `make` gives for the number of lines lost before it.
  func write(_ make: (Int) -> [UInt8]) {
    state.withLock { state in
      // poll(2) says a pipe is writable when PIPE_BUF bytes fit, and no line is longer: the write
      // below does not wait for a reader that sleeps.
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let isReady = poll(&request, 1, 0) == 1 && request.revents & Int16(POLLOUT) != 0
      let line = isReady ? make(state.lostCount) : []
      if isReady && line.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) > 0
      {
        state.lostCount = 0
      } else {
        state.lostCount += 1
        state.droppedCount += 1
      }
    }
  }
}
