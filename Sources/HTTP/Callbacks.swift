internal import CMicroHTTPD
internal import Glibc
internal import Linux

// The four callbacks of libmicrohttpd. They come on the connection's own thread. `context` is the
// server's core, which outlives them: `stop` returns after the last thread has ended.

/// The first line of a request has come: makes the exchange that the other callbacks get.
///
/// MHD calls `endRequest` for each request this was called for: it sets `client_aware` beside this
/// call (libmicrohttpd, src/microhttpd/connection.c, parse_initial_message_line).
func beginRequest(
  _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?,
  _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let context, let target else { return nil }
  let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
  let exchange = Exchange(core: core, target: String(cString: target))
  return Unmanaged.passRetained(exchange).toOpaque()
}

/// Called with the header, then for each part of the body, then once more: microhttpd.h at
/// MHD_AccessHandlerCallback.
func handleRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ url: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
  _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
  _ uploadSize: UnsafeMutablePointer<Int>?,
  _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let connection, let method, let uploadSize, let raw = own?.pointee else { return .NO }
  let exchange = Unmanaged<Exchange>.fromOpaque(raw).takeUnretainedValue()
  if !exchange.hasBegun {
    let response = exchange.begin(connection, method: String(cString: method))
    return response.map { respond(connection, $0) } ?? .YES
  }
  if uploadSize.pointee > 0, let upload {
    let part = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
    uploadSize.pointee = 0
    return exchange.append(part) ? .YES : .NO
  }
  return respond(connection, exchange.answer())
}

/// The request is over, however it ended.
func endRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ how: MHD_RequestTerminationCode
) {
  guard let own, let raw = own.pointee else { return }
  Unmanaged<Exchange>.fromOpaque(raw).takeRetainedValue().end()
  own.pointee = nil
}

/// A connection was opened or closed.
func connectionChanged(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ how: MHD_ConnectionNotificationCode
) {
  guard let context, let connection else { return }
  let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
  let socket = kzm_socket(connection)
  let isClosed = how == .CONNECTION_NOTIFY_CLOSED
  core.connections.update { connections in
    if isClosed { connections.count -= 1 }
    // The socket is closed only after this call (libmicrohttpd, src/microhttpd/daemon.c,
    // MHD_cleanup_connections), so that its number is nobody else's while it stands here.
    connections.deadlines[socket] =
      isClosed ? nil : core.lifetimeMax.map { Clock.monotonic() + $0 }
  }
}

private func respond(_ connection: OpaquePointer, _ response: HTTPResponse) -> MHD_Result {
  let made = response.body.withUnsafeBytes { body in
    // With MUST_COPY the buffer is only read, although the parameter is not const.
    MHD_create_response_from_buffer(
      body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
  }
  guard let made else { return .NO }
  defer { MHD_destroy_response(made) }
  MHD_add_response_header(made, "Content-Type", response.contentType)
  MHD_add_response_header(made, "Cache-Control", "no-store")
  for (name, value) in response.fields { MHD_add_response_header(made, name, value) }
  return MHD_queue_response(connection, UInt32(response.status), made)
}
