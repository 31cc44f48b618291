internal import Hashing
internal import Linux
import Model
import Synchronization

/// Finds out who is guilty of components' deaths: by what is remembered, and by trying.
///
/// Tried is in a fresh worker, one call at a time in the whole host, at most three for one question,
/// and never an applier: that would write.
final class Inquests: Sendable {
  /// How long one trial may take, whatever the component's own deadline.
  static let experimentMax: Duration = .seconds(30)
  /// Rows of a window that is kept to be tried again.
  static let rowCountMax = 10_000

  /// A call that was answered, kept to be tried again.
  struct Kept: Sendable {
    var request: CallRequest
    var fingerprint: String
  }

  /// A death to find the guilty of.
  struct Question: Sendable {
    var version: ComponentVersion
    var request: CallRequest
    /// All deaths of this version on this input.
    var deaths: ComponentGuilt.Deaths
    var lastGood: Kept?
  }

  let memory: ComponentMemory
  private let configuration: ComponentHostConfiguration
  private let store: BundleStore
  private let watch: DeadlineWatch
  private let turn = Mutex(())

  init(
    _ memory: ComponentMemory, _ configuration: ComponentHostConfiguration, _ store: BundleStore,
    _ watch: DeadlineWatch
  ) {
    self.memory = memory
    self.configuration = configuration
    self.store = store
    self.watch = watch
  }

  // MARK: - Versions

  /// An earlier version from its kept copy, which is hashed anew.
  func version(
    _ name: ComponentGuilt.Version, of component: ComponentID, _ kind: ComponentKind
  ) throws(KaizenError) -> ComponentVersion {
    guard let digest = Digest(hex: name.digest), let bundle = store.kept(digest) else {
      throw missing(name, component, "its copy is gone or damaged")
    }
    let origin = ComponentOrigin(
      source: .bundle, file: bundle.path + "/manifest.json", folder: bundle.path)
    let registrations = ManifestFile(origin, name: component.text).registrations
    let registration = registrations.first { $0.name == component.text }
    guard let manifest = registration?.manifest, manifest.kind == kind else {
      throw missing(name, component, registration?.problem ?? "its manifest has no such component")
    }
    let runner = try configuration.runner(for: manifest, bundle, watch)
    return ComponentVersion(
      manifest, bundle: bundle, isWhole: true, runner: runner, breaker: configuration.breaker)
  }

  private func missing(
    _ name: ComponentGuilt.Version, _ component: ComponentID, _ why: String
  ) -> KaizenError {
    KaizenError(
      "E_PLUGIN_MISSING", "version \(name.name) of \"\(component)\" cannot be called: \(why)",
      hint: "drop it in anew")
  }

  // MARK: - Finding out

  /// Whether finding out takes calls, and so a thread of its own.
  func takesExperiments(_ question: Question) -> Bool {
    let record = memory.record(question.version.manifest.id.text)
    let facts = known(question, record)
    if facts.isApplier { return false }
    return facts.hasEarlier || (facts.answersOthers == nil && usableGood(question, record) != nil)
  }

  /// Who is guilty; nil where it cannot be told.
  ///
  /// Where it may try, it may wait for the trials of other components.
  func examine(_ question: Question, mayTry: Bool) -> ComponentGuilt? {
    let id = question.version.manifest.id
    var record = memory.record(id.text)
    var facts = known(question, record)
    let earlier = standIn(for: question.version)
    facts.hasEarlier = earlier != nil
    if mayTry, !facts.isApplier {
      turn.withLock { _ in experiment(question, earlier, record, &facts) }
      record = memory.record(id.text)
    }
    // Answers of long ago are better than none.
    if facts.answersOthers == nil, !others(question, record).isEmpty { facts.answersOthers = true }
    facts.fatalInputCount = record.deaths(of: question.version.name.digest).count
    return guilt(question, facts.finding, earlier?.name, facts, record)
  }

  /// What is known without trying.
  private func known(_ question: Question, _ record: ComponentRecord) -> Inquest {
    let digest = question.version.name.digest
    let isRecent = others(question, record).contains { $0.time >= question.deaths.first }
    return Inquest(
      deathCount: question.deaths.count, fatalInputCount: record.deaths(of: digest).count,
      failureCount: question.version.breaker.withLock { $0.rules.failureCount },
      answersOthers: isRecent ? true : nil, hasEarlier: record.lastGood(otherThan: digest) != nil,
      isApplier: question.request.kind == .applier)
  }

  /// What this version answered, on inputs that it never died on.
  private func others(
    _ question: Question, _ record: ComponentRecord
  ) -> [ComponentGuilt.Answer] {
    let digest = question.version.name.digest
    let fatal = Set(record.deaths(of: digest).map(\.input)).union([question.deaths.input])
    return record.answers.filter { $0.version.digest == digest && !fatal.contains($0.input) }
  }

  private func usableGood(_ question: Question, _ record: ComponentRecord) -> Kept? {
    guard let good = question.lastGood, good.request.kind == question.request.kind else {
      return nil
    }
    let fatal = record.deaths(of: question.version.name.digest).map(\.input)
    if fatal.contains(good.fingerprint) || good.fingerprint == question.deaths.input { return nil }
    // What it looked at may be gone, such as a clone.
    if let files = good.request.files, !Files.isDirectory(files.root) { return nil }
    return good
  }

