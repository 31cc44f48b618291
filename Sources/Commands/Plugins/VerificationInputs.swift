internal import Linux
internal import Model
internal import PluginHost
internal import Workspace

/// What one component is called with, made for the purpose.
struct VerificationInput {
  /// What it is, for people: `random, seed 7`.
  var name: String
  var files: AgentFiles
  var window = FeedbackWindow()
  var metrics = AgentMetrics()
  var evidence: JSONValue = [:]
  var facts: JSONValue = [:]
  /// What was there before an applier came; nil for others.
  var copy: TrialCopy?
}

/// Makes inputs in a folder of its own.
struct VerificationInputs {
  /// Where they are made.
  let scratch: String
  /// What appliers' opportunities stand on; nil for what chance gives.
  let evidence: JSONValue?

  /// An agent without files and feedback.
  func empty() throws(KaizenError) -> VerificationInput {
    VerificationInput(name: "no files, no feedback", files: try files("empty") { _ in [] })
  }

  /// Whatever `seed` gives.
  func random(_ seed: UInt64) throws(KaizenError) -> VerificationInput {
    var probe = ProbeInputs(seed: seed)
    let files = try files("random-\(seed)") { (folder) throws(SystemError) in
      try probe.files(in: folder)
    }
    return VerificationInput(
      name: "random, --seed \(seed) makes it again", files: files, window: probe.window(),
      metrics: probe.metrics(), evidence: probe.evidence())
  }

  /// What most components have something to say about, with random files beside it.
  func telling(_ seed: UInt64) throws(KaizenError) -> VerificationInput {
    var probe = ProbeInputs(seed: seed)
    let files = try files("telling-\(seed)") { (folder) throws(SystemError) in
      try probe.files(in: folder) + ProbeInputs.sources(in: folder)
    }
    return VerificationInput(
      name: "telling", files: files, window: probe.window(), metrics: ProbeInputs.badMetrics(),
      evidence: probe.evidence(), facts: ProbeInputs.facts)
  }

  /// The call of `manifest` on `input`.
  func call(
    _ manifest: ComponentManifest, _ input: VerificationInput, type: OpportunityType? = nil
  ) throws(KaizenError) -> ProbeCall {
    let agent = ProbeInputs.agent
    let context = CallContext(
      agent: agent, descriptor: ["id": .string(agent.text)],
      serviceLevel: .milliseconds(10), generation: nil, metrics: input.metrics)
    switch manifest.kind {
    case .analyzer:
      return .analyze(
        AnalysisInput(
          context: context, window: try SharedWindow(input.window), files: input.files,
          facts: input.facts))
    case .scorer: return .score(ScoreInput(context: context, files: input.files))
    case .applier:
      guard let type = type ?? manifest.handles.first else {
        throw KaizenError("E_PLUGIN_VALUE", "\(manifest.id) handles nothing")
      }
      let item = Plan.Item(
        opportunity: Opportunity(
          type: type, severity: nil, agent: agent, component: manifest.id,
          title: "made to verify an applier", strength: 1, evidence: evidence ?? input.evidence),
        opportunityID: "verify-1", applier: manifest.id)
      return .apply(ApplyInput(context: context, item: item, clone: input.files))
    }
  }

  /// A recorded call, its files in a folder of their own.
  func restored(_ kept: KeptInput) throws(KaizenError) -> ProbeCall {
    let place = "\(scratch)/kept/\(kept.component)-\(kept.number)"
    switch try kept.restored(to: place) {
    case .analysis(let input): return .analyze(input)
    case .application(let input): return .apply(input)
    case .scoring(let input): return .score(input)
    }
  }

  /// The same input with a clone of its files, and what they were.
  ///
  /// `purpose` tells it from other clones of the same input.
  func cloned(
    _ input: VerificationInput, for component: ComponentID, _ purpose: String
  ) throws(KaizenError) -> VerificationInput {
    let path = "\(scratch)/\(purpose)/\(component)-\(Files.name(of: input.files.root))"
    let copy = try TrialCopy(of: input.files.root, at: path)
    var input = input
    input.copy = copy
    input.files = AgentFiles(root: copy.path, names: copy.fileNames)
    return input
  }

  private func files(
    _ name: String, _ write: (String) throws(SystemError) -> [String]
  ) throws(KaizenError) -> AgentFiles {
    let path = "\(scratch)/input/\(name)"
    do throws(SystemError) {
      // A component after the first gets the same files.
      try Files.makeDirectories(path, mode: 0o755)
      return AgentFiles(root: path, names: try write(path).sorted())
    } catch {
      throw KaizenError(
        "E_SYSTEM", "no input can be made: \(error)", hint: "name a writable folder in TMPDIR")
    }
  }
}
