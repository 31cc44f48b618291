internal import Model

/// Patterns of how operations end.
extension PatternSearch {
  /// What failures have in common, and where operations fail.
  ///
  /// - An error type or text: of all failed operations, those that ended with it.
  /// - A gap: of the failed operations that lacked something of that category (a module, a
  ///   command), those that lacked this one.
  /// - A domain, model, complexity or tool: of its operations, those that failed.
  func failures() -> [Candidate] {
    let failed = operations.indices.filter { operations[$0].isFailed }
    let types = groups(by: \.errorType, chance: \.isFailed) { _ in true }
    let texts = groups(by: \.template, chance: \.isFailed) { _ in true }
    let gaps = gaps(failed)
    // What says the same of the same operations is said once, by the most telling.
    let told = Set((types.map(\.group.occurrences)) + gaps.map(\.occurrences))
    var found = types.map { type, group in
      Candidate(
        kind: .failure, signature: "error:" + type, title: "failures end in \(type)",
        occurrences: group.occurrences, chances: failed, lesson: .errorType(type))
    }
    found += texts.filter { !told.contains($0.group.occurrences) }.map { text, group in
      Candidate(
        kind: .failure, signature: "text:" + text, title: "failures say \"\(text)\"",
        occurrences: group.occurrences, chances: failed, lesson: .errorText)
    }
    return found + gaps + contexts(.failure, occurs: \.isFailed)
  }

  private func gaps(_ failed: [Int]) -> [Candidate] {
    var byGap: [CapabilityGap: [Int]] = [:]
    var byCategory: [CapabilityGap.Category: [Int]] = [:]
    for place in failed {
      let operation = operations[place]
      let gap = CapabilityGap(
        text: text(operation.text), errorType: text(operation.errorType),
        tool: text(operation.word(.tool)))
      guard let gap else { continue }
      byGap[gap, default: []].append(place)
      byCategory[gap.category, default: []].append(place)
    }
    return byGap.map { gap, places in
      Candidate(
        kind: .failure, signature: "gap:\(gap.category.rawValue):\(gap.name)",
        title: "\(gap.category.rawValue) \(gap.name) is missing", occurrences: places,
        chances: byCategory[gap.category] ?? [], lesson: .gap(gap))
    }.sorted { $0.signature < $1.signature }
  }

  /// Where operations succeed: of the operations of a domain, model, complexity or tool, those that
  /// succeeded; of all operations where none of these is ever said.
  func successes() -> [Candidate] {
    let found = contexts(.success) { !$0.isFailed }
    if !found.isEmpty { return found }
    let all = group(chance: \.isDecided) { !$0.isFailed }
    return [
      Candidate(
        kind: .success, signature: "all", title: "operations succeed",
        occurrences: all.occurrences, chances: all.chances, lesson: .succeeding)
    ]
  }

  private func contexts(
    _ kind: Pattern.Kind, occurs: (ObservedOperation) -> Bool
  ) -> [Candidate] {
    OperationContext.allCases.flatMap { context in
      groups(by: { $0.word(context) }, chance: \.isDecided, occurs: occurs).map { name, group in
        let verb = kind == .failure ? "fail" : "succeed"
        return Candidate(
          kind: kind, signature: "\(context.rawValue):\(name)",
          title: "operations of \(context.rawValue) \(name) \(verb)",
          occurrences: group.occurrences, chances: group.chances,
          lesson: kind == .failure
            ? .failingContext(context, name) : .succeedingContext(context, name))
      }
    }
  }
}
