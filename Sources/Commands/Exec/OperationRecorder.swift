internal import Control
internal import Glibc
internal import Linux
internal import Model

/// Tells the daemon of one operation's start and end, and never stands in its way.
struct OperationRecorder {
  let agent: AgentID
  let operation = FreshID.make("op")
  private let client: ControlClient
  private let layout: HomeLayout

  /// How long the command waits for the daemon before it starts.
  private static let beginTimeout = Duration.milliseconds(500)
  /// How long its end waits for the daemon; then the record goes to the spool.
  private static let endTimeout = Duration.seconds(2)

  init(agent: AgentID, client: ControlClient, layout: HomeLayout) {
    self.agent = agent
    self.client = client
    self.layout = layout
  }

  /// Notes the start; the generation that is live, where the daemon knows one.
  func begin() -> Int? {
    let start = OperationStart(
      agent: agent.text, operation: operation,
      time: Instant(nanoseconds: Clock.wallNanoseconds()))
    // try? because the command runs whatever the daemon says; `end` tells what could not be told.
    let answer = try? client.ask(
      .startOperation, OperationStarted.self, body: start.json, timeout: Self.beginTimeout)
    return answer?.value.generation
  }

  /// Stores the end, in the daemon or in the spool; a remark where neither took it.
  func end(program: String, _ outcome: WrappedChild.Outcome, _ generation: Int?) -> String? {
    let record = OperationRecord(
      agent: agent, operation: operation, program: program, outcome: outcome,
      generation: generation, time: Instant(nanoseconds: Clock.wallNanoseconds()))
    let bytes = Array(record.json.text().utf8)
    do throws(KaizenError) {
      let json = try client.ask(.recordFeedback, bytes: bytes, timeout: Self.endTimeout)
      let answer = try FeedbackAnswer(json: json)
      return answer.rejected.first.map { "the record was refused: \($0.error)" }
    } catch {
      if error.code == "E_FORBIDDEN" { return "the record was refused: \(error.message)" }
      return spool(bytes)
    }
  }

  private func spool(_ bytes: [UInt8]) -> String? {
    do {
      try SpoolFile(layout.spool + "/exec.ndjson").append(bytes)
      return nil
    } catch {
      return "the record is lost: neither the daemon nor the spool took it: \(error)"
    }
  }
}
