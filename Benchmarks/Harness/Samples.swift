internal import Linux
internal import Model
internal import Statistics

/// What one thing took, measured over and over.
public struct Samples: Sendable {
  /// Fewer say too little of a 95th percentile.
  public static let countMin = 31

  /// The values in rising order.
  private let sorted: [Double]

  /// Samples of `values`, at least `countMin` of them.
  public init(_ values: [Double]) {
    precondition(values.count >= Self.countMin, "\(values.count) samples are too few")
    sorted = values.sorted()
  }

  /// How many there are.
  public var count: Int { sorted.count }
  /// The value half of them stay below.
  public var median: Double { quantile(0.5) }
  /// The value 95 of 100 stay below.
  public var p95: Double { quantile(0.95) }

  private func quantile(_ share: Double) -> Double {
    guard let value = Quantile.ofSorted(sorted, share) else { fatalError("there are samples") }
    return value
  }

  /// Runs `bodies` in turn, so that what disturbs the machine disturbs them all, and keeps what
  /// each returns.
  /// - Parameter warmUpCount: rounds before the first that counts.
  public static func inTurn(
    count: Int, warmUpCount: Int, _ bodies: [() throws -> Double]
  ) throws -> [Samples] {
    var values = bodies.map { _ in [Double]() }
    for round in 0..<(warmUpCount + count) {
      for (index, body) in bodies.enumerated() {
        let value = try body()
        if round >= warmUpCount { values[index].append(value) }
      }
    }
    return values.map { Samples($0) }
  }

  /// How long `body` takes, in nanoseconds.
  public static func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    let start = Clock.monotonic()
    try body()
    return Double((Clock.monotonic() - start).nanoseconds)
  }
}
