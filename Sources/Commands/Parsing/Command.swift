internal import Control
internal import Model

/// One command: how it is written, what it does, and the one line of help that is made of both.
struct Command: Sendable {
  /// One operand, in its place.
  struct Operand: Sendable {
    /// What may stand there.
    enum Kind: Sendable {
      case text
      case integer(ClosedRange<Int>)
      /// An id, as the daemon takes it.
      case identifier
    }

    var name: String
    var kind = Kind.text
    var isOptional = false
    /// Takes all that follows, options included; only the last may.
    var isRest = false
  }

  /// One option.
  struct Option: Sendable {
    /// What may stand after it.
    enum Kind: Sendable {
      case flag
      case text(String)
      /// An id, as the daemon takes it.
      case identifier(String)
      case integer(String, ClosedRange<Int>)
      case number(String, ClosedRange<Double>)
      case word(String, [String])
      /// A number with a unit, `90s`, `30m`, `2h` or `7d`, of so many seconds.
      case duration(String, ClosedRange<Int>)
    }

    /// With its dashes.
    var name: String
    var kind: Kind
    /// Whether the command is refused without it.
    var isRequired = false
    var help: String
  }

  /// The words that name it: `["agent", "add"]`.
  var words: [String]
  var operands: [Operand] = []
  var options: [Option] = []
  var summary: String
  /// More about it, for its own help.
  var notes = ""
  /// Does it.
  var run: @Sendable (Invocation) throws(KaizenError) -> ExitStatus

  /// The words as one text.
  var name: String { words.joined(separator: " ") }

  /// Options that every command takes.
  static let common = [
    Option(name: "--home", kind: .text("DIR"), help: "the root of Kaizen's files (KAIZEN_HOME)"),
    Option(name: "--json", kind: .flag, help: "answer in JSON"),
    Option(name: "--help", kind: .flag, help: "this help"),
  ]
}

extension Command.Operand {
  /// The agent that a command is about.
  static func agent(isOptional: Bool = false) -> Self {
    Self(name: "AGENT", kind: .identifier, isOptional: isOptional)
  }

  /// What a value must be, where `value` is not it.
  func objection(to value: String) -> String? {
    switch kind {
    case .text: nil
    case .integer(let range):
      Int(value).map(range.contains) == true
        ? nil : "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .identifier: Identifier.isValid(value) ? nil : "an id (\(Identifier.form))"
    }
  }
}

extension Command.Option {
  /// Of one agent only.
  static let agent = Self(name: "--agent", kind: .identifier("AGENT"), help: "of one agent only")

  /// How many items of a list; the daemon's own number where it is not given.
  static let limit = Self(
    name: "--limit", kind: .integer("N", 1...Int(Route.listCountMax)),
    help: "at most so many (\(Route.listCountDefault))")

  /// What stands for the value in help; nil for a flag.
  var placeholder: String? {
    switch kind {
    case .flag: nil
    case .text(let name), .identifier(let name), .integer(let name, _), .number(let name, _),
      .word(let name, _),
      .duration(let name, _):
      name
    }
  }

  /// What a value must be, where `value` is not it.
  func objection(to value: String) -> String? {
    switch kind {
    case .flag, .text: nil
    case .identifier: Identifier.isValid(value) ? nil : "an id (\(Identifier.form))"
    case .integer(_, let range):
      Int(value).map(range.contains) == true
        ? nil : "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(_, let range):
      Double(value).map(range.contains) == true
        ? nil : "a number from \(range.lowerBound) to \(range.upperBound)"
    case .duration(_, let range):
      Self.seconds(value).map(range.contains) == true
        ? nil : "a time such as 90s, 30m, 2h or 7d, at most \(range.upperBound / 86_400)d"
    case .word(_, let words):
      words.contains(value) ? nil : "one of \(words.joined(separator: ", "))"
    }
  }

  /// The seconds that a number with a unit stands for; nil for what is none.
  static func seconds(_ text: String) -> Int? {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()) else {
      return nil
    }
    let (seconds, isTooMuch) = count.multipliedReportingOverflow(by: unit)
    return isTooMuch ? nil : seconds
  }
}
