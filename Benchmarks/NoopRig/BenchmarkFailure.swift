/// Why there is no figure.
public struct BenchmarkFailure: Error, CustomStringConvertible {
  /// The reason, in one line.
  public let description: String

  /// A reason.
  public init(_ description: String) { self.description = description }
}
