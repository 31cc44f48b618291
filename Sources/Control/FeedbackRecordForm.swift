public import Model

/// The form of one feedback record, for the description of the interface.
///
/// Records come by the hundred thousand and are read by a decoder of their own, in the room that
/// stores them. Both go by `FeedbackField`. Members that are not there are kept.
public struct FeedbackRecordForm: ControlValue {
  /// What it is, for messages.
  public static let noun = "a feedback record"

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    for field in FeedbackField.allCases { field.read(&reader) }
  }

  /// Nothing: nobody sends a form.
  public var json: JSONValue { [:] }
}

extension FeedbackField {
  fileprivate func read(_ reader: inout FieldReader) {
    let key = rawValue
    switch form {
    case .identifier: _ = reader.identifier(key, required: isRequired)
    case .type: _ = reader.word(key, FeedbackType.self, required: isRequired)
    case .source: _ = reader.word(key, FeedbackSource.self, required: isRequired)
    case .moment: _ = reader.timestamp(key, required: isRequired)
    case .number(let range): _ = reader.number(key, in: range, required: isRequired)
    case .integer(let range): _ = reader.integer(key, in: range, required: isRequired)
    case .text(let range):
      _ = reader.string(key, required: isRequired, form: .bounded(range))
    case .object: _ = reader.object(key, required: isRequired)
    case .scores(let countMax):
      _ = reader.numbers(key, in: 0...1, countMax: countMax, required: isRequired)
    }
  }
}
