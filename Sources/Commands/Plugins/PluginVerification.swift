internal import Linux
internal import Model
internal import PluginHost
internal import Workspace

/// Calls the components of one bundle in every way that daemons may, and in worse ones.
struct PluginVerification {
  /// Rounds of random input.
  static let randomRoundCount = 8
  /// Calls in a row.
  static let callCount = 10_000
  /// How long those may take.
  static let callTime: Duration = .seconds(30)

  let bundle: LocalBundle
  let seed: UInt64
  /// Calls in a row.
  let count: Int
  let inputs: VerificationInputs
  /// What calls under a daemon were given; those of other components are passed over.
  let kept: [KeptInput]
  /// Is told what is being done.
  let progress: VerificationProgress
  private(set) var findings: [PluginFinding] = []
  /// What was looked at and found well, in lines.
  private(set) var passed: [String] = []

  init(
    _ bundle: LocalBundle, seed: UInt64, count: Int, evidence: JSONValue?, kept: [KeptInput],
    scratch: String, progress: VerificationProgress
  ) {
    self.kept = kept
    self.bundle = bundle
    self.seed = seed
    self.count = count
    self.progress = progress
    inputs = VerificationInputs(scratch: scratch, evidence: evidence)
  }

  /// Everything there is to look at in one component.
  mutating func verify(_ status: ComponentStatus) throws(KaizenError) {
    guard let manifest = status.manifest, status.refusal == nil else {
      findings.append(Self.refusal(status))
      return
    }
    switch manifest.entry {
    case .library: pass(manifest, "loads in a confined worker and agrees with its manifest")
    case .function: pass(manifest, "its function is found and its signature can be called")
    case .command: pass(manifest, "its program is there")
    }
    var isFine = try verifyInputs(manifest)
    if isFine { isFine = try verifyKept(manifest) }
    if isFine, manifest.kind == .applier { try verifyAgain(manifest) }
    if isFine, case .library = manifest.entry { try verifyScenarios(manifest) }
  }

  private static func refusal(_ status: ComponentStatus) -> PluginFinding {
    let reason = status.refusal ?? "no reason known"
    if case .unavailable = status.state {
      return PluginFinding(
        .warning, "program", "\(status.name) could not be called: \(reason)",
        fix: "install it here, or name where it is in \"needs\": {\"path\"}")
    }
    return PluginFinding(
      .error, VerificationRules.rule(ofRefusal: reason), "\(status.name): \(reason)",
      fix: "correct what it names, build it anew and verify again")
  }

  private mutating func pass(_ manifest: ComponentManifest, _ text: String) {
    passed.append("\(manifest.id): \(text)")
  }

  // MARK: - Single calls

  private mutating func verifyInputs(_ manifest: ComponentManifest) throws(KaizenError) -> Bool {
    if !(try call(manifest, try inputs.empty())) { return false }
    pass(manifest, "an agent without files and feedback")
    for round in 0..<UInt64(Self.randomRoundCount) {
      progress.say("\(manifest.id): random input \(round + 1) of \(Self.randomRoundCount)")
      if !(try call(manifest, try inputs.random(seed &+ round))) { return false }
    }
    pass(manifest, "\(Self.randomRoundCount) random inputs, seed \(seed)")
    return true
  }

  /// Calls it with what it was given under a daemon, as the flight recorder kept it.
  private mutating func verifyKept(_ manifest: ComponentManifest) throws(KaizenError) -> Bool {
    let own = kept.filter { $0.component == manifest.id && $0.kind == manifest.kind }
    for input in own {
      progress.say("\(manifest.id): the input of call \(input.number)")
      if !(try call(manifest, try inputs.restored(input), "call \(input.number)")) { return false }
    }
    if !own.isEmpty { pass(manifest, "\(own.count) recorded inputs") }
    return true
  }

  /// Makes a call for each type the component may be given; whether all is well with it.
  private mutating func call(
    _ manifest: ComponentManifest, _ input: VerificationInput
  ) throws(KaizenError) -> Bool {
    if manifest.kind != .applier { return try call(manifest, input, type: nil) }
    let input = try inputs.cloned(input, for: manifest.id, "call")
    for type in manifest.handles {
      if !(try call(manifest, input, type: type)) { return false }
    }
    return try verifyChange(manifest, input)
  }

  private mutating func call(
    _ manifest: ComponentManifest, _ input: VerificationInput, type: OpportunityType?
  ) throws(KaizenError) -> Bool {
    try call(manifest, try inputs.call(manifest, input, type: type), input.name)
  }

