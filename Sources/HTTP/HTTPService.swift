public import Model

/// What a server serves; called on the server's threads, one for each connection.
public protocol HTTPService: Sendable {
  /// Looks at a request before any of its body is read.
  /// - Returns: the most bytes its body may have.
  /// - Throws: why it is refused; its body is then never read.
  func admit(_ request: HTTPRequest) throws(KaizenError) -> Int

  /// Answers a request whose body has come; may block, other connections go on.
  func answer(_ request: HTTPRequest) -> HTTPResponse

  /// The answer to a request that was refused, by `admit` or for its form.
  /// - Parameter path: the decoded path, where the target could be read.
  func refuse(_ error: KaizenError, path: String?) -> HTTPResponse
}
