/// One thing the daemon answers: its place, who may ask, and what the question may look like.
///
/// Both ends read this table: the daemon routes, checks and limits by it, and the command line
/// builds its requests from it, so that neither can drift from the other.
public struct Route: Hashable, Sendable {
  /// The methods in use.
  public enum Method: String, CaseIterable, Sendable {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  /// What a caller may do; each may also do what stands before it.
  public enum Role: String, CaseIterable, Comparable, Sendable {
    case read, feedback, operate, admin

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    /// Less powerful before more powerful.
    public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }
  }

  /// The body a request may have.
  public enum Body: Hashable, Sendable {
    /// None: any byte is refused.
    case none
    /// One JSON object of at most that many bytes; without `required` it may be left out.
    case json(bytesMax: Int, required: Bool)
    /// One JSON object, or one a line, of at most that many bytes together.
    case lines(bytesMax: Int)
  }

  /// One query parameter.
  public struct Parameter: Hashable, Sendable {
    /// What its value may be.
    public enum Kind: Hashable, Sendable {
      /// A decimal integer in a range.
      case integer(ClosedRange<Int64>)
      /// An id, as `Identifier.form` says.
      case identifier
      /// Text of 1 to 200 bytes.
      case text
      /// One of these words.
      case word([String])
    }

    /// Its name in the query.
    public var name: String
    /// What its value may be.
    public var kind: Kind
    /// Whether the request is refused without it.
    public var isRequired = false

    /// Most bytes of a text parameter.
    public static let textBytesMax = 200
  }

  /// Which route this is; the daemon switches over it, so that none can be forgotten.
  public var id: ID
  /// The method.
  public var method: Method
  /// The path, with `{name}` where a segment varies.
  public var template: String
  /// The least role that may ask.
  public var role: Role
  /// The query parameters there are; every other is refused.
  public var parameters: [Parameter] = []
  /// The body.
  public var body: Body = .none
  /// One line for people.
  public var help: String

  /// Most bytes of a request's body where a route does not say otherwise: 1 MiB.
  public static let bodyBytesMax = 1 << 20
  /// Most bytes of one request to store feedback: 64 MiB.
  public static let feedbackBytesMax = 64 << 20
  /// Most bytes of a reason that somebody gives: 4 KiB.
  public static let reasonBytesMax = 4096
  /// The longest that a request waits for news, in milliseconds: 30 s.
  public static let waitMillisecondsMax: Int64 = 30_000
  /// Items of a list where the request does not say how many.
  public static let listCountDefault: Int64 = 100
  /// Most items of a list.
  public static let listCountMax: Int64 = 1000

  /// Most bytes this route's body may have.
  public var bodyBytesMax: Int {
    switch body {
    case .none: 0
    case .json(let bytesMax, _), .lines(let bytesMax): bytesMax
    }
  }
}
