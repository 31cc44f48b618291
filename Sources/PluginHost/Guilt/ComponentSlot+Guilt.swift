internal import Linux
import Model
import Synchronization

// What a slot does about deaths: which version a call gets, and who is asked for the guilty.

extension ComponentSlot {
  /// Versions looked at for one call: the registered one, and those remembered as good.
  private static let versionCountMax = 1 + ComponentRecord.Limit.goodCount

  /// The last call that was answered, kept to be tried again.
  var lastGood: Inquests.Kept? { lastGoodCall.withLock { $0 } }

  /// The version that is called where nothing speaks against the input.
  var current: ComponentVersion? {
    guard var version = own else { return nil }
    guard let memory = inquests?.memory else { return version }
    let id = version.manifest.id
    for _ in 1..<Self.versionCountMax {
      guard let guilt = memory.guilt(id.text, ofVersion: version.name.digest),
        let next = earlier(instead: guilt, id)
      else { break }
      version = next
    }
    return version
  }

  /// Everything that is skipped.
  var guilt: [ComponentGuilt] { inquests?.memory.record(registration.name).guilty ?? [] }

  /// The version that a call with `fingerprint` gets, and what made it another than the own one.
  /// - Throws: `E_PLUGIN_SKIPPED` where no version gets it.
  func version(
    for fingerprint: String, _ own: ComponentVersion
  ) throws(KaizenError) -> (ComponentVersion, ComponentGuilt?) {
    guard let memory = inquests?.memory else { return (own, nil) }
    let id = own.manifest.id
    var version = own
    var reason: ComponentGuilt?
    for _ in 0..<Self.versionCountMax {
      guard let guilt = memory.guilt(id.text, version.name.digest, fingerprint) else { break }
      guard let next = earlier(instead: guilt, id) else {
        // A version that nothing can stand in for any more runs, under its breaker.
        if guilt.culprit == .version { break }
        throw guilt.error(id)
      }
      version = next
      reason = reason ?? guilt
    }
    return (version, reason)
  }

  /// The version that is called instead; nil where there is none, it cannot be had, or it may do
  /// more than the registered one, which is all that people agreed to and plans were made with.
  private func earlier(instead guilt: ComponentGuilt, _ id: ComponentID) -> ComponentVersion? {
    guard let name = guilt.instead, let inquests, let installed = own?.manifest else {
      return nil
    }
    if let version = earlier.withLock({ $0[name.digest] }) {
      return version.manifest.mayDoMore(than: installed) ? nil : version
    }
    do throws(KaizenError) {
      let made = try inquests.version(name, of: id, installed.kind)
      let version: ComponentVersion = earlier.withLock { earlier in
        // Somebody else may have made it meanwhile: of each version one runs.
        if let version = earlier[name.digest] { return version }
        if earlier.count == ComponentRecord.Limit.goodCount { earlier = [:] }
        earlier[name.digest] = made
        return made
      }
      return version.manifest.mayDoMore(than: installed) ? nil : version
    } catch {
      inquests.memory.forget(id.text, name.digest)
      return nil
    }
  }

  /// Remembers how a call ended, and has the guilty found out where it is time.
  /// - Returns: whether something was found at once.
  func remember(
    _ version: ComponentVersion, _ request: CallRequest, _ fingerprint: String,
    _ failure: KaizenError?, hasOpened: Bool, _ configuration: ComponentHostConfiguration
  ) -> Bool {
    guard let inquests else { return false }
    let id = version.manifest.id.text
    let event = ComponentRecord.Event(
      version: version.name, input: fingerprint, agent: request.context.agent.text,
      time: Instant(nanoseconds: Clock.wallNanoseconds()))
    guard let failure else {
      inquests.memory.answered(id, event, isKept: version.isKept)
      keep(request, fingerprint)
      return false
    }
    if !Breaker.counts(failure) { return false }
    let deaths = inquests.memory.died(id, event, failure)
    let failureCount = version.breaker.withLock { $0.rules.failureCount }
    let isDue =
      hasOpened
      || inquests.memory.record(id).isQuestionDue(deaths, failureCount: failureCount)
    if !isDue { return false }
    return ask(
      Inquests.Question(version: version, request: request, deaths: deaths, lastGood: lastGood),
      inquests, configuration)
  }

  /// Finds out at once where that takes no calls, else on a thread of its own.
  private func ask(
    _ question: Inquests.Question, _ inquests: Inquests,
    _ configuration: ComponentHostConfiguration
  ) -> Bool {
    // Decided once: whoever is in a call's gate never waits for trials.
    if !inquests.takesExperiments(question) {
      return conclude(question, mayTry: false, inquests, configuration)
    }
    let isFree = isExamined.withLock { isExamined in
      defer { isExamined = true }
      return !isExamined
    }
    if !isFree { return false }
    let body: @Sendable () -> Void = { [self] in
      _ = conclude(question, mayTry: true, inquests, configuration)
      isExamined.withLock { $0 = false }
    }
    // Without a thread the breaker alone protects; the next death asks again.
    if (try? BlockingThread(name: "kz-inquest", body)) == nil {
      isExamined.withLock { $0 = false }
    }
    return false
  }

  private func conclude(
    _ question: Inquests.Question, mayTry: Bool, _ inquests: Inquests,
    _ configuration: ComponentHostConfiguration
  ) -> Bool {
    guard let guilt = inquests.examine(question, mayTry: mayTry) else { return false }
    let id = question.version.manifest.id
    inquests.memory.add(id.text, guilt)
    // What is skipped now is what kept it from being called.
    question.version.closeBreaker()
    configuration.onGuilt(GuiltFound(component: id, guilt: guilt))
    return true
  }

  /// Notes that the own version died when it was loaded: the last good one stands in for it.
  func tellLoadFailure(_ configuration: ComponentHostConfiguration) {
    guard let own, let loadFailure, let inquests else { return }
    let id = own.manifest.id
    let guilt = inquests.loadGuilt(own, loadFailure)
    guard let guilt else { return }
    inquests.memory.add(id.text, guilt)
    configuration.onGuilt(GuiltFound(component: id, guilt: guilt))
  }

  /// Keeps a call that was answered, unless it is too large or trying it would write.
  private func keep(_ request: CallRequest, _ fingerprint: String) {
    switch request.work {
    case .apply: return
    case .analyze(let input):
      if let window = input.window, window.rowCount > Inquests.rowCountMax { return }
    case .score: break
    }
    var request = request
    request.stop = nil
    lastGoodCall.withLock { $0 = Inquests.Kept(request: request, fingerprint: fingerprint) }
  }
}