  private mutating func call(
    _ manifest: ComponentManifest, _ call: ProbeCall, _ name: String
  ) throws(KaizenError) -> Bool {
    do throws(KaizenError) {
      switch call {
      case .analyze(let input): _ = try bundle.host.analyze(manifest.id, input)
      case .apply(let input): _ = try bundle.host.apply(manifest.id, input)
      case .score(let input): _ = try bundle.host.score(manifest.id, input)
      }
      return true
    } catch {
      // Not the component's fault: a sandbox or a disk that is not to be had.
      if !error.code.rawValue.hasPrefix("E_PLUGIN_"), error.code != "E_LIMIT" { throw error }
      if error.code == "E_PLUGIN_FAILED", manifest.kind == .applier, inputs.evidence == nil {
        noteRefusal(manifest, error)
        return true
      }
      findings.append(VerificationRules.finding(error, name))
      return false
    }
  }

  // MARK: - Appliers

  /// An applier may want evidence that only its own analyzer gives: it says so, once.
  private mutating func noteRefusal(_ manifest: ComponentManifest, _ error: KaizenError) {
    let finding = PluginFinding(
      .note, "applier.evidence", "\(error.message) (made-up evidence)",
      fix: "give it what its own analyzer would with --evidence JSON, to see more of it")
    if !findings.contains(finding) { findings.append(finding) }
  }

  /// Whether an applier changed nothing but what its manifest says.
  private mutating func verifyChange(
    _ manifest: ComponentManifest, _ input: VerificationInput
  ) throws(KaizenError) -> Bool {
    guard let diff = try input.copy?.diff() else { return true }
    let allowed = manifest.needs.write.map { PathPattern($0) }
    let outside = diff.changes.filter { change in !allowed.contains { $0.matches(change.path) } }
    if let first = outside.first {
      let more = outside.count > 1 ? " and \(outside.count - 1) more files" : ""
      let globs = allowed.isEmpty ? "nothing" : manifest.needs.write.joined(separator: ", ")
      let found =
        "\(manifest.id) changed \(first.path.text)\(more), its manifest lets it write \(globs) "
        + "(input: \(input.name))"
      findings.append(
        PluginFinding(
          .error, "applier.writes", found,
          fix: "leave such files alone, or name them in \"needs\": {\"write\"}"))
    }
    if let hazard = diff.hazards.first {
      findings.append(
        PluginFinding(
          .error, "applier.writes", "\(manifest.id) left \(hazard.path.text), \(hazard.what)",
          fix: "write regular files only"))
    }
    return outside.isEmpty && diff.hazards.isEmpty
  }

  /// An applier may be given what it, or another, has mended already.
  private mutating func verifyAgain(_ manifest: ComponentManifest) throws(KaizenError) {
    var input = try inputs.cloned(
      try inputs.telling(seed), for: manifest.id, "again")
    if !(try call(manifest, input, type: nil)) { return }
    let first = try input.copy?.diff().text
    input.name = "what it had changed already"
    if !(try call(manifest, input, type: nil)) { return }
    if try input.copy?.diff().text == first {
      pass(manifest, "leaves alone what it changed already, and writes only what it may")
    } else {
      findings.append(
        PluginFinding(
          .note, "applier.again", "\(manifest.id) changes again what it changed already"))
    }
  }

  // MARK: - Scenarios

  private mutating func verifyScenarios(_ manifest: ComponentManifest) throws(KaizenError) {
    var input = try inputs.telling(seed)
    // The probe lays the clone out anew before each call.
    if manifest.kind == .applier { input = try inputs.cloned(input, for: manifest.id, "probe") }
    let call = try inputs.call(manifest, input)
    for scenario in ProbeScenario.allCases {
      let (host, count, progress) = (bundle.host, count, progress)
      let report = try host.probe(
        manifest.id, scenario, call, count: count, within: Self.callTime
      ) { progress.say("\(manifest.id): \($0)") }
      for remark in report.passed { pass(manifest, remark.text) }
      findings += report.found.map {
        VerificationRules.finding($0.rule, "\(manifest.id): \($0.text)")
      }
      if let failure = report.failure {
        let rule = VerificationRules.rule(ofEndIn: scenario)
        let isLate = failure.code == "E_PLUGIN_DEADLINE" && scenario == .cancel
        findings.append(
          VerificationRules.finding(isLate ? "cancel.ignored" : rule, failure.message))
      }
    }
  }
}
