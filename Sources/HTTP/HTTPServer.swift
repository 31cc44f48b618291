internal import CMicroHTTPD
public import Linux
public import Model
internal import Synchronization

/// An HTTP/1.1 server on a Unix socket or a loopback port, with a thread for each connection.
public final class HTTPServer: Sendable {
  /// What connections may cost.
  public struct Limits: Hashable, Sendable {
    /// Connections at once; further ones wait in the backlog.
    public var connectionCountMax: Int
    /// A connection that is silent for so long is closed; whole seconds.
    public var idleSecondsMax: Int
    /// Bytes for the header and the buffers of one connection.
    public var connectionMemoryBytes: Int
    /// A connection is cut after so long, whatever it is doing; nil: it may last.
    public var lifetimeMax: Duration?

    /// Makes limits; by default 128 connections, 30 s of silence and 16 KiB.
    public init(
      connectionCountMax: Int = 128, idleSecondsMax: Int = 30,
      connectionMemoryBytes: Int = 16 << 10, lifetimeMax: Duration? = nil
    ) {
      self.connectionCountMax = connectionCountMax
      self.idleSecondsMax = idleSecondsMax
      self.connectionMemoryBytes = connectionMemoryBytes
      self.lifetimeMax = lifetimeMax
    }
  }

  /// The port it listens at; nil for a Unix socket.
  public let port: UInt16?

  private let core: ServerCore
  private let running: Mutex<Running?>

  /// What exists while it serves; whoever takes it out of the mutex ends it.
  private struct Running: ~Copyable, @unchecked Sendable {
    // Unchecked: OpaquePointer is not Sendable, MHD's functions on it may be called by any thread.
    let daemon: OpaquePointer
    let claim: SocketClaim?
    let acceptor: Acceptor
  }

  /// Connections that MHD may still count after we have seen them close.
  private static let connectionCountSlack = 64

  /// Binds `socketPath` with mode 0660 and serves it until `stop`.
  /// - Parameter group: the socket's group; nil leaves it the process's own.
  /// - Throws: `E_SOCKET_PATH`, `E_SOCKET_DIRECTORY`, `E_ALREADY_RUNNING` or `E_IO`.
  public convenience init(
    socketPath: String, group: UInt32? = nil, limits: Limits = Limits(), service: any HTTPService
  ) throws(KaizenError) {
    let claim = try SocketClaim(socketPath)
    let socket = try claim.listen(group: group)
    try self.init(
      socket, claim: claim, port: nil, limits, ServerCore(service: service, limits: limits))
  }

  /// Listens at a port of the loopback address, and serves it until `stop`.
  ///
  /// Who asks is not known there: every request comes from `PeerCredentials.nobody`.
  /// - Parameter port: 0 takes one that is free.
  /// - Throws: `E_LISTEN`.
  public convenience init(
    loopback family: LoopbackSocket.Family, port: UInt16, limits: Limits = Limits(),
    service: any HTTPService
  ) throws(KaizenError) {
    let socket = try Self.listen(family, port)
    let bound = try Self.port(of: socket.raw)
    let core = ServerCore(service: service, limits: limits, isAnonymous: true)
    try self.init(socket, claim: nil, port: bound, limits, core)
  }

  private init(
    _ socket: consuming FileDescriptor, claim: consuming SocketClaim?, port: UInt16?,
    _ limits: Limits, _ core: ServerCore
  ) throws(KaizenError) {
    self.port = port
    self.core = core
    var options = kzm_options(
      connections_max: UInt32(limits.connectionCountMax + Self.connectionCountSlack),
      idle_seconds_max: UInt32(limits.idleSecondsMax),
      connection_memory: limits.connectionMemoryBytes, begin: beginRequest,
      handle: handleRequest, completed: endRequest, connection: connectionChanged,
      context: Unmanaged.passUnretained(core).toOpaque())
    guard let daemon = kzm_start(&options) else {
      let error = SystemError("MHD_start_daemon")
      claim?.unlinkSocket()
      throw KaizenError("E_IO", "cannot serve the socket: \(error)")
    }
    do {
      let acceptor = try Acceptor(
        socket, daemon: daemon, connections: core.connections,
        connectionCountMax: limits.connectionCountMax, cutsOverdue: limits.lifetimeMax != nil)
      running = Mutex(Running(daemon: daemon, claim: claim, acceptor: acceptor))
    } catch {
      MHD_stop_daemon(daemon)
      claim?.unlinkSocket()
      throw KaizenError("E_IO", "cannot serve the socket: \(error)")
    }
  }

  private static func listen(
    _ family: LoopbackSocket.Family, _ port: UInt16
  ) throws(KaizenError) -> FileDescriptor {
    do {
      return try LoopbackSocket.listen(family, port: port)
    } catch {
      throw KaizenError(
        "E_LISTEN", "cannot listen at port \(port) of this machine: \(error)",
        hint: "end who listens there, or choose another port")
    }
  }

  private static func port(of socket: Int32) throws(KaizenError) -> UInt16 {
    do {
      return try LoopbackSocket.port(of: socket)
    } catch {
      throw KaizenError("E_LISTEN", "a socket that listens has no port: \(error)")
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
    running.claim?.unlinkSocket()
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
  /// How long a connection may last.
  let lifetimeMax: Duration?
  /// Whether the kernel cannot tell who asks.
  let isAnonymous: Bool

  init(service: any HTTPService, limits: HTTPServer.Limits, isAnonymous: Bool = false) {
    self.service = service
    self.isAnonymous = isAnonymous
    lifetimeMax = limits.lifetimeMax
  }
}
