/// A TCP port that only this machine can reach, as people write it: `127.0.0.1:9464`.
public struct LoopbackEndpoint: Hashable, Sendable, CustomStringConvertible {
  /// The hosts that may stand there; every other might be reached from outside.
  public enum Host: String, CaseIterable, Sendable {
    case v4 = "127.0.0.1"
    case v6 = "[::1]"
    /// 127.0.0.1 under its name.
    case name = "localhost"
  }

  /// The host.
  public var host: Host
  /// The port, 1 to 65,535.
  public var port: UInt16

  /// What may be written, in the words of an error message.
  public static let form = "127.0.0.1:PORT, [::1]:PORT or localhost:PORT"

  /// Reads `HOST:PORT`; nil for anything else, and for hosts beyond this machine.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let host = Host(rawValue: String(text[..<colon]))
    else { return nil }
    let digits = text[text.index(after: colon)...]
    // "+80" and "080" are numbers to some readers and none to others.
    guard let port = UInt16(digits), port > 0, "\(port)" == digits else { return nil }
    self.host = host
    self.port = port
  }

  /// `HOST:PORT`, as a client writes it into the header field `Host`.
  public var description: String { "\(host.rawValue):\(port)" }
}
