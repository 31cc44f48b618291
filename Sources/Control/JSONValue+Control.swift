internal import Model

// One spelling for every member: `JSONValue(value)`, absent values as null.
extension JSONValue {
  init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
  init(_ count: Int?) { self = count.map { .integer(Int64($0)) } ?? .null }
  init(_ real: Double?) { self = real.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
  init(_ flag: Bool?) { self = flag.map(JSONValue.bool) ?? .null }
  init(_ moment: Instant?) { self = moment.map { .string($0.description) } ?? .null }
  init(_ texts: [String]) { self = .array(texts.map(JSONValue.string)) }
  init<W: RawRepresentable>(_ word: W?) where W.RawValue == String {
    self = word.map { .string($0.rawValue) } ?? .null
  }
  init<T: ControlValue>(_ value: T?) { self = value?.json ?? .null }
  init<T: ControlValue>(_ values: [T]) { self = .array(values.map(\.json)) }
}
