/// One answer.
public struct HTTPResponse: Hashable, Sendable {
  /// The status (RFC 9110, section 15).
  public var status: Int
  /// The media type of the body.
  public var contentType: String
  /// The body.
  public var body: [UInt8]
  /// Further header fields, such as `Allow`.
  public var fields: [String: String] = [:]

  /// Makes an answer.
  public init(status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// Makes an answer of text.
  public init(
    status: Int = 200, contentType: String = "application/json", text: String
  ) {
    self.init(status: status, contentType: contentType, body: Array(text.utf8))
  }
}
