internal import Linux
public import Model
public import Sandbox
import Synchronization

/// Hosts every registered component: reads the manifests, copies what they need, runs their calls.
///
/// Thread-safe and synchronous. A component that cannot be used is a status with its reason, never
/// an error of the host.
public final class ComponentHost: Sendable {
  let configuration: ComponentHostConfiguration
  let store: BundleStore
  let slots = Mutex<[String: ComponentSlot]>([:])
  let problems = Mutex<[Problem]>([])
  /// What was dropped in and is waited for: by unit what it lacks.
  let waiting = Mutex<[String: String]>([:])
  /// Components that people disabled, with the uid; a reload changes nothing about it.
  private let disabled = Mutex<[String: UInt32]>([:])
  /// Held by a reload; calls go on meanwhile.
  let reloading = Mutex(Reloading())
  let watch: DeadlineWatch
  /// Finds out who is guilty of deaths; nil where nothing is remembered.
  let inquests: Inquests?
  /// Lets one replay run at a time.
  let replays = CallGate()

  /// Reads all manifests; copies left over from an earlier run are removed.
  public init(_ configuration: ComponentHostConfiguration) throws(KaizenError) {
    self.configuration = configuration
    store = BundleStore(directory: configuration.bundleCopies)
    do throws(SystemError) {
      watch = try DeadlineWatch()
    } catch {
      throw KaizenError(
        "E_SYSTEM", "the component host found no thread: \(error)",
        hint: "raise the limit of processes (ulimit -u)")
    }
    inquests = configuration.memoryFile.map { [store, watch] in
      Inquests(ComponentMemory($0), configuration, store, watch)
    }
    reload(isFirst: true)
  }

  /// Has a component be called no more, until it is enabled; running calls end as they began.
  public func disable(_ name: String, by user: UInt32) {
    disabled.withLock { $0[name] = user }
  }

  /// Lets a component be called again, one that was left alone for its failures too: what was found
  /// guilty of them is skipped no more.
  public func enable(_ name: String) {
    disabled.withLock { $0[name] = nil }
    inquests?.memory.lift(name)
    slots.withLock { $0[name] }?.closeBreaker()
  }

  /// Components that people disabled, with the uid.
  public func disabledComponents() -> [String: UInt32] { disabled.withLock { $0 } }

  /// What keeps records of all calls; nil where nothing does.
  public var recorder: FlightRecorder? { configuration.recorder }

  // MARK: - What is there

  /// Every registered component, usable or not, by name.
  public func components() -> [ComponentStatus] {
    let disabled = disabled.withLock { $0 }
    return slots.withLock { $0 }.values.map { slot in
      var status = slot.status
      if let user = disabled[status.name] {
        status.disabledBy = user
        status.state = .disabled(
          "user \(user) disabled it; `kaizen plugins enable \(status.name)` undoes that")
      }
      return status
    }.sorted { $0.name < $1.name }
  }

  /// What is wrong with the file that remembers guilty inputs and versions, in one line.
  public var memoryNote: String? { inquests?.memory.note }

  /// What was dropped in and is waited for, with the reason; one line each.
  public func waitingReasons() -> [String] {
    waiting.withLock { $0 }.sorted { $0.key < $1.key }.map { _, lack in
      "\(lack); it is waited for \(Settling.partMax.components.seconds) s from its last change, "
        + "and what was there before runs on"
    }
  }

  /// What was found wrong with the manifests, warnings included.
  public func manifestProblems() -> [Problem] { problems.withLock { $0 } }

  /// The manifests of the components of one kind that can be called, by id.
  public func ready(_ kind: ComponentKind) -> [ComponentManifest] {
    let disabled = disabled.withLock { $0 }
    return slots.withLock { $0 }.values
      // A plan made with a broken applier would fail; the others say for themselves why they do.
      .filter { $0.runner != nil && !(kind == .applier && $0.isBroken) }
      .compactMap(\.current?.manifest)
      .filter { $0.kind == kind && disabled[$0.id.text] == nil }.sorted { $0.id < $1.id }
  }

  // MARK: - Calls

  /// Has an analyzer look at an agent; `stop` ends the call early, as its deadline would.
  public func analyze(
    _ component: ComponentID, _ input: AnalysisInput, stop: StopToken? = nil
  ) throws(KaizenError) -> AnalysisOutput {
    let answers = try call(component, CallRequest(work: .analyze(input), stop: stop))
    return AnalysisOutput(opportunities: answers.opportunities, remarks: answers.remarks)
  }

  /// Has an applier change a clone; what changed is for the caller to find out.
  public func apply(
    _ component: ComponentID, _ input: ApplyInput, stop: StopToken? = nil
  ) throws(KaizenError) -> ApplyOutput {
    ApplyOutput(
      remarks: try call(component, CallRequest(work: .apply(input), stop: stop)).remarks)
  }

  /// Has a scorer judge files.
  public func score(
    _ component: ComponentID, _ input: ScoreInput, stop: StopToken? = nil
  ) throws(KaizenError) -> ScoreOutput {
    let answers = try call(component, CallRequest(work: .score(input), stop: stop))
    return ScoreOutput(
      dimensions: answers.dimensions, findings: answers.findings, remarks: answers.remarks)
  }

  private func call(
    _ component: ComponentID, _ request: CallRequest
  ) throws(KaizenError) -> AnswerCollector {
    guard let slot = slots.withLock({ $0[component.text] }) else {
      throw KaizenError(
        "E_PLUGIN_UNKNOWN", "no component \"\(component)\" is registered",
        hint: "`kaizen plugins list` shows those that are")
    }
    if let user = disabled.withLock({ $0[component.text] }) {
      throw KaizenError(
        "E_PLUGIN_DISABLED", "user \(user) disabled \(component)",
        hint: "`kaizen plugins enable \(component)` undoes that")
    }
    return try slot.call(request, configuration)
  }
}
