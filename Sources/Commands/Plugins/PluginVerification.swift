internal import Glibc
internal import Linux
internal import Model
internal import PluginHost

/// Looks at one bundle from outside, then calls its components in ways that daemons do and more.
struct PluginVerification {
  /// Rounds of random input.
  static let randomRoundCount = 8
  /// Calls in a row, and in a row for the thorough.
  static let callCount = 200, thoroughCallCount = 10_000
  /// Memory that may come on top between the first quarter of the calls and the last, in bytes.
  static let growthMax = 1 << 20

  let bundle: LocalBundle
  let seed: UInt64
  let isThorough: Bool
  /// Where inputs are made.
  let scratch: String
  private(set) var findings: [PluginFinding] = []
  /// What was looked at and found well, in lines.
  private(set) var passed: [String] = []

  init(_ bundle: LocalBundle, seed: UInt64, isThorough: Bool, scratch: String) {
    self.bundle = bundle
    self.seed = seed
    self.isThorough = isThorough
    self.scratch = scratch
  }

  var hasErrors: Bool { findings.contains { $0.severity == .error } }

  /// Calls `body` and notes what it throws as a finding of `check`; true where it threw nothing.
  private mutating func expect(
    _ check: String, _ component: ComponentID, fix: String,
    _ body: () throws(KaizenError) -> Void
  ) -> Bool {
    do throws(KaizenError) {
      try body()
      return true
    } catch {
      findings.append(
        PluginFinding(
          .error, check, "\(component): \(error.code.rawValue): \(error.message)",
          fix: fix + (error.hint.map { " (\($0))" } ?? "")))
      return false
    }
  }

  /// Everything there is to look at in one component.
  mutating func verify(_ status: ComponentStatus) throws(KaizenError) {
    guard let manifest = status.manifest, status.refusal == nil else {
      let reason = status.refusal ?? "no reason known"
      let severity: PluginFinding.Severity =
        if case .unavailable = status.state { .warning } else { .error }
      findings.append(
        PluginFinding(
          severity, status.manifest == nil ? "manifest" : "load", "\(status.name): \(reason)",
          fix: "correct what it names, build it anew and verify again"))
      return
    }
    passed.append("\(manifest.id): loads in a confined worker and agrees with its manifest")
    if case .function = manifest.entry { return }  // what it is given follows from its signature
    try verifyCalls(manifest)
  }

  private mutating func verifyCalls(_ manifest: ComponentManifest) throws(KaizenError) {
    // Checks change this value, so that the calls within them may not look at it.
    let host = bundle.host
    let empty = try folder("empty", seed: nil)
    let isEmptyFine = expect(
      "input.empty", manifest.id, fix: "without data find nothing, and return KZ_OK or exit 0"
    ) { () throws(KaizenError) in
      try Self.call(manifest, host, Input(files: empty))
    }
    if isEmptyFine { passed.append("\(manifest.id): an agent without files and feedback") }
    var isRandomFine = true
    for round in 0..<UInt64(Self.randomRoundCount) where isRandomFine {
      let seed = seed &+ round
      var probe = ProbeInputs(seed: seed)
      let input = Input(
        files: try folder("random-\(round)", seed: seed), window: probe.window(),
        metrics: probe.metrics(), evidence: probe.evidence())
      isRandomFine = expect(
        "input.random", manifest.id,
        fix: "check lengths, NaN and what is missing; --seed \(seed) makes this input again"
      ) { () throws(KaizenError) in try Self.call(manifest, host, input) }
    }
    if isRandomFine {
      passed.append("\(manifest.id): \(Self.randomRoundCount) random inputs, seed \(seed)")
    }
    if isEmptyFine && isRandomFine {
      try verifyCancel(manifest)
      try verifyGrowth(manifest)
    }
  }

  /// Has the deadline pass at once: the call ends by itself, or when it is asked to.
  private mutating func verifyCancel(_ manifest: ComponentManifest) throws(KaizenError) {
    let scratch = try ScratchFolder("kaizen-verify")
    let host = try LocalHost.host(
      ComponentSources(bundle: bundle.path), deadlineMax: .milliseconds(1), in: scratch)
    guard host.ready(manifest.kind).contains(where: { $0.id == manifest.id }) else { return }
    var probe = ProbeInputs(seed: seed)
    let input = Input(
      files: try folder("cancel", seed: seed), window: probe.window(), metrics: probe.metrics())
    do throws(KaizenError) {
      try Self.call(manifest, host, input)
    } catch {
      if error.code == "E_PLUGIN_DEADLINE" {
        // A command has no other way of being told than a signal.
        if case .command = manifest.entry {
        } else if error.message.contains("SIGKILL") {
          findings.append(
            PluginFinding(
              .warning, "cancel", "\(manifest.id): \(error.message)",
              fix: "ask should_stop in each loop, and return KZ_STOPPED where it says so"))
          return
        }
      } else {
        findings.append(
          PluginFinding(
            .error, "cancel", "\(manifest.id): \(error.code.rawValue): \(error.message)",
            fix: "clean up and return KZ_STOPPED where should_stop says so"))
        return
      }
    }
    passed.append("\(manifest.id): ends when it is asked to at once")
  }

