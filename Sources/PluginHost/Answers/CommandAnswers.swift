internal import JSONStream
import Model

/// The answers of a command on its standard output: JSON lines, one key each.
enum CommandAnswers {
  /// Bytes of one line.
  static let lineBytesMax = 128 << 10
  private static let keys = "finding, log, note, opportunity, progress, score"

  /// Gives each answer in `bytes` to `take`.
  /// - Throws: `E_PLUGIN_PROTOCOL`, which names the line, and what `take` throws.
  static func read(
    _ bytes: [UInt8], of component: ComponentID,
    _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) {
    for line in JSONLines(bytes, lineBytesMax: lineBytesMax) {
      if line.isTooLong {
        throw failure(component, line.number, "a line of at most \(lineBytesMax) bytes", "more")
      }
      let value: JSONValue
      do {
        value = try JSONDocument.parse(Array(bytes[line.range]))
      } catch {
        let start = String(decoding: bytes[line.range].prefix(80), as: UTF8.self)
        throw failure(
          component, line.number, "one JSON object",
          "\"\(AnswerCollector.oneLine(start))\" (\(error.message))")
      }
      try take(answer(value, line.number, component))
    }
  }

  private static func answer(
    _ value: JSONValue, _ line: Int, _ component: ComponentID
  ) throws(KaizenError) -> Answer {
    guard let members = value.object, members.count == 1, let member = members.first else {
      throw failure(
        component, line, "an object with one key of \(keys)",
        value.object.map { "the keys \($0.keys.sorted().joined(separator: ", "))" } ?? value.shape)
    }
    var reader = FieldReader(value, file: "line \(line)")
    let answer: Answer? =
      switch member.key {
      case "opportunity": reader.nested("opportunity") { opportunity(&$0) }
      case "score": reader.nested("score") { score(&$0) }
      case "finding": reader.nested("finding") { finding(&$0) }
      case "log": reader.nested("log") { log(&$0) }
      case "note": reader.string("note", required: true).map { .note($0) }
      case "progress":
        reader.number("progress", in: 0...1, required: true).map { .progress($0) }
      default: nil
      }
    if let problem = reader.problems.first {
      throw failure(component, line, "\(problem.key): \(problem.expected)", problem.found)
    }
    guard let answer else {
      throw failure(component, line, "one key of \(keys)", "\"\(member.key.prefix(60))\"")
    }
    return answer
  }

  // Members beyond those read here are passed over: a newer command may say more.

  private static func opportunity(_ reader: inout FieldReader) -> Answer? {
    let type = reader.string("type", required: true)
    let severity = reader.word("severity", Severity.self)
    let title = reader.string("title", required: true)
    let strength = reader.number("strength", in: 0...1)
    let evidence = reader.object("evidence") ?? [:]
    guard let type, let title else { return nil }
    return .opportunity(
      OpportunityAnswer(
        type: type, severity: severity, title: title, strength: strength,
        evidence: .object(evidence)))
  }

  private static func score(_ reader: inout FieldReader) -> Answer? {
    let name = reader.string("dimension", required: true)
    let value = reader.number("value", in: -.infinity ... .infinity, required: true)
    guard let name, let value else { return nil }
    return .score(dimension: name, value: value)  // its range is the collector's to judge
  }

  private static func finding(_ reader: inout FieldReader) -> Answer? {
    let rule = reader.string("rule", required: true)
    let level = reader.word("level", Finding.Level.self) ?? .warning
    let file = reader.string("file", required: true)
    let line = reader.integer("line", in: 1...Int64(Int32.max)).map(Int.init)
    let message = reader.string("message") ?? ""
    guard let rule, let file else { return nil }
    return .finding(Finding(rule: rule, level: level, file: file, line: line, message: message))
  }

  private static func log(_ reader: inout FieldReader) -> Answer? {
    let level = reader.word("level", ComponentLog.Level.self) ?? .info
    return reader.string("message", required: true).map {
      .log(ComponentLog(level: level, message: $0))
    }
  }

  private static func failure(
    _ component: ComponentID, _ line: Int, _ expected: String, _ found: String
  ) -> KaizenError {
    KaizenError(
      "E_PLUGIN_PROTOCOL",
      "component \"\(component)\", line \(line) of its output: expected \(expected), "
        + "found \(found)",
      hint: "answer in JSON lines, or say \"output\": \"none\" or \"sarif\" in its entry")
  }
}
