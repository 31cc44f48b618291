internal import Glibc
internal import Linux
import Model

/// One `kaizen-worker probe` from its start to its end; its lines are those of probe.h.
final class WorkerProbe {
  /// Where the probe writes what it sees.
  private static let reportDescriptor: Int32 = 5
  /// Bytes of one line, as the probe cuts them.
  private static let lineBytesMax = 512
  /// Lines read of one probe: a component could write there, too.
  private static let lineCountMax = 10_000
  /// How long 1,000 instances may take beyond the time of one call.
  private static let lifeMax: Duration = .seconds(10)
  /// How long the probe may take to end once its channel is closed.
  private static let endMax: Duration = .seconds(1)

  private let manifest: ComponentManifest
  private let scenario: ProbeScenario
  private let channel: WorkerChannel
  private let errors: WorkerErrors
  private let reports: FileDescriptor
  private let program: any RunningProgram
  private var pending: [UInt8] = []
  private var step = "it was started"
  private var report = ProbeReport()

  /// Starts a probe by `plan`, whose words name it but for the scenario.
  init(
    _ manifest: ComponentManifest, library: String, _ scenario: ProbeScenario,
    _ request: CallRequest, plan: ProgramPlan, starter: any ProgramStarter
  ) throws(KaizenError) {
    let errors = try WorkerErrors()
    let pipe = try Self.pipe()
    var plan = plan
    let end = pipe.second.raw
    (channel, program) = try WorkerChannel.open(manifest.id) { (ends) throws(KaizenError) in
      plan.descriptors = [
        2: errors.writing.raw, 3: ends.socket.raw, 4: ends.control.raw, Self.reportDescriptor: end,
      ]
      return try starter.start(plan)
    }
    self.manifest = manifest
    self.scenario = scenario
    self.errors = errors
    reports = pipe.first
    try channel.load(manifest, library: library, .fresh())
    try channel.send(request, number: 1)
  }

  deinit { program.kill() }

  private static func pipe() throws(KaizenError) -> DescriptorPair {
    do throws(SystemError) {
      let pipe = try DescriptorPair.pipe()
      try ProgramStreams.openToAll([pipe.second.raw])
      return pipe
    } catch {
      throw KaizenError(
        "E_SYSTEM", "no pipe for a probe: \(error)", hint: "raise the limit of open files")
    }
  }

  /// Reads to the end of the probe; `onStep` is told of each step.
  func run(onStep: (String) -> Void) -> ProbeReport {
    // A call, the grace after it, and where instances are counted, those.
    let each = manifest.deadline + .seconds(1) + (scenario == .life ? Self.lifeMax : .zero)
    for _ in 0..<Self.lineCountMax {
      switch line(within: each) {
      case .line("done"): return report
      case .line(let text):
        take(text)
        if text.hasPrefix("step ") { onStep(step) }
      case .end:
        report.failure = ended()
        return report
      case .timeout:
        report.failure = hung(each)
        return report
      }
    }
    report.failure = KaizenError(
      "E_PLUGIN_PROTOCOL", "component \"\(manifest.id)\" writes to descriptors of its host's",
      hint: "write only to what the plugin itself opened")
    return report
  }

  private func take(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
    switch parts.first {
    case "step": step = text.dropFirst("step ".count).description
    case "found" where parts.count == 3:
      report.found.append(ProbeReport.Remark(rule: parts[1], text: parts[2]))
    case "saw" where parts.count == 3:
      report.passed.append(ProbeReport.Remark(rule: parts[1], text: parts[2]))
    default: break
    }
  }

  private enum Reading {
    case line(String)
    case end
    case timeout
  }

  private func line(within limit: Duration) -> Reading {
    let deadline = Clock.monotonic() + limit
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let text = AnswerCollector.oneLine(String(decoding: pending[..<end], as: UTF8.self))
        pending.removeFirst(end + 1)
        return .line(text)
      }
      if pending.count > Self.lineBytesMax { return .end }
      var interests = [Poll.Interest(reports.raw, .read)]
      let left = deadline - Clock.monotonic()
      // A wait that fails tells nothing more than one that is over.
      guard left > .zero, let ready = try? Poll.wait(&interests, timeout: left), ready > 0 else {
        return .timeout
      }
      var chunk = [UInt8](repeating: 0, count: Self.lineBytesMax)
      let count = chunk.withUnsafeMutableBytes { read(reports.raw, $0.baseAddress, $0.count) }
      if count <= 0 { return .end }
      pending += chunk[..<count]
    }
  }

  private func ended() -> KaizenError {
    guard let end = program.end(within: Self.endMax) else {
      return KaizenError(
        "E_PLUGIN_CLOSED",
        "component \"\(manifest.id)\" closed a descriptor of its host's (\(step))",
        hint: "close only what the plugin itself opened")
    }
    return end.error(
      component: manifest.id, when: "in \(step)", needs: manifest.needs,
      lastWords: errors.lastWords())
  }

  private func hung(_ limit: Duration) -> KaizenError {
    channel.endSending()
    let place = errors.stack(within: Worker.stackMax).map { ", \($0)" } ?? ""
    return KaizenError(
      "E_PLUGIN_DEADLINE",
      "component \"\(manifest.id)\" did not come back within \(limit) in \(step)\(place)",
      hint: "ask should_stop in each loop, and end each call within its deadline")
  }
}
