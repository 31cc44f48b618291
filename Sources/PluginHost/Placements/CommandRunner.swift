internal import Glibc
internal import Linux
import Model
internal import Sandbox

/// A component that is any program: one confined process a call.
struct CommandRunner: ComponentRunner {
  /// Bytes of standard output that one call may write.
  static let outputByteCountMax = 8 << 20
  /// How long the sandbox may take to come to its end after it was told to.
  static let endMax: Duration = .seconds(2)

  let manifest: ComponentManifest
  let command: ComponentManifest.Command
  /// The copy of its bundle, where it has one.
  let bundle: String?
  let starter: any ProgramStarter

  /// Whether the program is there; whether it runs shows when it does.
  ///
  /// A program with a slash is the bundle's own, or a path that only the sandbox knows.
  func probe() throws(KaizenError) {
    guard let name = command.words.first, !name.contains("/") else { return }
    let folders = Confinement(pathDirectories: manifest.needs.path).searchPath
    let paths = folders.map { "\($0)/\(name)" }
    if paths.contains(where: { access($0, X_OK) == 0 && !Files.isDirectory($0) }) { return }
    throw KaizenError(
      Self.unavailable,
      "component \"\(manifest.id)\" needs the program \"\(name)\", found none in "
        + folders.joined(separator: ":"),
      hint: "install \(name), or name its folder in \"needs\": {\"path\": […]}; then run "
        + "`kaizen plugins reload`")
  }

  /// The code of a component that is well and lacks a program of the system's.
  static let unavailable: KaizenError.Code = "E_PLUGIN_UNAVAILABLE"

  func run(
    _ request: CallRequest, _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) {
    var command = CommandRequest(
      manifest: manifest, context: request.context, call: Self.call(request.work))
    if case .analyze(let input) = request.work { command.facts = input.facts }
    let text = try command.text()
    let streams: ProgramStreams
    let input: FileDescriptor
    do throws(SystemError) {
      streams = try ProgramStreams()
      input = try MemoryFile.sealed(name: "kaizen-call", text.utf8)
    } catch {
      throw Self.failure(manifest, error)
    }
    let program = try start(request, input, streams)
    request.stop?.onStop { program.kill() }
    defer {
      request.stop?.onStop(nil)
      program.kill()
    }
    let end = try wait(for: program, streams, request)
    request.trace.note(program.usage)
    try judge(end, streams)
    try read(streams.bytes, request, take)
  }

  private static func call(_ work: CallRequest.Work) -> CommandRequest.Call {
    switch work {
    case .analyze: .analyze
    case .apply(let input): .apply(input.item)
    case .score(let input): .score(changed: input.changed)
    }
  }

  private static func failure(_ manifest: ComponentManifest, _ error: SystemError) -> KaizenError {
    KaizenError(
      "E_SYSTEM", "running component \"\(manifest.id)\" failed: \(error)",
      hint: "raise the daemon's limit of open files or of memory")
  }

  private func start(
    _ request: CallRequest, _ input: borrowing FileDescriptor, _ streams: ProgramStreams
  ) throws(KaizenError) -> any RunningProgram {
    var words = command.words
    if let bundle, let program = manifest.entryFiles.first { words[0] = "\(bundle)/\(program)" }
    var plan = ProgramPlan(
      words: words, directory: request.files?.pathInside ?? "/tmp",
      places: request.places, readable: bundle.map { [$0] } ?? [],
      environment: bundle.map { ["KAIZEN_BUNDLE": $0] } ?? [:], needs: manifest.needs,
      descriptors: [:])
    let descriptor = input.raw
    return try streams.lendEnds { (output, errors) throws(KaizenError) in
      plan.descriptors = [0: descriptor, 1: output, 2: errors]
      return try starter.start(plan)
    }
  }

  /// Reads until the program has ended, at most until its deadline.
  private func wait(
    for program: any RunningProgram, _ streams: ProgramStreams, _ request: CallRequest
  ) throws(KaizenError) -> ProgramEnd {
    let deadline = Clock.monotonic() + manifest.deadline
    let reason: ProgramStreams.Reason
    do throws(SystemError) {
      reason = try streams.read(limit: Self.outputByteCountMax, until: deadline)
    } catch {
      throw Self.failure(manifest, error)
    }
    if reason == .complete {
      let left = max(deadline - Clock.monotonic(), .milliseconds(1))
      if let end = program.end(within: left) { return end }
    }
    program.kill()
    try request.requireGone(program, manifest.id)
    if reason != .flood { throw manifest.missedDeadline("by SIGKILL") }
    throw KaizenError(
      "E_PLUGIN_PROTOCOL",
      "component \"\(manifest.id)\" wrote more than \(Self.outputByteCountMax >> 20) MiB of output",
      hint: "have it write less, or send its output elsewhere")
  }

  /// Holds the end against the exits that are success.
  private func judge(_ end: ProgramEnd, _ streams: ProgramStreams) throws(KaizenError) {
    guard case .exited(let status) = end else {
      throw end.error(
        component: manifest.id, when: "during a call", needs: manifest.needs,
        lastWords: streams.lastWords)
    }
    if command.okExits.contains(status) { return }
    let words = streams.lastWords
    throw KaizenError(
      "E_PLUGIN_FAILED",
      "component \"\(manifest.id)\": \"\(command.words.first ?? "")\" ended with status \(status)"
        + (words.isEmpty ? "" : ": \(words)"),
      hint: "name the status in \"ok_exits\" if it is no failure")
  }

  private func read(
    _ bytes: [UInt8], _ request: CallRequest, _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) {
    switch command.output {
    case .none: return
    case .jsonl: try CommandAnswers.read(bytes, of: manifest.id, take)
    case .sarif:
      let paths = AnswerCollector(
        manifest, agent: request.context.agent, pathInside: request.files?.pathInside)
      let outsideCount = try SARIFLog.read(
        bytes, of: manifest.id, isInside: { paths.relativePath($0) != nil }, take)
      if outsideCount > 0 {
        let message = "\(outsideCount) results outside the agent's files were left out"
        try take(.log(ComponentLog(level: .info, message: message)))
      }
    }
  }
}

extension CallRequest {
  /// The files that the sandbox of this call shows.
  var places: [ProgramPlan.Place] {
    guard let files else { return [] }
    return [.init(source: files.root, at: files.pathInside, isWritable: kind == .applier)]
  }

  /// Makes sure that nothing can write to the clone of this call any more.
  ///
  /// Calls that only read need not wait for the end of what was killed: a process in
  /// uninterruptible sleep would hang the caller.
  func requireGone(_ program: any RunningProgram, _ component: ComponentID) throws(KaizenError) {
    if kind != .applier || program.end(within: CommandRunner.endMax) != nil { return }
    throw KaizenError(
      "E_PLUGIN_DEADLINE",
      "a process of component \"\(component)\" was still there \(CommandRunner.endMax) after "
        + "SIGKILL",
      hint: "its clone cannot be trusted; look at the disk that it lies on")
  }
}
