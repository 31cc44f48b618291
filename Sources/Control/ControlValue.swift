public import Model

/// A request or an answer: a value that both ends turn into JSON and back the same way.
public protocol ControlValue: Hashable, Sendable {
  /// What it is, for messages: `an agent`.
  static var noun: String { get }
  /// Whether a member nobody knows is refused; requests are strict, answers may grow.
  static var isStrict: Bool { get }
  /// Reads the members; what is wrong or missing is noted in `reader`, never thrown.
  init(reading reader: inout FieldReader)
  /// The value as JSON; what is absent is null, so that the keys are always the same.
  var json: JSONValue { get }
}

extension ControlValue {
  /// Answers may grow.
  public static var isStrict: Bool { false }

  /// Reads a value.
  /// - Throws: `E_BAD_REQUEST` for a request, `E_BAD_ANSWER` for an answer, naming every member
  ///   that is missing, of another type or out of range, and for a request every unknown one.
  public init(json: JSONValue) throws(KaizenError) {
    var reader = FieldReader(json, file: Self.noun)
    self.init(reading: &reader)
    reader.finish()
    let problems = reader.problems.filter { Self.isStrict || !$0.isWarning }
    guard problems.isEmpty else {
      let shown = problems.prefix(Self.problemCountMax).map(\.description)
      throw KaizenError(
        Self.isStrict ? "E_BAD_REQUEST" : "E_BAD_ANSWER", shown.joined(separator: "; also "))
    }
  }

  /// What the decoder asks for: each schema is made of this, and of nothing else.
  public static var sketch: ObjectSketch {
    var reader = FieldReader(sketching: noun)
    reader.entitle(schemaName, noun: noun, isStrict: isStrict)
    _ = Self(reading: &reader)
    return reader.sketch ?? ObjectSketch()
  }

  /// The name of its schema: that of the type, and `AgentInfoList` for a list of them.
  static var schemaName: String {
    let name = "\(Self.self)"
    guard let open = name.firstIndex(of: "<") else { return name }
    return name[name.index(after: open)...].dropLast() + "List"
  }

  /// Most problems named in one message.
  private static var problemCountMax: Int { 10 }
}

/// A request: unknown members are refused.
public protocol ControlRequest: ControlValue {}

extension ControlRequest {
  /// Requests are strict.
  public static var isStrict: Bool { true }
}
