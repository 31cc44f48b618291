internal import Control
internal import Glibc
internal import JSONStream
internal import Linux
internal import Model

/// `record`: one piece of feedback from flags, or many from a file.
enum RecordCommand {
  static let all = [
    Command(
      words: ["record"],
      operands: [.agent(isOptional: true), .init(name: "TYPE", isOptional: true)],
      options: [
        .init(name: "--score", kind: .number("S", 0...1), help: "how good it was, 0 to 1"),
        .init(name: "--rating", kind: .number("R", 1...5), help: "a user's rating, 1 to 5"),
        .init(name: "--operation", kind: .text("ID"), help: "the operation (a new one)"),
        .init(
          name: "--source", kind: .word("S", FeedbackSource.allCases.map(\.rawValue)),
          help: "who says so (agent)"),
        .init(name: "--error-type", kind: .text("T"), help: "the sort of error"),
        .init(
          name: "--duration-ms", kind: .number("MS", 0...1e12), help: "how long it took"),
        .init(name: "--comment", kind: .text("TEXT"), help: "in somebody's words"),
        .init(
          name: "--generation", kind: .integer("N", 1...Int(Int32.max)), help: "who did the work"),
        .init(name: "--details", kind: .text("JSON"), help: "an object of anything else"),
        .init(name: "--id", kind: .text("ID"), help: "of this record, so that a retry counts once"),
        .init(
          name: "--ndjson", kind: .text("FILE"), help: "records from a file, one a line; - is stdin"
        ),
      ], summary: "store feedback: one record, or a file of them",
      notes: "kaizen record AGENT TYPE, where TYPE is one of "
        + FeedbackType.allCases.map(\.rawValue).joined(separator: ", ") + ";\n"
        + "kaizen record --ndjson FILE. Done means stored durably.", run: run)
  ]

  /// Flags that become members of the record as numbers, and as text.
  private static let numbers = [
    "--score": "score", "--rating": "rating", "--duration-ms": "duration_ms",
  ]
  private static let texts = [
    "--source": "source", "--error-type": "error_type", "--comment": "comment", "--id": "id",
  ]

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    if let file = call.text("--ndjson") {
      if !call.arguments.operands.isEmpty {
        throw KaizenError(
          "E_USAGE", "record: --ndjson takes agent and type from the lines, not from the command")
      }
      return try BulkRecord(call).send(file)
    }
    guard call.arguments.operands.count == 2 else {
      throw KaizenError(
        "E_USAGE", "record: AGENT and TYPE are missing",
        hint: "usage: kaizen record AGENT TYPE, or kaizen record --ndjson FILE")
    }
    let bytes = Array(try record(call).text().utf8)
    let json = try call.client().ask(.recordFeedback, bytes: bytes)
    let answer = ControlClient.Answer(value: try FeedbackAnswer(json: json), json: json)
    let status = call.answer(answer) { feedback in
      [
        feedback.duplicate > 0
          ? "stored before"
          : feedback.stored > 0
            ? "stored"
            : feedback.spooled ?? 0 > 0
              ? "spooled: the database is broken, it is stored when that is restored" : "not stored"
      ]
    }
    for rejected in answer.value.rejected { call.terminal.remark("kaizen: \(rejected.error)") }
    return answer.value.rejectedCount > 0 ? .failed : status
  }

  private static func record(_ call: Invocation) throws(KaizenError) -> JSONValue {
    guard let type = FeedbackType(rawValue: call.operand(1)) else {
      throw KaizenError(
        "E_USAGE", "record: unknown type \"\(call.operand(1))\"",
        hint: "one of " + FeedbackType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    // The daemon takes such a record, and nothing could be learnt from it.
    if type.isOpinion, call.text("--score") == nil, call.text("--rating") == nil {
      let option = type == .userRating ? "--rating R" : "--score S"
      throw KaizenError(
        "E_USAGE", "record: \(type.rawValue) without its value: \(option) is missing",
        hint: "usage: kaizen record AGENT \(type.rawValue) \(option)")
    }
    var members: [String: JSONValue] = [
      "agent_id": .string(call.operand(0)), "type": .string(type.rawValue),
      "operation_id": .string(call.text("--operation") ?? FreshID.make("op")),
    ]
    for (option, key) in numbers { members[key] = call.number(option).map(JSONValue.number) }
    for (option, key) in texts { members[key] = call.text(option).map(JSONValue.string) }
    members["generation"] = call.integer("--generation").map { .integer(Int64($0)) }
    if let text = call.text("--details") {
      let details: JSONValue
      do { details = try JSONDocument.parse(text) } catch {
        throw KaizenError("E_USAGE", "record: \"--details\": \(error.message)")
      }
      guard details.object != nil else {
        throw KaizenError("E_USAGE", "--details: expected an object, found \(details.shape)")
      }
      members["details"] = details
    }
    return .object(members)
  }
}

extension FeedbackType {
  /// Whether a record of this type says nothing without a score.
  fileprivate var isOpinion: Bool {
    switch self {
    case .qualityScore, .userRating, .coverage, .security, .documentation: true
    case .success, .failure, .performance: false
    }
  }
}

/// Ids that nobody else makes.
enum FreshID {
  /// `op-19aa3f0c1d2-9f86d081884c7d65`: the time, so that ids sort, and 64 random bits.
  static func make(_ prefix: String) -> String {
    let milliseconds = Clock.wallNanoseconds() / 1_000_000
    let random = String(UInt64.random(in: .min ... .max), radix: 16)
    return "\(prefix)-\(String(milliseconds, radix: 16))-"
      + String(repeating: "0", count: 16 - random.count) + random
  }
}
