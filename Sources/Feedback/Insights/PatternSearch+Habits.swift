internal import Model

/// Patterns of what an agent does when.
extension PatternSearch {
  func habits() -> [Candidate] {
    let sessions = sessions()
    return retries(sessions) + tools(sessions) + hours()
  }

  /// The operations of each session, in the order in which they began.
  ///
  /// Those without a session belong together until there is a pause of `sessionGapNanoseconds`.
  private func sessions() -> [[Int]] {
    var named: [Int32: [Int]] = [:]
    var unnamed: [[Int]] = []
    var end = Int64.min
    for (place, operation) in operations.enumerated() {
      if operation.session >= 0 {
        named[operation.session, default: []].append(place)
        continue
      }
      let isNew = unnamed.isEmpty || operation.first - end > InsightRules.sessionGapNanoseconds
      if isNew { unnamed.append([]) }
      unnamed[unnamed.count - 1].append(place)
      end = operation.last
    }
    return named.sorted { $0.key < $1.key }.map(\.value) + unnamed
  }

  /// Of the failed operations, those after which the session's next operation tries again.
  ///
  /// That is with the same tool and domain, as far as both say. Where no session is named and no
  /// domain said nobody can tell: the same interpreter runs quite different questions.
  private func retries(_ sessions: [[Int]]) -> [Candidate] {
    var group = Group()
    var succeeded = 0
    for session in sessions {
      for (index, place) in session.enumerated() where operations[place].isFailed {
        group.chances.append(place)
        guard index + 1 < session.count else { continue }
        let next = operations[session[index + 1]]
        guard isSame(operations[place], next) else { continue }
        group.occurrences.append(place)
        if next.isDecided && !next.isFailed { succeeded += 1 }
      }
    }
    return [
      Candidate(
        kind: .behavior, signature: "retry", title: "failures are tried again at once",
        occurrences: group.occurrences, chances: group.chances,
        lesson: .retry(succeeded: succeeded))
    ]
  }

  /// Whether nothing says that the second does something else, and something that it does the same.
  private func isSame(_ a: ObservedOperation, _ b: ObservedOperation) -> Bool {
    var isKnown = a.session >= 0
    for context in [OperationContext.tool, .domain] {
      if a.word(context) < 0 || b.word(context) < 0 { continue }
      if a.word(context) != b.word(context) { return false }
      if context == .domain { isKnown = true }
    }
    return isKnown
  }

  /// Where several tools are in use: of the operations that name one, those with this one; and of
  /// the operations with a tool that something follows in their session, those that this other tool
  /// follows.
  private func tools(_ sessions: [[Int]]) -> [Candidate] {
    let uses = group(chance: { $0.word(.tool) >= 0 }) { _ in true }.chances
    let byTool = Dictionary(grouping: uses) { operations[$0].word(.tool) }
    guard byTool.count > 1 else { return [] }
    let used = byTool.map { tool, places in
      let name = words[Int(tool)]
      return Candidate(
        kind: .behavior, signature: "tool:\(name)", title: "most work is done with \(name)",
        occurrences: places, chances: uses, lesson: .tool(name))
    }
    var followed: [Int32: [Int]] = [:]
    var pairs: [Pair: [Int]] = [:]
    for session in sessions {
      for (place, next) in zip(session, session.dropFirst()) {
        let pair = Pair(first: operations[place].word(.tool), then: operations[next].word(.tool))
        guard pair.first >= 0, pair.then >= 0 else { continue }
        followed[pair.first, default: []].append(place)
        if pair.first != pair.then { pairs[pair, default: []].append(place) }
      }
    }
    let sequences = pairs.map { pair, places in
      let (first, then) = (words[Int(pair.first)], words[Int(pair.then)])
      return Candidate(
        kind: .behavior, signature: "sequence:\(first)>\(then)", title: "\(then) follows \(first)",
        occurrences: places, chances: followed[pair.first] ?? [], lesson: .sequence(first, then))
    }
    return (used + sequences).sorted { $0.signature < $1.signature }
  }

  private struct Pair: Hashable {
    var first: Int32
    var then: Int32
  }

  /// Of all operations, those that begin in one hour of the day (UTC), where they do on
  /// `habitDaysMin` days at least.
  private func hours() -> [Candidate] {
    let hour: Int64 = 3_600_000_000_000
    let byHour = Dictionary(grouping: operations.indices) { place in
      Int(operations[place].first / hour % 24)
    }
    return byHour.filter { _, places in
      Set(places.map { operations[$0].first / Aggregates.dayNanoseconds }).count
        >= InsightRules.habitDaysMin
    }.sorted { $0.key < $1.key }.map { hour, places in
      Candidate(
        kind: .behavior, signature: "hour:\(hour)",
        title: "most work begins between \(hour):00 and \(hour + 1):00 UTC",
        occurrences: places, chances: Array(operations.indices), lesson: .hour(hour))
    }
  }
}
