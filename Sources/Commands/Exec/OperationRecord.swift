internal import Glibc
internal import Linux
internal import Model

/// What is recorded of one command.
///
/// Of its words only the program's name: arguments may hold secrets, and prompts.
struct OperationRecord {
  let agent: AgentID
  let operation: String
  let program: String
  let outcome: WrappedChild.Outcome
  let generation: Int?
  let time: Instant

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "agent_id": .string(agent.text), "operation_id": .string(operation),
      "id": .string(operation + "-end"), "source": "system", "time": .string(time.description),
      "type": isSuccess ? "success" : "failure",
      "duration_ms": .number(outcome.duration.milliseconds),
      "details": .object(details),
    ]
    if case .notStarted = outcome.ending {
    } else {
      members["memory_mb"] = .number(Double(outcome.peakMemoryBytes) / 1_048_576)
      members["cpu_percent"] = cpuPercent.map(JSONValue.number)
    }
    members["error_type"] = errorType.map(JSONValue.string)
    members["generation"] = generation.map { .integer(Int64($0)) }
    return .object(members)
  }

  private var isSuccess: Bool { outcome.ending == .exited(0) }

  /// CPU time ÷ wall time; nothing for a command too short to tell.
  private var cpuPercent: Double? {
    let wall = outcome.duration.milliseconds
    return wall > 0 ? 100 * outcome.processorTime.milliseconds / wall : nil
  }

  private var details: [String: JSONValue] {
    var details: [String: JSONValue] = ["program": .string(Files.name(of: program))]
    switch outcome.ending {
    case .exited(let code): details["exit_status"] = .integer(Int64(code))
    case .signaled(let signal): details["signal"] = .integer(Int64(signal))
    case .notStarted(let code): details["cause"] = .string(SystemError.text(code))
    }
    if !isSuccess && !outcome.errorTail.isEmpty {
      details["stderr"] = .string(ErrorText.lastLines(outcome.errorTail))
    }
    return details
  }

  private var errorType: String? {
    switch outcome.ending {
    case .exited(0): nil
    case .exited(let code): ErrorText.type(in: outcome.errorTail) ?? "exit_\(code)"
    case .signaled(let signal): "signal_\(signal)"
    case .notStarted(let code):
      code == ENOENT ? "command_not_found" : "command_not_runnable"
    }
  }
}
