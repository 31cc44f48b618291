/// The Prometheus text format, version 0.0.4.
/// - Source: https://prometheus.io/docs/instrumenting/exposition_formats/
enum Exposition {
  static let foldedName = "kaizen_metric_label_sets_folded_total"

  static func write(
    _ family: MetricFamily, _ series: [(labels: [String], series: MetricFamily.Series)],
    into out: inout String
  ) {
    if series.isEmpty { return }
    head(family.name, family.help, family.kind.name, into: &out)
    for (values, one) in series {
      let pairs = Array(zip(family.labels, values))
      if case .histogram(let bounds) = family.kind {
        histogram(family.name, pairs, one, bounds, into: &out)
      } else {
        sample(family.name, pairs, number(one.value), into: &out)
      }
    }
  }

  /// What was folded or dropped for want of room, so that the loss can be seen.
  static func writeFolded(_ folded: [(name: String, count: UInt64)], into out: inout String) {
    if folded.isEmpty { return }
    head(
      foldedName, "Changes counted as overflow, or dropped, beyond a metric's label sets.",
      "counter", into: &out)
    for (name, count) in folded { sample(foldedName, [("metric", name)], "\(count)", into: &out) }
  }

  static func isName(_ name: String, colons: Bool) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: colons && byte == UInt8(ascii: ":")
      }
    }
  }

  /// As Go's ParseFloat reads it; whole numbers without a fraction.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if let whole = Int64(exactly: value), abs(value) < 1e15 { return String(whole) }
    return "\(value)"
  }

  private static func head(
    _ name: String, _ help: String, _ type: String, into out: inout String
  ) {
    out += "# HELP \(name) \(escape(help, quotes: false))\n# TYPE \(name) \(type)\n"
  }

  private static func histogram(
    _ name: String, _ pairs: [(String, String)], _ series: MetricFamily.Series, _ bounds: [Double],
    into out: inout String
  ) {
    var count: UInt64 = 0
    for (index, bucket) in series.buckets.enumerated() {
      count += bucket
      let bound = index < bounds.count ? number(bounds[index]) : "+Inf"
      sample(name + "_bucket", pairs + [("le", bound)], "\(count)", into: &out)
    }
    sample(name + "_sum", pairs, number(series.value), into: &out)
    sample(name + "_count", pairs, "\(count)", into: &out)
  }

  private static func sample(
    _ name: String, _ pairs: [(String, String)], _ value: String, into out: inout String
  ) {
    out += name
    if !pairs.isEmpty {
      let labels = pairs.map { "\($0)=\"\(escape($1, quotes: true))\"" }
      out += "{" + labels.joined(separator: ",") + "}"
    }
    out += " \(value)\n"
  }

  /// Backslash and line feed are escaped everywhere, quotes in label values only.
  private static func escape(_ text: String, quotes: Bool) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case UInt8(ascii: "\n"): bytes += "\\n".utf8
      case UInt8(ascii: "\"") where quotes: bytes += "\\\"".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