  /// The last version that worked, other than `version`; nil where there is none, it cannot be had,
  /// or it may do more.
  private func standIn(for version: ComponentVersion) -> ComponentVersion? {
    let manifest = version.manifest
    let record = memory.record(manifest.id.text)
    guard let name = record.lastGood(otherThan: version.name.digest) else { return nil }
    do throws(KaizenError) {
      let earlier = try self.version(name, of: manifest.id, manifest.kind)
      return earlier.manifest.mayDoMore(than: manifest) ? nil : earlier
    } catch {
      memory.forget(manifest.id.text, name.digest)
      return nil
    }
  }

  private func experiment(
    _ question: Question, _ earlier: ComponentVersion?, _ record: ComponentRecord,
    _ facts: inout Inquest
  ) {
    let good = usableGood(question, record)
    if facts.answersOthers == nil, let good {
      facts.answersOthers = answers(question.version, good.request, good.fingerprint)
    }
    guard let earlier else { return }
    facts.earlierAnswers = answers(earlier, question.request, question.deaths.input)
    if facts.earlierAnswers == false, facts.answersOthers == false, let good {
      facts.earlierAnswersOthers = answers(earlier, good.request, good.fingerprint)
    }
  }

  /// Whether a version answers a call, in a fresh worker; nil where that says nothing of it.
  private func answers(
    _ version: ComponentVersion, _ request: CallRequest, _ fingerprint: String
  ) -> Bool? {
    // Its files may have changed since, or be gone: then it is another call.
    if request.fingerprint != fingerprint { return nil }
    var manifest = version.manifest
    let isShortened = manifest.deadline > Self.experimentMax
    manifest.deadline = min(manifest.deadline, Self.experimentMax)
    // What runs in the daemon is tried outside it.
    if manifest.placement == .inProcess { manifest.placement = .worker }
    let event = ComponentRecord.Event(
      version: version.name, input: fingerprint, agent: request.context.agent.text,
      time: Instant(nanoseconds: Clock.wallNanoseconds()), isExperiment: true)
    // Who gave up on the call does not end what is found out by it.
    var request = request
    request.stop = nil
    do throws(KaizenError) {
      let runner = try configuration.runner(for: manifest, version.bundle, watch)
      var collector = AnswerCollector(
        manifest, agent: request.context.agent, pathInside: request.files?.pathInside)
      try runner.run(request) { (answer) throws(KaizenError) in try collector.take(answer) }
    } catch {
      if !Breaker.counts(error) { return nil }
      if isShortened, error.code == "E_PLUGIN_DEADLINE" { return nil }
      if request.fingerprint != fingerprint { return nil }
      _ = memory.died(manifest.id.text, event, error)
      return false
    }
    if request.fingerprint != fingerprint { return nil }
    memory.answered(manifest.id.text, event, isKept: version.isKept)
    return true
  }

  // MARK: - Telling

  /// The guilt of a version that died when it was loaded; nil where no earlier one can stand in.
  ///
  /// Nil too where it was only slow, as on a busy machine, or has worked before: it then runs under
  /// its breaker.
  func loadGuilt(_ version: ComponentVersion, _ error: KaizenError) -> ComponentGuilt? {
    let id = version.manifest.id.text
    let now = Instant(nanoseconds: Clock.wallNanoseconds())
    let hasWorked = memory.record(id).good.contains { $0.version.digest == version.name.digest }
    if hasWorked || error.code == "E_PLUGIN_DEADLINE" { return nil }
    guard let instead = standIn(for: version)?.name else { return nil }
    let deaths = memory.died(
      id, ComponentRecord.Event(version: version.name, input: "", agent: "", time: now), error)
    return ComponentGuilt(
      culprit: .version, versions: [version.name], input: "", agent: "", instead: instead,
      since: now, deaths: [deaths], answers: [])
  }

  private func guilt(
    _ question: Question, _ finding: Inquest.Finding, _ earlier: ComponentGuilt.Version?,
    _ facts: Inquest, _ record: ComponentRecord
  ) -> ComponentGuilt? {
    let own = question.version.name
    let input = question.deaths.input
    var versions = [own]
    var instead: ComponentGuilt.Version?
    var deaths = record.deaths(of: own.digest)
    let culprit: ComponentGuilt.Culprit
    switch finding {
    case .unknown: return nil
    case .version:
      culprit = .version
      instead = earlier
    case .pair:
      culprit = .pair
      instead = earlier
      deaths = deaths.filter { $0.input == input }
    case .input:
      culprit = .input
      let onInput = record.deaths.filter { $0.input == input }
      deaths = onInput
      versions += onInput.map(\.version).filter { $0.digest != own.digest }
    }
    var answers = others(question, record).suffix(ComponentRecord.Limit.evidenceCount / 2)
    answers += record.answers.filter { $0.input == input && $0.version.digest != own.digest }
      .suffix(1)
    return ComponentGuilt(
      culprit: culprit, versions: versions, input: input, agent: question.deaths.agent,
      instead: instead, since: Instant(nanoseconds: Clock.wallNanoseconds()),
      deaths: deaths.suffix(ComponentRecord.Limit.evidenceCount), answers: Array(answers))
  }
}
