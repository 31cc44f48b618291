/// Reads the members of one JSON object, and collects every problem instead of stopping at the first.
///
/// Each read names the key, the type and the range once; the error text follows from them. Call
/// `finish()` last: it turns the keys nobody asked for into warnings.
public struct FieldReader {
  /// The file the object came from, for messages.
  public let file: String
  /// The object's own place in the file, such as `components[2]`.
  public let place: String
  /// All found so far.
  public private(set) var problems: [Problem] = []
  private let members: [String: JSONValue]
  private var asked: Set<String> = []
  /// What was asked for, where this reader sketches.
  public private(set) var sketch: ObjectSketch?

  /// Starts to read `value`, which must be an object.
  public init(_ value: JSONValue, file: String, place: String = "") {
    self.file = file
    self.place = place
    self.members = value.object ?? [:]
    if value.object == nil {
      problems.append(
        Problem(
          file: file, key: place, expected: "an object", found: value.shape,
          fix: "write { … } here"))
    }
  }

  /// Starts to sketch: there is no value, and every read is noted.
  public init(sketching file: String) {
    self.init(.object([:]), file: file)
    sketch = ObjectSketch()
  }

  /// Names the type that is being read, for the sketch.
  public mutating func entitle(_ title: String, noun: String, isStrict: Bool) {
    sketch?.title = title
    sketch?.noun = noun
    sketch?.isStrict = isStrict
  }

  /// Whether `key` is there and not null.
  public func has(_ key: String) -> Bool { members[key].map { $0 != .null } ?? false }

  /// The value of `key` as it stands.
  public mutating func value(_ key: String) -> JSONValue? {
    asked.insert(key)
    sketch?.note(key, .any, isRequired: false)
    return members[key].flatMap { $0 == .null ? nil : $0 }
  }

  /// A string; a problem where it is of another type, or absent and `required`.
  public mutating func string(
    _ key: String, required: Bool = false, form: ObjectSketch.TextForm = .free
  ) -> String? {
    read(key, required, "a string", .string(form)) { $0.string }
  }

  /// A time, as in RFC 3339 or in Unix seconds, as it stands.
  public mutating func timestamp(_ key: String, required: Bool = false) -> JSONValue? {
    read(key, required, "a time, as in RFC 3339 or in Unix seconds", .timestamp) { value in
      value.string.flatMap { Instant(rfc3339: $0) } != nil || value.number != nil ? value : nil
    }
  }

  /// One of a few words.
  public mutating func word<W: RawRepresentable & CaseIterable>(
    _ key: String, _ type: W.Type, required: Bool = false
  ) -> W? where W.RawValue == String {
    let words = W.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    return read(key, required, "one of \(words)", .word(W.allCases.map(\.rawValue))) {
      $0.string.flatMap(W.init(rawValue:))
    }
  }

