internal import CMicroHTTPD
internal import Glibc
internal import Linux

/// How many connections are open, and whether more are wanted.
struct Connections: Sendable {
  var count = 0
  var isStopping = false
  /// When to cut each connection that is open, by its socket; empty where they may last.
  var deadlines: [Int32: Duration] = [:]

  /// Cuts those whose time is over; their threads find the socket at its end.
  mutating func cutOverdue() {
    let now = Clock.monotonic()
    for (socket, deadline) in deadlines where deadline <= now {
      shutdown(socket, Int32(SHUT_RDWR))
      deadlines[socket] = nil
    }
  }
}

/// Accepts connections on a thread of its own and hands them to MHD.
///
/// MHD's own listener closes a connection that is over the limit; here it stays in the socket's
/// backlog until there is a place, so that a burst of callers is served and none is turned away.
final class Acceptor: Sendable {
  private let socket: Int32
  private let connections: Condition<Connections>
  private let thread: BlockingThread

  /// Pause where no connection can be taken for want of descriptors or memory.
  private static let pause = Duration.milliseconds(50)
  /// Between two looks for connections that last too long.
  private static let sweepInterval = Duration.seconds(1)

  init(
    _ socket: consuming FileDescriptor, daemon: OpaquePointer,
    connections: Condition<Connections>, connectionCountMax: Int, cutsOverdue: Bool
  ) throws(SystemError) {
    let raw = socket.raw
    let place = Place(daemon: daemon)
    thread = try BlockingThread(name: "http-accept") {
      while Self.waitForPlace(connections, connectionCountMax, cutsOverdue) {
        if cutsOverdue, !Self.waitForCaller(raw, connections) { continue }
        Self.acceptOne(raw, place, connections)
      }
    }
    self.socket = socket.release()
    self.connections = connections
  }

  /// Ends the thread; who connects from now on is refused.
  func stop() {
    connections.update { $0.isStopping = true }
    // Wakes accept with EINVAL: linux, net/unix/af_unix.c, unix_accept at "receive shutdown".
    shutdown(socket, Int32(SHUT_RDWR))
    thread.join()
    close(socket)
  }

  /// MHD's daemon on its way into the thread.
  private struct Place: @unchecked Sendable {
    // Unchecked: MHD_add_connection may be called by any thread.
    let daemon: OpaquePointer
  }

  /// True once there is room for one more; false when it is time to stop.
  private static func waitForPlace(
    _ connections: Condition<Connections>, _ countMax: Int, _ cutsOverdue: Bool
  ) -> Bool {
    while true {
      if cutsOverdue { connections.update { $0.cutOverdue() } }
      let timeout = cutsOverdue ? sweepInterval : .seconds(3600)
      let isGoingOn = connections.wait(timeout: timeout) { connections -> Bool? in
        if connections.isStopping { return false }
        return connections.count < countMax ? true : nil
      }
      if let isGoingOn { return isGoingOn }
    }
  }

  /// False where it is time to look for connections that last too long.
  private static func waitForCaller(_ socket: Int32, _ connections: Condition<Connections>) -> Bool
  {
    let isIdle = connections.update { $0.count == 0 }
    var interests = [Poll.Interest(socket, .read)]
    do {
      return try Poll.wait(&interests, timeout: isIdle ? nil : sweepInterval) > 0
    } catch {
      return true  // accept fails too, and says why
    }
  }

  private static func acceptOne(
    _ socket: Int32, _ place: Place, _ connections: Condition<Connections>
  ) {
    do {
      let accepted = try UnixSocket.accept(socket)
      connections.update { $0.count += 1 }
      if kzm_add(place.daemon, accepted.release()) != 0 {
        connections.update { $0.count -= 1 }
      }
    } catch {
      if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(error.code) {
        _ = connections.wait(timeout: pause) { $0.isStopping ? true : nil }
      }
    }
  }
}
