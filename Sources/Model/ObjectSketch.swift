/// What a decoder asks for of one object: its members, in the order they are asked for.
///
/// A `FieldReader` that sketches notes each read instead of looking at a value. So a schema comes
/// from the very code that decodes, and can say nothing else than it.
public struct ObjectSketch: Hashable, Sendable {
  /// One member.
  public struct Member: Hashable, Sendable {
    /// Its key.
    public var key: String
    /// What its value may be.
    public var kind: Kind
    /// Whether the object is refused without it.
    public var isRequired: Bool
  }

  /// What a value may be.
  public indirect enum Kind: Hashable, Sendable {
    /// Anything.
    case any
    /// Text of some form.
    case string(TextForm)
    /// A time, as in RFC 3339 or in Unix seconds.
    case timestamp
    /// One of a few words.
    case word([String])
    /// An integer in a range.
    case integer(ClosedRange<Int64>)
    /// A number in a range.
    case number(ClosedRange<Double>)
    /// `true` or `false`.
    case bool
    /// A list of strings.
    case strings
    /// An object of any members.
    case object
    /// An object of at most so many members, each a number in a range.
    case numbers(ClosedRange<Double>, countMax: Int)
    /// An object of these members.
    case nested(ObjectSketch)
    /// A list of such objects.
    case list(ObjectSketch)
  }

  /// What form a text has beyond being one.
  public enum TextForm: Hashable, Sendable {
    /// None.
    case free
    /// An id, as `Identifier.form` says.
    case identifier
    /// A time, as in RFC 3339.
    case moment
    /// Text of so many bytes of UTF-8.
    case bounded(ClosedRange<Int>)
  }

  /// The name of the type it decodes to, where that has one of its own.
  public var title: String?
  /// What it is, for people.
  public var noun: String?
  /// Whether members nobody asks for are refused.
  public var isStrict = false
  /// The members, each key once.
  public private(set) var members: [Member] = []

  /// Makes a sketch without members.
  public init() {}

  /// Notes a read; one key read twice is one member, as narrow as both say.
  mutating func note(_ key: String, _ kind: Kind, isRequired: Bool) {
    guard let index = members.firstIndex(where: { $0.key == key }) else {
      members.append(Member(key: key, kind: kind, isRequired: isRequired))
      return
    }
    if isRequired { members[index].isRequired = true }
    switch (members[index].kind, kind) {
    case (.any, _), (.object, .nested), (.string(.free), .string): members[index].kind = kind
    default: break
    }
  }
}