  /// An integer within `range`.
  public mutating func integer(
    _ key: String, in range: ClosedRange<Int64>, required: Bool = false
  ) -> Int64? {
    // Not by the range's count, which for the widest one does not fit.
    let expected =
      range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "an integer from \(range.lowerBound) to \(range.upperBound)"
    return read(key, required, expected, .integer(range)) {
      $0.integer.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A number within `range`.
  public mutating func number(
    _ key: String, in range: ClosedRange<Double>, required: Bool = false
  ) -> Double? {
    read(
      key, required, "a number from \(range.lowerBound) to \(range.upperBound)", .number(range)
    ) {
      $0.number.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// `true` or `false`.
  public mutating func bool(_ key: String, required: Bool = false) -> Bool? {
    read(key, required, "true or false", .bool) { $0.bool }
  }

  /// A list of strings.
  public mutating func strings(_ key: String, required: Bool = false) -> [String]? {
    read(key, required, "a list of strings", .strings) { value in
      value.array.flatMap { elements in
        let texts = elements.compactMap(\.string)
        return texts.count == elements.count ? texts : nil
      }
    }
  }

  /// An object, as it stands.
  public mutating func object(_ key: String, required: Bool = false) -> [String: JSONValue]? {
    read(key, required, "an object", .object) { $0.object }
  }

  /// An object of at most `countMax` members, each a number within `range`.
  public mutating func numbers(
    _ key: String, in range: ClosedRange<Double>, countMax: Int, required: Bool = false
  ) -> [String: Double]? {
    let expected =
      "at most \(countMax) numbers from \(range.lowerBound) to \(range.upperBound) by name"
    return read(key, required, expected, .numbers(range, countMax: countMax)) { value in
      guard let members = value.object, members.count <= countMax else { return nil }
      let numbers = members.compactMapValues { $0.number.flatMap { range.contains($0) ? $0 : nil } }
      return numbers.count == members.count ? numbers : nil
    }
  }

  /// An object, read by `body` with a reader of its own whose problems join these.
  public mutating func nested<T>(
    _ key: String, required: Bool = false, _ body: (inout FieldReader) -> T?
  ) -> T? {
    sketchInner(key, required, { .nested($0) }, body)
    guard let members = object(key, required: required) else { return nil }
    var reader = FieldReader(.object(members), file: file, place: name(key))
    let result = body(&reader)
    problems += reader.problems
    return result
  }

  /// A list of objects, each read by `body`; an element `body` refuses is left out.
  public mutating func list<T>(
    _ key: String, required: Bool = false, _ body: (inout FieldReader) -> T?
  ) -> [T]? {
    sketchInner(key, required, { .list($0) }, body)
    guard let elements = read(key, required, "a list of objects", .any, { $0.array }) else {
      return nil
    }
    var results: [T] = []
    for (index, element) in elements.enumerated() {
      var reader = FieldReader(element, file: file, place: "\(name(key))[\(index)]")
      if let result = body(&reader) { results.append(result) }
      problems += reader.problems
    }
    return results
  }

  /// Adds a problem at `key` that only the caller could see.
  public mutating func report(_ key: String, expected: String, found: String, fix: String) {
    problems.append(
      Problem(file: file, key: name(key), expected: expected, found: found, fix: fix))
  }

  /// Adds a warning for each key that nobody asked for.
  public mutating func finish() {
    for key in members.keys.sorted() where !asked.contains(key) {
      problems.append(
        Problem(
          file: file, key: name(key), expected: "one of \(asked.sorted().joined(separator: ", "))",
          found: "an unknown key", fix: "remove it or correct its spelling", isWarning: true))
    }
  }

  /// The keys nobody asked for so far.
  public var unasked: [String] { members.keys.filter { !asked.contains($0) }.sorted() }

  /// Whether anything found so far is more than a warning.
  public var isUsable: Bool { problems.allSatisfy(\.isWarning) }

  /// Has `body` read an object that is not there, and notes what it asks for.
  private mutating func sketchInner<T>(
    _ key: String, _ required: Bool, _ kind: (ObjectSketch) -> ObjectSketch.Kind,
    _ body: (inout FieldReader) -> T?
  ) {
    guard sketch != nil else { return }
    var inner = FieldReader(sketching: file)
    _ = body(&inner)
    sketch?.note(key, kind(inner.sketch ?? ObjectSketch()), isRequired: required)
  }

  private func name(_ key: String) -> String {
    if key.isEmpty { return place }
    return place.isEmpty ? key : "\(place).\(key)"
  }

  private mutating func read<T>(
    _ key: String, _ required: Bool, _ expected: String,
    _ kind: @autoclosure () -> ObjectSketch.Kind, _ body: (JSONValue) -> T?
  ) -> T? {
    if sketch != nil { sketch?.note(key, kind(), isRequired: required) }
    guard let value = value(key) else {
      if required {
        report(key, expected: expected, found: "nothing", fix: "add \"\(key)\"")
      }
      return nil
    }
    if let result = body(value) { return result }
    report(key, expected: expected, found: value.shape, fix: "correct \"\(key)\"")
    return nil
  }
}
