internal import Model

// Short reads for values whose members are mostly required. What is missing is noted in the
// reader and stands as an empty value, which nobody sees: reading then fails as a whole.
extension FieldReader {
  mutating func text(_ key: String) -> String { string(key, required: true) ?? "" }

  /// An id that must be there.
  mutating func identifier(_ key: String, required: Bool = true) -> String {
    guard let text = string(key, required: required, form: .identifier) else { return "" }
    if !Identifier.isValid(text) {
      report(
        key, expected: "an id (\(Identifier.form))", found: "\"\(text.prefix(140))\"",
        fix: "correct \"\(key)\"")
    }
    return text
  }

  mutating func texts(_ key: String) -> [String] { strings(key) ?? [] }

  mutating func flag(_ key: String) -> Bool { bool(key, required: true) ?? false }

  mutating func optionalFlag(_ key: String, default fallback: Bool) -> Bool {
    bool(key) ?? fallback
  }

  mutating func count(_ key: String, in range: ClosedRange<Int64> = 0...Int64.max) -> Int {
    Int(integer(key, in: range, required: true) ?? range.lowerBound)
  }

  mutating func optionalCount(
    _ key: String, in range: ClosedRange<Int64> = 0...Int64.max
  ) -> Int? {
    integer(key, in: range).map(Int.init)
  }

  mutating func real(_ key: String) -> Double { number(key, in: Self.reals, required: true) ?? 0 }

  mutating func optionalReal(_ key: String) -> Double? { number(key, in: Self.reals) }

  mutating func moment(_ key: String) -> Instant {
    if !has(key) { _ = string(key, required: true) }
    return optionalMoment(key) ?? Instant(nanoseconds: 0)
  }

  mutating func optionalMoment(_ key: String) -> Instant? {
    guard let text = string(key, form: .moment) else { return nil }
    if let moment = Instant(rfc3339: text) { return moment }
    // A time all the same, but before 1677 or after 2262: whoever uses it has a range of its own.
    if Instant(rfc3339: "2000" + text.dropFirst(4)) != nil, let year = Int(text.prefix(4)) {
      return Instant(nanoseconds: year < 2000 ? .min : .max)
    }
    report(
      key, expected: "a time as in RFC 3339", found: "\"\(text.prefix(60))\"",
      fix: "write 2026-11-20T10:15:30Z")
    return nil
  }

  /// Why somebody decided: a line or a few, at most `Route.reasonBytesMax` bytes.
  mutating func reason(_ key: String = "reason") -> String? {
    guard let text = string(key, form: .bounded(1...Route.reasonBytesMax)) else { return nil }
    if !(1...Route.reasonBytesMax).contains(text.utf8.count) {
      report(
        key, expected: "text of 1 to \(Route.reasonBytesMax) bytes",
        found: "\(text.utf8.count) bytes", fix: "shorten it, or leave it out")
    }
    return text
  }

  mutating func items<T: ControlValue>(_ key: String, _ type: T.Type) -> [T] {
    list(key) { reader in
      reader.entitle(T.schemaName, noun: T.noun, isStrict: T.isStrict)
      let value = T(reading: &reader)
      if T.isStrict { reader.finish() }
      return value
    } ?? []
  }

  mutating func one<T: ControlValue>(_ key: String, _ type: T.Type) -> T? {
    nested(key) { reader in
      reader.entitle(T.schemaName, noun: T.noun, isStrict: T.isStrict)
      let value = T(reading: &reader)
      if T.isStrict { reader.finish() }
      return value
    }
  }

  /// A nested value that must be there; an empty one stands in where it is not.
  mutating func required<T: ControlValue>(_ key: String, _ type: T.Type) -> T {
    if let value = one(key, type) { return value }
    if !has(key) { _ = object(key, required: true) }
    var empty = FieldReader(.object([:]), file: T.noun)
    return T(reading: &empty)
  }

  private static let reals = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
}
