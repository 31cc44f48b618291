/// The newest records of one agent, and the words in them.
struct AgentJournal: Sendable {
  /// Most records of one agent.
  static let observationsMax = 16_384
  /// Most distinct words: error texts, tools, sessions and the like.
  static let wordsMax = 8192

  private(set) var observations: [Observation] = []
  private(set) var words: [String] = []
  private var indexes: [String: Int32] = [:]
  /// Words that found no room; what they stood in counts without them.
  private(set) var lostWords = 0
  /// Whether records came since the last search.
  var hasNews = false
  /// When the last search was, in nanoseconds since 1970.
  var searchedAt = Int64.min

  /// The number of a word; −1 for none, or without room.
  mutating func index(_ word: String?) -> Int32 {
    guard let word, !word.isEmpty else { return -1 }
    if let known = indexes[word] { return known }
    guard words.count < Self.wordsMax else {
      lostWords += 1
      return -1
    }
    indexes[word] = Int32(words.count)
    words.append(word)
    return Int32(words.count - 1)
  }

  /// Adds a record; the caller made its words numbers with `index`.
  /// - Complexity: O(1) amortized.
  mutating func append(_ observation: Observation) {
    observations.append(observation)
    hasNews = true
    if observations.count > Self.observationsMax { dropOldest(Self.observationsMax / 4) }
  }

  /// Drops the `count` records that came first, and the words that stood in no other.
  mutating func dropOldest(_ count: Int) {
    observations.removeFirst(min(count, observations.count))
    forgetWords()
  }

  /// Drops what happened before `time`.
  mutating func dropBefore(_ time: Int64) {
    let before = observations.count
    observations.removeAll { $0.time < time }
    if observations.count < before { forgetWords() }
  }

  /// Makes room for a batch of records where there is little; called between batches only, because
  /// it gives words new numbers.
  mutating func tidy() {
    if words.count > Self.wordsMax / 4 * 3 { forgetWords() }
  }

  private mutating func forgetWords() {
    var records = observations
    observations = []  // so that the records are not copied
    let old = words
    words = []
    indexes = [:]
    for place in records.indices { renew(&records[place], old) }
    observations = records
  }

  private mutating func renew(_ record: inout Observation, _ old: [String]) {
    renew(&record.errorType, old)
    renew(&record.template, old)
    renew(&record.text, old)
    renew(&record.domain, old)
    renew(&record.model, old)
    renew(&record.complexity, old)
    renew(&record.tool, old)
    renew(&record.session, old)
    for score in record.scores.indices { renew(&record.scores[score].dimension, old) }
  }

  private mutating func renew(_ word: inout Int32, _ old: [String]) {
    if word >= 0 { word = index(old[Int(word)]) }
  }
}
