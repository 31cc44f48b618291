internal import Linux
import Model

/// What is remembered of one component: versions that worked, deaths, answers, and who is guilty.
struct ComponentRecord: Hashable, Sendable {
  /// How much is remembered.
  enum Limit {
    /// Versions that worked: the one that runs, and the one before it.
    static let goodCount = 2
    /// Inputs that a version died on.
    static let deathsCount = 16
    /// Calls that were answered, each input once.
    static let answerCount = 8
    /// Skipped inputs and versions; beyond that the oldest is tried again.
    static let guiltCount = 32
    /// Deaths, and answers, that one finding shows.
    static let evidenceCount = 4
    /// Bytes of what a death said.
    static let messageBytes = 1000
    /// How long a death counts against a version.
    static let deathsFor: Duration = .seconds(86_400)
  }

  /// A version that has answered.
  struct Good: Hashable, Sendable {
    var version: ComponentGuilt.Version
    /// Whether a copy of it is kept, so that it can be called again.
    var isKept: Bool
  }

  /// One call that ended.
  struct Event: Sendable {
    var version: ComponentGuilt.Version
    var input: String
    var agent: String
    var time: Instant
    var isExperiment = false
  }

  /// The newest first.
  var good: [Good] = []
  /// The newest last.
  var deaths: [ComponentGuilt.Deaths] = []
  /// The newest last.
  var answers: [ComponentGuilt.Answer] = []
  /// The newest last.
  var guilty: [ComponentGuilt] = []
  /// Since when no manifest registers it.
  var absentSince: Instant?

  /// What keeps the version `digest` from being called with `input`.
  func guilt(_ digest: String, _ input: String) -> ComponentGuilt? {
    guilty.first { $0.applies(to: digest, input) }
  }

  /// What keeps the version `digest` from being called at all.
  func guilt(ofVersion digest: String) -> ComponentGuilt? {
    guilty.first { $0.culprit == .version && $0.applies(to: digest, "") }
  }

  /// The last version that worked and can be called again, other than `digest`.
  func lastGood(otherThan digest: String) -> ComponentGuilt.Version? {
    good.first {
      $0.isKept && $0.version.digest != digest && guilt(ofVersion: $0.version.digest) == nil
    }?.version
  }

  /// Notes that a call was answered.
  /// - Returns: whether that must survive a restart: the version worked for the first time.
  mutating func answered(_ event: Event, isKept: Bool) -> Bool {
    deaths.removeAll { $0.version.digest == event.version.digest && $0.input == event.input }
    answers.removeAll { $0.version.digest == event.version.digest && $0.input == event.input }
    answers.append(
      ComponentGuilt.Answer(
        version: event.version, input: event.input, agent: event.agent, time: event.time,
        isExperiment: event.isExperiment))
    if answers.count > Limit.answerCount { answers.removeFirst() }
    if good.contains(where: { $0.version.digest == event.version.digest }) { return false }
    if guilt(ofVersion: event.version.digest) != nil { return false }
    good.insert(Good(version: event.version, isKept: isKept), at: 0)
    if good.count > Limit.goodCount { good.removeLast() }
    return true
  }

  /// Notes that a call ended in the component's death.
  /// - Returns: all deaths of this version on this input.
  @discardableResult
  mutating func died(_ event: Event, _ error: KaizenError) -> ComponentGuilt.Deaths {
    deaths.removeAll { event.time - $0.last > Limit.deathsFor }
    let message = AnswerCollector.cut(
      AnswerCollector.oneLine(error.message), Limit.messageBytes)
    var entry = ComponentGuilt.Deaths(
      version: event.version, input: event.input, agent: event.agent, count: 0,
      first: event.time, last: event.time, code: error.code.rawValue, message: message)
    let index = deaths.firstIndex {
      $0.version.digest == event.version.digest && $0.input == event.input
    }
    if let index {
      let before = deaths.remove(at: index)
      (entry.count, entry.first) = (before.count, before.first)
    }
    entry.count += 1
    deaths.append(entry)
    if deaths.count > Limit.deathsCount { deaths.removeFirst() }
    return entry
  }

  /// The deaths of one version, the newest last.
  func deaths(of digest: String) -> [ComponentGuilt.Deaths] {
    deaths.filter { $0.version.digest == digest }
  }

  /// Whether the death that `entry` counts last makes it time to find out who is guilty.
  ///
  /// The same input killed it often enough, or so many different ones did.
  func isQuestionDue(_ entry: ComponentGuilt.Deaths, failureCount: Int) -> Bool {
    if entry.count.isMultiple(of: failureCount) { return true }
    return entry.count == 1 && deaths(of: entry.version.digest).count >= max(2, failureCount)
  }

  /// Adds what was found; of the same thing the newest finding stands.
  mutating func add(_ guilt: ComponentGuilt) {
    guilty.removeAll {
      $0.culprit == guilt.culprit && $0.versions.first == guilt.versions.first
        && ($0.culprit == .version || $0.input == guilt.input)
    }
    // Where no version answers an input, none is called for another.
    if guilt.culprit == .input {
      guilty.removeAll { $0.culprit == .pair && $0.input == guilt.input }
    }
    guilty.append(guilt)
    if guilty.count > Limit.guiltCount { guilty.removeFirst() }
    if guilt.culprit == .version {
      good.removeAll { $0.version.digest == guilt.versions.first?.digest }
    }
  }

  /// Forgets everything held against the component.
  mutating func lift() {
    guilty = []
    deaths = []
  }

  /// Forgets a version whose copy cannot be used any more.
  mutating func forget(_ digest: String) {
    good.removeAll { $0.version.digest == digest }
    guilty.removeAll { $0.instead?.digest == digest }
  }

  /// Starts a new version clean: what is held against versions that are neither registered nor the
  /// last good one is forgotten.
  mutating func registered(_ digest: String) {
    let living = Set(good.map(\.version.digest)).union([digest])
    guilty.removeAll { guilt in !guilt.versions.contains { living.contains($0.digest) } }
    deaths.removeAll { !living.contains($0.version.digest) }
    answers.removeAll { !living.contains($0.version.digest) }
  }
}
