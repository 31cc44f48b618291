/// A number that only grows, such as operations served.
public struct Counter: Sendable {
  let family: MetricFamily

  /// Adds `amount` to the series of `values`, given in the order of the labels.
  ///
  /// What is negative or no number is left out: a counter never goes back.
  public func add(_ amount: Double = 1, _ values: [String] = []) {
    guard amount >= 0, amount.isFinite else { return }
    family.change(values) { $0.value += amount }
  }

  /// Brings the series of `values` to `total`, for what is counted elsewhere; never back.
  public func raise(to total: Double, _ values: [String] = []) {
    guard total >= 0, total.isFinite else { return }
    family.change(values) { $0.value = max($0.value, total) }
  }
}

/// A number that rises and falls, such as a health score.
public struct Gauge: Sendable {
  let family: MetricFamily

  /// Sets the series of `values`, given in the order of the labels.
  public func set(_ value: Double, _ values: [String] = []) {
    family.change(values) { $0.value = value }
  }

  /// Adds `amount`, which may be negative.
  public func add(_ amount: Double, _ values: [String] = []) {
    family.change(values) { $0.value += amount }
  }

  /// Forgets the series of `values`, such as those of an agent that was removed.
  public func remove(_ values: [String]) { family.remove(values) }
}

/// How often a number fell into which range, such as durations in seconds.
public struct Histogram: Sendable {
  let family: MetricFamily

  /// Upper bounds in seconds for what takes from 100 µs to a minute.
  public static let secondsBounds: [Double] = [
    0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60,
  ]

  /// Counts `value` in the series of `values`, given in the order of the labels; NaN is left out.
  public func observe(_ value: Double, _ values: [String] = []) {
    guard !value.isNaN, case .histogram(let bounds) = family.kind else { return }
    // `le`: a value equal to a bound belongs to its bucket.
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    family.change(values) { series in
      series.value += value
      series.buckets[bucket] += 1
    }
  }
}