  /// Calls one worker again and again: what grows with each call will end a daemon's worker.
  ///
  /// With files each call has a worker of its own, which takes what leaks with it: only calls without
  /// are made here, so of appliers and scorers there is nothing to see.
  private mutating func verifyGrowth(_ manifest: ComponentManifest) throws(KaizenError) {
    guard manifest.kind == .analyzer, case .library = manifest.entry else { return }
    let host = bundle.host
    let count = isThorough ? Self.thoroughCallCount : Self.callCount
    var probe = ProbeInputs(seed: seed)
    let input = Input(files: nil, window: probe.window(), metrics: probe.metrics())
    var first: Int?
    for index in 0..<count {
      let isFine = expect(
        "calls", manifest.id, fix: "a call must leave nothing behind that the next stumbles over"
      ) { () throws(KaizenError) in try Self.call(manifest, host, input) }
      if !isFine { return }
      if index == count / 4 { first = WorkerMemory.bytes() }
    }
    passed.append("\(manifest.id): \(count) calls of one worker")
    guard let first, let last = WorkerMemory.bytes() else { return }
    if last - first > Self.growthMax {
      let perCall = (last - first) / (count - count / 4)
      findings.append(
        PluginFinding(
          .error, "memory",
          "\(manifest.id): its worker grew by \((last - first) >> 10) KiB in "
            + "\(count - count / 4) calls, \(perCall) bytes each",
          fix: "free in each call what it allocates; kaizen_plugin.h says who owns what"))
    } else {
      passed.append(
        "\(manifest.id): its worker has \(last >> 10) KiB, \((last - first) >> 10) KiB more than "
          + "after the first quarter")
    }
  }

  // MARK: - Calls

  private struct Input {
    var files: AgentFiles?
    var window = FeedbackWindow()
    var metrics = AgentMetrics()
    var evidence: JSONValue = [:]
  }

  private static func call(
    _ manifest: ComponentManifest, _ host: ComponentHost, _ input: Input
  ) throws(KaizenError) {
    guard let agent = AgentID("verify") else { fatalError("\"verify\" is an id") }
    let context = CallContext(
      agent: agent, descriptor: ["id": "verify"], metrics: input.metrics)
    switch (manifest.kind, input.files) {
    case (.analyzer, let files):
      _ = try host.analyze(
        manifest.id,
        AnalysisInput(context: context, window: try SharedWindow(input.window), files: files))
    case (.scorer, let files?):
      _ = try host.score(manifest.id, ScoreInput(context: context, files: files))
    case (.applier, let files?):
      for (number, type) in manifest.handles.enumerated() {
        let item = Plan.Item(
          opportunity: Opportunity(
            type: type, severity: nil, agent: agent, component: manifest.id, title: "verify",
            strength: 1, evidence: input.evidence), opportunityID: "verify-\(number)",
          applier: manifest.id)
        _ = try host.apply(
          manifest.id, ApplyInput(context: context, item: item, clone: files))
      }
    default: break
    }
  }

  /// A folder of files made of `seed`, or an empty one.
  private func folder(_ name: String, seed: UInt64?) throws(KaizenError) -> AgentFiles {
    let path = "\(scratch)/input/\(name)"
    do throws(SystemError) {
      try Files.makeDirectories(path, mode: 0o755)
      guard let seed else { return AgentFiles(root: path, names: []) }
      var probe = ProbeInputs(seed: seed)
      return AgentFiles(root: path, names: try probe.files(in: path))
    } catch {
      throw KaizenError(
        "E_SYSTEM", "no input can be made: \(error)", hint: "name a writable folder in TMPDIR")
    }
  }
}

/// How much memory the workers of this process have.
enum WorkerMemory {
  /// Generations between this process and a worker: the sandbox's own stand between them.
  private static let depthMax = 8

  /// Resident bytes of all of them; nil where none is to be seen.
  static func bytes() -> Int? {
    // try? because a process can end while it is looked at: it has no memory then.
    let numbers = ((try? Files.names(in: "/proc")) ?? []).compactMap { Int32($0) }
    var total: Int?
    for number in numbers where status(number)?.name == "kaizen-worker" && isOurs(number) {
      let text = (try? Files.read("/proc/\(number)/statm", limit: 4096)) ?? []  // as above
      let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first
      guard let pages = pages.flatMap({ Int($0) }) else { continue }
      total = (total ?? 0) + pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
    return total
  }

  private static func isOurs(_ number: Int32) -> Bool {
    var number = number
    for _ in 0..<depthMax {
      guard let parent = status(number)?.parent, parent > 1 else { return false }
      if parent == getpid() { return true }
      number = parent
    }
    return false
  }

  /// The name and the parent of a process: proc_pid_stat(5), the name in parentheses.
  private static func status(_ number: Int32) -> (name: String, parent: Int32)? {
    guard let bytes = try? Files.read("/proc/\(number)/stat", limit: 4096),  // gone: see above
      let open = bytes.firstIndex(of: UInt8(ascii: "(")),
      let close = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let rest = String(decoding: bytes[(close + 1)...], as: UTF8.self).split(separator: " ")
    guard open < close, rest.count > 1, let parent = Int32(rest[1]) else { return nil }
    return (String(decoding: bytes[(open + 1)..<close], as: UTF8.self), parent)
  }
}
