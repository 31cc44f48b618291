internal import CPluginRuntime
internal import Linux
import Model

extension Worker {
  /// Calls a function for everything `request` gives it, and answers one score.
  ///
  /// Calls travel many in a packet, and so do their answers: a wake-up serves hundreds of them.
  /// The deadline is that of all of them together.
  /// - Throws: `KaizenError`, after which the worker is of no use, or `Left`.
  func run(
    _ function: ComponentManifest.Function, _ request: CallRequest,
    _ take: (Answer) throws(KaizenError) -> Void
  ) throws {
    guard let inputs = function.inputs(for: request) else {
      return try take(.note("no score: the agent has no data for its input yet"))
    }
    var score = FunctionScore(function)
    try invoke(inputs, request) { (input, outcome) throws(KaizenError) in
      switch outcome {
      case .returned(let returned):
        guard let result = score.add(returned) else { return }
        throw KaizenError(
          "E_PLUGIN_FAILED",
          "component \"\(manifest.id)\": \(function.symbol) returned \(result) for "
            + "\(Self.name(input)), expected one of \(function.output.okResults ?? [])",
          hint: "name the result in \"ok_results\" if it is no failure")
      case .unusable(let reason):
        try take(.note("\(Self.name(input)) was left out: \(reason)"))
      }
    }
    guard let value = score.value else {
      return try take(.note("no score: there is nothing to score"))
    }
    try take(.score(dimension: function.output.dimension, value: value))
  }

  /// What came of one call.
  enum Outcome {
    case returned(kzr_returned)
    /// The input could not be read, or is not what the signature takes.
    case unusable(String)
  }

  /// Runs one call for each of `inputs`, in order.
  func invoke(
    _ inputs: [FunctionInput], _ request: CallRequest,
    _ each: (FunctionInput, Outcome) throws(KaizenError) -> Void
  ) throws {
    var time = CallTime(deadline: Clock.monotonic() + manifest.deadline)
    var next = 0
    while next < inputs.count {
      let first = lastCall + 1
      let count = try channel.send(inputs[next...], from: first)
      lastCall += UInt64(count)
      for offset in 0..<count {
        let input = inputs[next + offset]
        let event = try self.next(&time, request)
        if next == 0, offset == 0, Int(event.kind) == Int(KZW_QUIT) { throw Left() }
        // In order, each once: anything else is not our worker speaking.
        if event.call != first + UInt64(offset) { throw unexpected(event) }
        switch (Int(event.kind), Int(event.code)) {
        case (Int(KZW_RETURNED), _): try each(input, .returned(event.returned))
        case (Int(KZW_DONE), Int(KZR_INPUT)): try each(input, .unusable(event.text.string))
        case (Int(KZW_DONE), Int(KZR_STOPPED)) where time.isOver:
          throw manifest.missedDeadline("when asked, after \(next + offset) of its calls")
        case (Int(KZW_DONE), let code) where code != Int(KZR_OK): throw Self.failure(event)
        default: throw unexpected(event)
        }
      }
      next += count
    }
  }

  private static func name(_ input: FunctionInput) -> String {
    switch input {
    case .numbers(let numbers): "\(numbers)"
    case .file(let path): "\"\(path)\""
    }
  }
}
