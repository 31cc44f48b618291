internal import CMicroHTTPD
internal import Linux
public import Model
internal import Synchronization

/// An HTTP/1.1 server on a Unix socket, with a thread for each connection.
public final class HTTPServer: Sendable {
  /// What connections may cost.
  public struct Limits: Hashable, Sendable {
    /// Connections at once; further ones wait in the backlog.
    public var connectionCountMax: Int
    /// A connection that is silent for so long is closed; whole seconds.
    public var idleSecondsMax: Int
    /// Bytes for the header and the buffers of one connection.
    public var connectionMemoryBytes: Int

    /// Makes limits; by default 128 connections, 30 s and 16 KiB.
    public init(
      connectionCountMax: Int = 128, idleSecondsMax: Int = 30,
      connectionMemoryBytes: Int = 16 << 10
    ) {
      self.connectionCountMax = connectionCountMax
      self.idleSecondsMax = idleSecondsMax
      self.connectionMemoryBytes = connectionMemoryBytes
    }
  }

  /// Where it listens.
  public let socketPath: String

  private let core: ServerCore
  private let running: Mutex<Running?>

  /// What exists while it serves; whoever takes it out of the mutex ends it.
  private struct Running: ~Copyable, @unchecked Sendable {
    // Unchecked: OpaquePointer is not Sendable, MHD's functions on it may be called by any thread.
    let daemon: OpaquePointer
    let claim: SocketClaim
    let acceptor: Acceptor
  }

  /// Connections that MHD may still count after we have seen them close.
  private static let connectionCountSlack = 64

  /// Binds `socketPath` with mode 0660 and serves it until `stop`.
  /// - Throws: `E_SOCKET_PATH`, `E_SOCKET_DIRECTORY`, `E_ALREADY_RUNNING` or `E_IO`.
  public init(
    socketPath: String, limits: Limits = Limits(), service: any HTTPService
  ) throws(KaizenError) {
    self.socketPath = socketPath
    let claim = try SocketClaim(socketPath)
    let socket = try claim.listen()
    core = ServerCore(service: service)
    var options = kzm_options(
      connections_max: UInt32(limits.connectionCountMax + Self.connectionCountSlack),
      idle_seconds_max: UInt32(limits.idleSecondsMax),
      connection_memory: limits.connectionMemoryBytes, begin: beginRequest,
      handle: handleRequest, completed: endRequest, connection: connectionChanged,
      context: Unmanaged.passUnretained(core).toOpaque())
    guard let daemon = kzm_start(&options) else {
      let error = SystemError("MHD_start_daemon", socketPath)
      claim.unlinkSocket()
      throw KaizenError("E_IO", "cannot serve the socket: \(error)")
    }
    do {
      let acceptor = try Acceptor(
        socket, daemon: daemon, connections: core.connections,
        connectionCountMax: limits.connectionCountMax)
      running = Mutex(Running(daemon: daemon, claim: claim, acceptor: acceptor))
    } catch {
      MHD_stop_daemon(daemon)
      claim.unlinkSocket()
      throw KaizenError("E_IO", "cannot serve the socket: \(error)")
    }
  }

  deinit { stop(grace: .zero) }

  /// Requests that are being read or answered.
  public var requestCount: Int { core.requests.update { $0 } }

  /// Stops, and returns when the last thread has ended.
  ///
  /// No new connections from now on, then up to `grace` for the requests under way, then the
  /// connections are closed. A handler that blocks holds this up: whoever makes handlers wait must
  /// wake them first.
  public func stop(grace: Duration) {
    guard let running = running.withLock({ $0.take() }) else { return }
    running.claim.unlinkSocket()
    running.acceptor.stop()
    _ = core.requests.wait(timeout: grace) { $0 == 0 ? true : nil }
    MHD_stop_daemon(running.daemon)
  }
}

/// What the callbacks share.
final class ServerCore: Sendable {
  let service: any HTTPService
  /// Requests begun and not yet answered.
  let requests = Condition(0)
  /// Open connections.
  let connections = Condition(Connections())

  init(service: any HTTPService) { self.service = service }
}
