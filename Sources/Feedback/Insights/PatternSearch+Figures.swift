internal import Model

/// Patterns of what operations are worth and what they cost.
extension PatternSearch {
  /// Dimensions that score low, or high.
  ///
  /// Of the operations with a score of the dimension, those whose mean score is below `qualityLow`,
  /// or at least `qualityHigh`. Ratings, coverage, security and documentation records are dimensions
  /// too.
  /// - Complexity: O(scores); an agent may name thousands of dimensions.
  func scores() -> [Candidate] {
    var means: [Int32: [(place: Int, mean: Double)]] = [:]
    for (place, operation) in operations.enumerated() {
      for (dimension, score) in operation.scores {
        means[dimension, default: []].append((place, score.mean))
      }
    }
    // Scores are kept as 32-bit numbers: 0.8 must not count as below 0.8.
    let rounding = 1e-6
    return means.sorted { $0.key < $1.key }.flatMap { dimension, scored -> [Candidate] in
      let name = words[Int(dimension)]
      func candidate(
        _ side: String, _ title: String, _ lesson: Lesson, _ occurs: (Double) -> Bool
      ) -> Candidate {
        Candidate(
          kind: .quality, signature: "\(side):\(name)", title: title,
          occurrences: scored.filter { occurs($0.mean) }.map(\.place),
          chances: scored.map(\.place), lesson: lesson)
      }
      return [
        candidate("low", "\(name) scores below \(rules.qualityLow)", .lowScore(name)) {
          $0 < rules.qualityLow - rounding
        },
        candidate("high", "\(name) scores \(rules.qualityHigh) or more", .highScore(name)) {
          $0 >= rules.qualityHigh - rounding
        },
      ]
    }
  }

  /// Operations that take too long or too much.
  ///
  /// Of the operations with a duration, those above the agent's SLA; where that is no pattern of all
  /// of them, so for each domain, model, complexity and tool. Of the operations with a figure, those
  /// above the limit of memory or CPU.
  func performance() -> [Candidate] {
    let isTimed: (ObservedOperation) -> Bool = { !$0.duration.isNaN }
    let isSlow: (ObservedOperation) -> Bool = { Double($0.duration) > serviceLevel }
    let limit = "\(Int(serviceLevel.rounded())) ms"
    let all = group(chance: isTimed, occurs: isSlow)
    var found = [
      Candidate(
        kind: .performance, signature: "slow", title: "operations take over \(limit)",
        occurrences: all.occurrences, chances: all.chances, lesson: .slow(nil, ""))
    ]
    if Double(all.occurrences.count) < rules.confidenceMin * Double(all.chances.count) {
      found = OperationContext.allCases.flatMap { context in
        groups(by: { $0.word(context) }, chance: isTimed, occurs: isSlow).map { name, group in
          Candidate(
            kind: .performance, signature: "slow:\(context.rawValue):\(name)",
            title: "operations of \(context.rawValue) \(name) take over \(limit)",
            occurrences: group.occurrences, chances: group.chances, lesson: .slow(context, name))
        }
      }
    }
    return found + resources()
  }

  private func resources() -> [Candidate] {
    let memory = group(chance: { !$0.memory.isNaN }) {
      Double($0.memory) > rules.memoryMegabytesMax
    }
    let cpu = group(chance: { !$0.cpu.isNaN }) { Double($0.cpu) > rules.cpuPercentMax }
    return [
      Candidate(
        kind: .performance, signature: "memory",
        title: "operations take over \(Int(rules.memoryMegabytesMax)) MiB of memory",
        occurrences: memory.occurrences, chances: memory.chances, lesson: .memory),
      Candidate(
        kind: .performance, signature: "cpu",
        title: "operations keep over \(Int(rules.cpuPercentMax)) % of a CPU busy",
        occurrences: cpu.occurrences, chances: cpu.chances, lesson: .cpu),
    ]
  }
}
