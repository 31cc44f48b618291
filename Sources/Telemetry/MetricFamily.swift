internal import Synchronization

/// One metric with all its series: the store behind counters, gauges and histograms.
///
/// The number of series is bounded. A counter or histogram that meets one label set too many counts
/// it under the label value `overflow`, so that totals stay right; a gauge drops it, because one
/// gauge cannot stand for many.
final class MetricFamily: Sendable {
  enum Kind: Hashable, Sendable {
    case counter, gauge
    case histogram(bounds: [Double])

    var name: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  struct Series: Sendable {
    /// The value of a counter or gauge; the sum of a histogram.
    var value = 0.0
    /// Observations by bucket, the last without an upper bound; empty but for histograms.
    var buckets: [UInt64] = []
  }

  private struct State: Sendable {
    var series: [[String]: Series] = [:]
    var foldedCount: UInt64 = 0
  }

  let name: String
  let help: String
  let kind: Kind
  let labels: [String]
  private let seriesCountMax: Int
  private let state = Mutex(State())

  init(name: String, help: String, kind: Kind, labels: [String], seriesCountMax: Int) {
    self.name = name
    self.help = help
    self.kind = kind
    self.labels = labels
    self.seriesCountMax = seriesCountMax
    // A metric without labels is there from the start, at zero: rates need the first point.
    if labels.isEmpty { state.withLock { $0.series[[]] = blank } }
  }

  /// Changes the series of `values`; label values are cut to their bound first.
  func change(_ values: [String], _ body: (inout Series) -> Void) {
    guard values.count == labels.count else {
      fatalError("\(name) has the labels \(labels), but was given \(values.count) values")
    }
    let key = values.map(MetricsRegistry.bounded)
    state.withLock { state in
      guard let place = place(of: key, in: &state) else { return }
      body(&state.series[place, default: blank])
    }
  }

  /// Forgets the series of `values`.
  func remove(_ values: [String]) {
    let key = values.map(MetricsRegistry.bounded)
    state.withLock { _ = $0.series.removeValue(forKey: key) }
  }

  /// All series, sorted by label values.
  func snapshot() -> (series: [(labels: [String], series: Series)], foldedCount: UInt64) {
    state.withLock { state in
      let sorted = state.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      return (sorted.map { ($0.key, $0.value) }, state.foldedCount)
    }
  }

  private var blank: Series {
    if case .histogram(let bounds) = kind {
      Series(buckets: Array(repeating: 0, count: bounds.count + 1))
    } else {
      Series()
    }
  }

  /// Where a change of `key` goes; nil where it is dropped.
  private func place(of key: [String], in state: inout State) -> [String]? {
    let overflow = Array(repeating: MetricsRegistry.overflow, count: labels.count)
    if state.series[key] != nil || key == overflow { return key }
    let used = state.series.count - (state.series[overflow] == nil ? 0 : 1)
    if used < seriesCountMax { return key }
    state.foldedCount += 1
    return kind == .gauge ? nil : overflow
  }
}
