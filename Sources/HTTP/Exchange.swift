internal import CMicroHTTPD
internal import Glibc
internal import Linux
internal import Model

/// One request on its way, from its first line to its end; used by its connection's thread only.
final class Exchange {
  private let core: ServerCore
  private let target: String
  private var request: HTTPRequest?
  private var path: String?
  private var bodyBytesMax = 0
  private var excessBytes = 0
  private(set) var hasBegun = false

  /// Bytes over the limit that are read and dropped, so that the sender gets to see the refusal.
  ///
  /// Beyond them the connection is cut. Only bodies of undeclared length come here.
  private static let excessBytesMax = 64 << 20
  /// Bytes set aside for a body before any of it has come.
  private static let reserveBytesMax = 1 << 20

  init(core: ServerCore, target: String) {
    self.core = core
    self.target = target
    core.requests.update { $0 += 1 }
  }

  /// The header has come: the answer where the request is refused unread, else nil.
  func begin(_ connection: OpaquePointer, method: String) -> HTTPResponse? {
    hasBegun = true
    do throws(KaizenError) {
      let parsed = try RequestTarget(target)
      path = parsed.path
      let headers = try HeaderFields.read(connection)
      let length = try HeaderFields.contentLength(headers)
      let request = HTTPRequest(
        method: method, path: parsed.path, query: parsed.query, headers: headers,
        peer: try peer(connection))
      bodyBytesMax = try core.service.admit(request)
      if let length, length > bodyBytesMax { throw tooLarge("\(length)") }
      self.request = request
      self.request?.body.reserveCapacity(min(length ?? 0, Self.reserveBytesMax))
      return nil
    } catch {
      return core.service.refuse(error, path: path)
    }
  }

  /// Takes a part of the body; false where the connection is to be cut.
  func append(_ part: UnsafeRawBufferPointer) -> Bool {
    let room = bodyBytesMax - (request?.body.count ?? 0)
    if excessBytes == 0 && part.count <= room {
      request?.body.append(contentsOf: part)
      return true
    }
    // MHD takes no answer while a body comes (microhttpd.h): read on, and refuse at its end.
    request?.body = []
    excessBytes += part.count
    return excessBytes <= Self.excessBytesMax
  }

  /// All of the request has come.
  func answer() -> HTTPResponse {
    guard let request else {
      return core.service.refuse(
        KaizenError("E_INTERNAL", "a request without a header"), path: path)
    }
    if excessBytes > 0 { return core.service.refuse(tooLarge("more than that"), path: path) }
    self.request = nil
    return core.service.answer(request)
  }

  /// It is over, answered or not.
  func end() { core.requests.update { $0 -= 1 } }

  private func peer(_ connection: OpaquePointer) throws(KaizenError) -> PeerCredentials {
    if core.isAnonymous { return PeerCredentials.nobody }
    do {
      return try UnixSocket.peer(of: kzm_socket(connection))
    } catch {
      throw KaizenError("E_FORBIDDEN", "cannot tell who is asking: \(error)")
    }
  }

  private func tooLarge(_ found: String) -> KaizenError {
    KaizenError(
      "E_TOO_LARGE", "the body may have at most \(bodyBytesMax) bytes, found \(found)",
      hint: "send it in smaller parts")
  }
}
