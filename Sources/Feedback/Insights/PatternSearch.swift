internal import Glibc
internal import Model
internal import Statistics

/// Looks for patterns in the operations of one agent; pure.
///
/// Everything is counted in operations, each once. What counts as an occurrence, and which
/// operations had the chance, stands at each search: failures, successes, scores, response times and
/// resources, and habits.
struct PatternSearch {
  let agent: AgentID
  let rules: InsightRules
  /// Response time that is too long, in milliseconds.
  let serviceLevel: Double
  let words: [String]
  /// In the order in which they began.
  let operations: [ObservedOperation]

  /// A shape that may be a pattern, in places of `operations`.
  struct Candidate {
    var kind: Pattern.Kind
    /// What makes it this pattern and no other of its agent and kind.
    var signature: String
    var title: String
    var occurrences: [Int]
    var chances: [Int]
    var lesson: Lesson
  }

  /// What the learning of a pattern is about.
  enum Lesson {
    case errorType(String)
    case errorText
    case gap(CapabilityGap)
    case failingContext(OperationContext, String)
    case succeedingContext(OperationContext, String)
    case succeeding
    case lowScore(String)
    case highScore(String)
    case slow(OperationContext?, String)
    case memory
    case cpu
    case retry(succeeded: Int)
    case sequence(String, String)
    case tool(String)
    case hour(Int)
  }

  /// A candidate that passed, with its figures.
  struct Found {
    var candidate: Candidate
    var confidence: Double
    var lowerBound: Double
    var trend: Trend?
  }

  /// The patterns, the surest first; at most `InsightRules.patternsMax`.
  func run() -> [Found] {
    let candidates = failures() + successes() + scores() + performance() + habits()
    let found = candidates.compactMap(judge)
      .sorted {
        ($1.lowerBound, $1.candidate.occurrences.count, $0.candidate.signature)
          < ($0.lowerBound, $0.candidate.occurrences.count, $1.candidate.signature)
      }
    return Array(found.prefix(InsightRules.patternsMax))
  }

  /// The documented thresholds, and the Wilson lower bound beside.
  private func judge(_ candidate: Candidate) -> Found? {
    let (count, chances) = (candidate.occurrences.count, candidate.chances.count)
    guard count >= rules.frequencyMin, chances > 0,
      let interval = WilsonInterval(successes: count, trials: chances)
    else { return nil }
    let confidence = Double(count) / Double(chances)
    guard confidence >= rules.confidenceMin else { return nil }
    return Found(
      candidate: candidate, confidence: confidence, lowerBound: interval.lower,
      trend: trend(candidate))
  }

  /// How the daily share of occurrences moves; nil below five days with chances.
  private func trend(_ candidate: Candidate) -> Trend? {
    var days: [Int64: (occurrences: Int, chances: Int)] = [:]
    for place in candidate.chances { days[day(place), default: (0, 0)].chances += 1 }
    for place in candidate.occurrences { days[day(place), default: (0, 0)].occurrences += 1 }
    let shares = days.filter { $0.value.chances > 0 }.sorted { $0.key < $1.key }.map {
      (time: Double($0.key), value: Double($0.value.occurrences) / Double($0.value.chances))
    }
    guard let test = MannKendall(shares.map(\.value)), let line = TheilSen(shares) else {
      return nil
    }
    return Trend(slopePerDay: line.slope, pValue: test.pValue, dayCount: shares.count)
  }

  private func day(_ place: Int) -> Int64 { operations[place].first / Aggregates.dayNanoseconds }

  /// Occurrences and chances.
  struct Group {
    var occurrences: [Int] = []
    var chances: [Int] = []
  }

  /// The operations with a chance, grouped by the word `key` gives of each; those without one are in
  /// no group.
  func groups(
    by key: (ObservedOperation) -> Int32, chance: (ObservedOperation) -> Bool,
    occurs: (ObservedOperation) -> Bool
  ) -> [(word: String, group: Group)] {
    var groups: [Int32: Group] = [:]
    for (place, operation) in operations.enumerated() where chance(operation) {
      let word = key(operation)
      if word < 0 { continue }
      groups[word, default: Group()].chances.append(place)
      if occurs(operation) { groups[word, default: Group()].occurrences.append(place) }
    }
    return groups.map { (words[Int($0.key)], $0.value) }.sorted { $0.word < $1.word }
  }

  /// The operations for which `chance` holds, and of these the ones for which `occurs` does.
  func group(
    chance: (ObservedOperation) -> Bool, occurs: (ObservedOperation) -> Bool
  ) -> Group {
    var group = Group()
    for (place, operation) in operations.enumerated() where chance(operation) {
      group.chances.append(place)
      if occurs(operation) { group.occurrences.append(place) }
    }
    return group
  }

  /// The text of a word's number.
  func text(_ word: Int32) -> String? { word < 0 ? nil : words[Int(word)] }
}
