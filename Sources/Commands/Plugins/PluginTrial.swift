internal import Linux
internal import Model
internal import PluginHost
internal import Workspace

/// Calls the components of one bundle on a folder, each as the daemon would.
struct PluginTrial {
  let bundle: LocalBundle
  /// The folder it is tried on, absolute and without links.
  let folder: String
  let feedback: TryFeedback
  /// What the item of an applier stands on.
  let evidence: JSONValue
  /// The response time that the agent promises.
  let serviceLevel: Duration?
  /// Where throw-away copies are made.
  let scratch: String

  /// The outcome of one component, whatever it is.
  func outcome(_ status: ComponentStatus) -> TryOutcome {
    var outcome = TryOutcome(status)
    guard let manifest = status.manifest, status.refusal == nil else {
      outcome.failure = KaizenError(
        "E_PLUGIN_DISABLED", status.refusal ?? "no reason known",
        hint: "correct what it names in \(bundle.path), and try again")
      return outcome
    }
    let start = Clock.monotonic()
    do throws(KaizenError) {
      switch manifest.kind {
      case .analyzer: try analyze(manifest, &outcome)
      case .applier: try apply(manifest, &outcome)
      case .scorer: try score(manifest, &outcome)
      }
    } catch {
      outcome.failure = error
    }
    if outcome.duration == .zero { outcome.duration = Clock.monotonic() - start }
    return outcome
  }

  private var context: CallContext {
    CallContext(
      agent: feedback.agent, descriptor: ["id": .string(feedback.agent.text)],
      serviceLevel: serviceLevel, metrics: feedback.metrics)
  }

  private func files() throws(KaizenError) -> AgentFiles {
    do throws(SystemError) {
      return try SourceListing(at: folder).files
    } catch {
      throw KaizenError(
        "E_PATH", "\(folder) cannot be listed: \(error)", hint: "name a folder that can be read")
    }
  }

  private func analyze(
    _ manifest: ComponentManifest, _ outcome: inout TryOutcome
  ) throws(KaizenError) {
    let output = try bundle.host.analyze(
      manifest.id,
      AnalysisInput(
        context: context, window: try SharedWindow(feedback.window), files: try files()))
    outcome.opportunities = output.opportunities
    outcome.remarks = output.remarks
  }

  private func score(
    _ manifest: ComponentManifest, _ outcome: inout TryOutcome
  ) throws(KaizenError) {
    let output = try bundle.host.score(
      manifest.id, ScoreInput(context: context, files: try files()))
    outcome.scores = output.dimensions
    outcome.findings = output.findings
    outcome.remarks = output.remarks
  }

  /// Gives the applier a copy of the folder, which it sees at the folder's own path.
  private func apply(
    _ manifest: ComponentManifest, _ outcome: inout TryOutcome
  ) throws(KaizenError) {
    guard let type = manifest.handles.first else {
      throw KaizenError("E_PLUGIN_VALUE", "\(manifest.id) handles nothing")
    }
    let copy = try TrialCopy(of: folder, at: "\(scratch)/\(manifest.id)")
    let opportunity = Opportunity(
      type: type, severity: nil, agent: feedback.agent, component: manifest.id,
      title: "tried by hand", strength: 1, evidence: evidence)
    let start = Clock.monotonic()
    let output = try bundle.host.apply(
      manifest.id,
      ApplyInput(
        context: context,
        item: Plan.Item(opportunity: opportunity, opportunityID: "try-1", applier: manifest.id),
        clone: AgentFiles(root: copy.path, pathInside: folder, names: copy.fileNames)))
    outcome.duration = Clock.monotonic() - start
    outcome.remarks = output.remarks
    outcome.diff = try copy.diff()
  }
}
