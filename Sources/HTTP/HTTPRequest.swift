public import Linux

/// One request, decoded and checked.
public struct HTTPRequest: Sendable {
  /// The method, as it came.
  public var method: String
  /// The path, decoded; never with an encoded slash or NUL in it.
  public var path: String
  /// The query, decoded, in its order; no name twice.
  public var query: [(name: String, value: String)]
  /// The header fields, names in lower case.
  public var headers: [(name: String, value: String)]
  /// The body; empty until all of it has come.
  public var body: [UInt8]
  /// Who asks, as at the time of connecting.
  public var peer: PeerCredentials

  /// Makes a request from its parts.
  public init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)] = [], body: [UInt8] = [], peer: PeerCredentials
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// The value of a header field by its name in lower case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}
