internal import Synchronization

/// Every metric of the process, and their text for Prometheus.
///
/// Asking twice for one name gives the same metric. A name, label or shape that does not fit is a
/// bug of ours and ends the process where the metric is made, which is at start.
public final class MetricsRegistry: Sendable {
  /// Most label sets of one metric, unless given otherwise.
  public static let seriesCountMax = 10_000
  /// Most metrics.
  public static let familyCountMax = 500
  /// Longest label value, in bytes of UTF-8.
  public static let labelBytesMax = 256
  /// The label value under which label sets beyond the bound are counted.
  public static let overflow = "overflow"
  /// The media type of `text()`.
  /// - Source: https://prometheus.io/docs/instrumenting/exposition_formats/
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private let seriesCountMax: Int
  private let families = Mutex<[String: MetricFamily]>([:])

  /// Makes a registry without metrics; each metric has at most `seriesCountMax` label sets.
  public init(seriesCountMax: Int = MetricsRegistry.seriesCountMax) {
    self.seriesCountMax = seriesCountMax
  }

  /// The counter of that name; by custom it ends in `_total`.
  public func counter(_ name: String, _ help: String, labels: [String] = []) -> Counter {
    Counter(family: family(name, help, .counter, labels))
  }

  /// The gauge of that name.
  public func gauge(_ name: String, _ help: String, labels: [String] = []) -> Gauge {
    Gauge(family: family(name, help, .gauge, labels))
  }

  /// The histogram of that name, over finite upper bounds in rising order.
  public func histogram(
    _ name: String, _ help: String, labels: [String] = [],
    bounds: [Double] = Histogram.secondsBounds
  ) -> Histogram {
    guard bounds.allSatisfy(\.isFinite), zip(bounds, bounds.dropFirst()).allSatisfy(<) else {
      fatalError("the bounds of \(name) must be finite and rise, found \(bounds)")
    }
    return Histogram(family: family(name, help, .histogram(bounds: bounds), labels))
  }

  /// Every metric in the text format 0.0.4, sorted by name and labels.
  public func text() -> String {
    let all = families.withLock { $0.values.sorted { $0.name < $1.name } }
    var out = ""
    var folded: [(name: String, count: UInt64)] = []
    for family in all {
      let (series, foldedCount) = family.snapshot()
      Exposition.write(family, series, into: &out)
      if foldedCount > 0 { folded.append((family.name, foldedCount)) }
    }
    Exposition.writeFolded(folded, into: &out)
    return out
  }

  /// The value as it is kept: its first `labelBytesMax` bytes.
  static func bounded(_ value: String) -> String {
    value.utf8.count <= labelBytesMax
      ? value : String(decoding: value.utf8.prefix(labelBytesMax), as: UTF8.self)
  }

  private func family(
    _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String]
  ) -> MetricFamily {
    guard Exposition.isName(name, colons: true) else { fatalError("no metric name: \(name)") }
    for label in labels {
      guard Exposition.isName(label, colons: false), !label.hasPrefix("__"), label != "le" else {
        fatalError("no label of ours: \(label) of \(name)")
      }
    }
    return families.withLock { families in
      if let known = families[name] {
        guard known.kind == kind, known.labels == labels else {
          fatalError("\(name) is registered already, with another kind or other labels")
        }
        return known
      }
      guard families.count < Self.familyCountMax else {
        fatalError("more than \(Self.familyCountMax) metrics, at \(name)")
      }
      let made = MetricFamily(
        name: name, help: help, kind: kind, labels: labels, seriesCountMax: seriesCountMax)
      families[name] = made
      return made
    }
  }
}
