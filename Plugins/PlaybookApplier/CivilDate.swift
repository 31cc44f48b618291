/// A day of the calendar in UTC, as `2026-11-21`.
struct CivilDate: Comparable {
  let text: String

  /// The day of an instant after 1970.
  ///
  /// Source: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
  init(nanoseconds: Int64) {
    let days = max(0, nanoseconds) / 86_400_000_000_000 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153  // months from March
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func padded(_ number: Int64, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// The day with which an RFC 3339 time begins; nil for anything else.
  init?(_ text: String) {
    let bytes = Array(text.utf8.prefix(10))
    guard bytes.count == 10 else { return nil }
    for (index, byte) in bytes.enumerated() {
      let isDash = index == 4 || index == 7
      if isDash ? byte != UInt8(ascii: "-") : !(0x30...0x39).contains(byte) { return nil }
    }
    let rest = text.utf8.dropFirst(10).first
    guard rest == nil || rest == UInt8(ascii: "T") || rest == UInt8(ascii: "t") else { return nil }
    self.text = String(decoding: bytes, as: UTF8.self)
  }

  static func < (a: CivilDate, b: CivilDate) -> Bool { a.text < b.text }
}
