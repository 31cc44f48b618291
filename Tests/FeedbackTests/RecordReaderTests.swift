import Feedback
import JSONStream
import Model
import Testing

@Suite("Reading one record") struct RecordReaderTests {
  private let base = #""agent_id":"a","operation_id":"o","type":"success""#

  private func record(_ text: String) throws -> FeedbackRecord {
    try RecordReader.record(from: JSONDocument.parse(text), now: noon)
  }

  private func problem(_ text: String) -> String {
    do {
      let record = try record(text)
      return "accepted: \(record)"
    } catch let error as KaizenError {
      return error.description
    } catch {
      return "\(error)"
    }
  }

  @Test("every key arrives where it belongs")
  func all() throws {
    let record = try record(
      #"""
      {"agent_id":"a.b-C_1","operation_id":"op-1","type":"quality_score","score":0.75,
       "source":"guardian","time":"2026-11-19T10:00:00.5+02:00","details":{"k":[1]},
       "context":{"file":"x"},"dimensions":{"security":1,"style":0},"error_type":"Timeout",
       "comment":"slow","duration_ms":12.5,"memory_mb":64,"cpu_percent":250.5,"tokens_in":10,
       "tokens_out":20,"cost_usd":0.01,"model":"m","domain":"d","complexity":3,
       "session_id":"s/1","generation":7,"id":"r-1","something":"else"}
      """#)
    #expect(record.agent.text == "a.b-C_1" && record.operation == "op-1")
    #expect(record.type == .qualityScore && record.source == .guardian && record.score == 0.75)
    #expect(record.time == Instant(rfc3339: "2026-11-19T08:00:00.500Z"))
    #expect(record.errorType == "Timeout" && record.duration == .microseconds(12_500))
    #expect(record.memoryMegabytes == 64 && record.cpuPercent == 250.5)
    #expect(record.generation == GenerationNumber(7) && record.idempotencyID == "r-1")
    let details: [String: JSONValue] = [
      "k": [1], "context": ["file": "x"], "dimensions": ["security": 1, "style": 0],
      "comment": "slow", "tokens_in": 10, "tokens_out": 20, "cost_usd": 0.01, "model": "m",
      "domain": "d", "complexity": 3, "session_id": "s/1", "something": "else",
    ]
    #expect(record.details == details)
  }

  @Test("every member of the form is read by its rule", arguments: FeedbackField.allCases)
  func wrong(field: FeedbackField) {
    let name = field.rawValue
    let wrong: String =
      switch field.form {
      case .text: "\"\""
      case .object, .scores: "[]"
      case .identifier, .type, .source, .moment: "\"no such/thing\""
      case .number(let range): "\(range.upperBound * 1.5)"
      case .integer(let range): "\(range.lowerBound - 1)"
      }
    var members = ["agent_id": "\"a\"", "operation_id": "\"o\"", "type": "\"success\""]
    members[name] = wrong
    let text = "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    #expect(problem(text).contains("record: \(name): expected"), "\(problem(text))")
    members[name] = nil
    let without = "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    #expect(problem(without).contains("found nothing") == field.isRequired)
  }

  @Test("what is not said has its default, and null is not said")
  func defaults() throws {
    let record = try record("{\(base),\"score\":null,\"time\":null}")
    #expect(record.source == .agent && record.time == noon && record.score == nil)
    #expect(record.generation == nil && record.details.isEmpty)
  }

  @Test("a rating of 1 to 5 is a score of 0 to 1, and kept", arguments: [(1, 0), (3, 0.5), (5, 1)])
  func rating(stars: Int, score: Double) throws {
    let text = #"{"agent_id":"a","operation_id":"o","type":"user_rating","rating":\#(stars)}"#
    let record = try record(text)
    #expect(record.score == score && record.details["rating"]?.number == Double(stars))
  }

  @Test("a failure always scores 0")
  func failure() throws {
    let text = #"{"agent_id":"a","operation_id":"o","type":"failure","score":0.9}"#
    #expect(try record(text).score == 0)
  }

  @Test(
    "a time is RFC 3339 or Unix seconds",
    arguments: [
      ("1763600000", Instant(seconds: 1_763_600_000)),
      ("1763600000.25", Instant(nanoseconds: 1_763_600_000_250_000_000)),
      ("\"2000-01-01T00:00:00Z\"", Instant(seconds: 946_684_800)),
      ("1795262400", noon + day),
    ])
  func time(text: String, expected: Instant) throws {
    #expect(try record("{\(base),\"time\":\(text)}").time == expected)
  }

  @Test(
    "each rule that is broken names key, what was expected and what was found",
    arguments: [
      (#""score":1.5"#, "score: expected a number from 0.0 to 1.0, found the number 1.5"),
      (#""score":-0.1"#, "score: expected a number from 0.0 to 1.0"),
      (#""score":"NaN""#, "found the string \"NaN\""),
      (#""rating":0"#, "rating: expected a number from 1.0 to 5.0, found the number 0"),
      (#""rating":5.1"#, "rating: expected"),
      (#""source":"boss""#, "source: expected one of \"agent\", \"guardian\""),
      (#""time":"yesterday""#, "time: expected RFC 3339 or Unix seconds"),
      (#""time":"1999-12-31T23:59:59Z""#, "time: expected"),
      (#""time":1795262401"#, "a day ahead of 2026-11-20T12:00:00.000Z"),
      (#""time":1e300"#, "time: expected"), (#""time":-1"#, "time: expected"),
      (#""time":99999999999999999999"#, "time: expected"),
      (#""details":[1]"#, "details: expected an object, found a list of 1"),
      (#""dimensions":{"x":2}"#, "dimensions.x: expected a number from 0.0 to 1.0"),
      (#""dimensions":3"#, "dimensions: expected an object"),
      (#""error_type":"""#, "error_type: expected text of 1 to 256 bytes, found 0 bytes"),
      (#""error_type":5"#, "error_type: expected text"),
      (#""duration_ms":-1"#, "duration_ms: expected a number from 0.0"),
      (#""duration_ms":1e12"#, "duration_ms: expected"),
      (#""memory_mb":-1"#, "memory_mb: expected"), (#""cpu_percent":1e9"#, "cpu_percent:"),
      (#""tokens_in":1.5"#, "tokens_in: expected an integer"), (#""cost_usd":-1"#, "cost_usd:"),
      (#""generation":0"#, "generation: expected an integer from 1 to"),
      (#""generation":3000000000"#, "generation: expected an integer"),
      (#""id":"a b""#, "id: expected an id"), (#""session_id":7"#, "session_id: expected text"),
    ])
  func rules(member: String, expected: String) {
    let found = problem("{\(base),\(member)}")
    #expect(found.hasPrefix("E_RECORD") && found.contains(expected), "\(found)")
  }

  @Test("what is required is asked for, all at once")
  func required() {
    let found = problem("{}")
    for key in ["agent_id", "operation_id", "type"] {
      #expect(found.contains("record: \(key): expected a value, found nothing; add \"\(key)\""))
    }
    #expect(problem("[1]").contains("expected an object, found a list of 1"))
    #expect(
      problem(#"{"agent_id":"a","operation_id":"o","type":"sucess"}"#).contains(
        "type: expected one of \"success\", \"failure\""))
  }

  @Test(
    "an id that could be a path or a trick is refused",
    arguments: ["", "../etc", ".hidden", "a/b", "a\u{0}", "\u{202E}abc", "ä", "a b"])
  func identifiers(id: String) {
    let value: JSONValue = ["agent_id": .string(id), "operation_id": "o", "type": "success"]
    #expect(throws: KaizenError.self) { try RecordReader.record(from: value, now: noon) }
    #expect(throws: KaizenError.self) {
      try RecordReader.record(
        from: ["agent_id": "a", "operation_id": .string(id), "type": "success"], now: noon)
    }
  }

  @Test("128 bytes of id are allowed, 129 not")
  func identifierLength() throws {
    let long = String(repeating: "x", count: 128)
    #expect(
      try record(#"{"agent_id":"\#(long)","operation_id":"o","type":"success"}"#).agent.text == long
    )
    #expect(
      problem(#"{"agent_id":"\#(long)x","operation_id":"o","type":"success"}"#).contains("agent_id")
    )
  }
}
