internal import Model

/// Numbers for people, with their units.
enum Figures {
  /// What stands for a value without data.
  static let absent = "n/a"

  /// With that many digits after the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let whole = scaled / Int64(scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if digits == 0 { return sign + String(whole) }
    let fraction = String(scaled % Int64(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  static func score(_ value: Double?) -> String { value.map { fixed($0, 1) } ?? absent }

  static func ratio(_ value: Double?) -> String { value.map { fixed($0, 2) } ?? absent }

  /// 0.953 as `95.3 %`.
  static func percent(_ value: Double?) -> String {
    value.map { fixed($0 * 100, 1) + " %" } ?? absent
  }

  static func milliseconds(_ value: Double?) -> String {
    guard let value else { return absent }
    return value >= 10_000
      ? fixed(value / 1000, 1) + " s" : fixed(value, value < 10 ? 2 : 0) + " ms"
  }

  static func megabytes(_ value: Double?) -> String {
    value.map { fixed($0, 1) + " MiB" } ?? absent
  }

  static func bytes(_ value: Int?) -> String {
    guard let value else { return absent }
    var amount = Double(value)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if amount < 1024 || unit == "GiB" { return fixed(amount, unit == "B" ? 0 : 1) + " " + unit }
      amount /= 1024
    }
    return absent
  }

  /// A length of time: `3 d 4 h`, `2 min 5 s`, `12.3 s`.
  static func span(seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    switch seconds {
    case ..<60: return fixed(seconds, 1) + " s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    case ..<86_400: return "\(whole / 3600) h \(whole / 60 % 60) min"
    default: return "\(whole / 86_400) d \(whole / 3600 % 24) h"
    }
  }

  static func count(_ value: Int?) -> String { value.map(String.init) ?? "-" }

  /// To the second, in UTC: `2026-11-20 10:15:30Z`.
  static func moment(_ value: Instant?) -> String {
    guard let value else { return "-" }
    return value.description.prefix(19).replacing("T", with: " ") + "Z"
  }

  static func yesNo(_ value: Bool) -> String { value ? "yes" : "no" }
}
