internal import Model

/// Puts a pattern's lesson into words: what was seen, with its figures, and what to do about it.
struct LessonText {
  typealias Lesson = (kind: Learning.Kind, title: String, text: String)

  private let found: PatternSearch.Found
  private let search: PatternSearch

  init(_ found: PatternSearch.Found, _ search: PatternSearch) {
    self.found = found
    self.search = search
  }

  /// Text that may stand in a Markdown file without being more than text.
  ///
  /// Error texts come from outside: what could open a comment, a tag or a code block is taken out.
  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { !"`<>\n\r".unicodeScalars.contains($0) }))
  }

  /// `6 of 8`.
  private var share: String {
    "\(found.candidate.occurrences.count) of \(found.candidate.chances.count)"
  }

  private var days: String { "in \(search.rules.windowDays) days" }

  func lesson() -> Lesson? {
    switch found.candidate.lesson {
    case .errorType(let type): errorType(type)
    case .errorText: errorText()
    case .gap(let gap): self.gap(gap)
    case .failingContext(let context, let name): failing(context, name)
    case .succeedingContext(let context, let name): succeeding(context, name)
    case .succeeding:
      (
        .positiveReinforcement, "keep working as now",
        "\(share) operations \(days) succeeded\(typically). Keep the present way of working, and "
          + "change one thing at a time."
      )
    case .lowScore(let name): lowScore(name)
    case .highScore: nil
    case .slow(let context, let name): slow(context, name)
    case .memory: resource("memory", figures(\.memory), "MiB", "Work in parts, and free each one.")
    case .cpu:
      resource("the CPU", figures(\.cpu), "%", "Keep what was computed, and wait without polling.")
    case .retry(let succeeded): retry(succeeded)
    case .sequence(let first, let then):
      (
        .patternRecognition, "\(then) follows \(first)",
        "\(then) came next after \(share) uses of \(first) \(days): prepare what \(then) needs "
          + "while \(first) runs, or do both in one step."
      )
    case .tool(let name):
      (
        .patternRecognition, "\(name) does most of the work",
        "\(share) operations with a tool used \(name) \(days)\(typically): describe it first "
          + "among the tools, and make sure of it before anything else."
      )
    case .hour(let hour):
      (
        .patternRecognition, "most work begins between \(hour):00 and \(hour + 1):00 UTC",
        "\(share) operations \(days) began between \(hour):00 and \(hour + 1):00 UTC: have all "
          + "ready before, and leave maintenance to other hours."
      )
    }
  }

  // MARK: Failures

  // The advice comes first: where a text is cut, its figures go.

  private func errorType(_ type: String) -> Lesson {
    let said = sampleText.map { ", last: \"\($0)\"" } ?? ""
    return (
      .errorAvoidance, "avoid \(type)",
      Advice.text(for: type + " " + (sampleText ?? ""))
        + " \(share) failures \(days) ended in \(type)\(mostly)\(said)."
    )
  }

  private func errorText() -> Lesson {
    let said = sampleText ?? ""
    return (
      .errorAvoidance, "avoid \"\(ErrorLine.cut(said, 60))\"",
      Advice.text(for: said) + " \(share) failures \(days) ended with \"\(said)\"\(mostly)."
    )
  }

  private func gap(_ gap: CapabilityGap) -> Lesson {
    let (name, count) = (gap.name, found.candidate.occurrences.count)
    let (title, advice) =
      switch gap.category {
      case .module:
        (
          "module \(name) is missing",
          "Declare \(name) as a dependency and install it, or do without."
        )
      case .command:
        (
          "command \(name) is missing",
          "Install \(name) where the agent runs, or use what is there."
        )
      case .tool:
        ("tool \(name) does not exist", "Use only the tools that are declared, or declare \(name).")
      case .permission:
        (
          "no permission for \(name)",
          "Work on files of your own, or ask for access to \(name) first."
        )
      }
    return (
      .skillEnhancement, title, "\(advice) \(count) operations \(days) failed for it\(mostly)."
    )
  }

  private func failing(_ context: OperationContext, _ name: String) -> Lesson {
    let type = mostFrequent(\.errorType).map { ", most often with \($0)" } ?? ""
    return (
      .errorAvoidance, "take care with \(context.rawValue) \(name)",
      Advice.text(for: sampleText ?? "")
        + " \(share) operations of \(context.rawValue) \(name) failed \(days)\(type)\(elsewhere)."
    )
  }

  // MARK: Successes and scores

  private func succeeding(_ context: OperationContext, _ name: String) -> Lesson {
    (
      .positiveReinforcement, "\(context.rawValue) \(name) works",
      "\(share) operations of \(context.rawValue) \(name) succeeded \(days)\(typically)\(elsewhere). "
        + (context == .domain || context == .complexity
          ? "Keep the way of working that is used there." : "Prefer it where there is a choice.")
    )
  }

  private func lowScore(_ name: String) -> Lesson {
    let word = search.words.firstIndex(of: name).map(Int32.init) ?? -1
    let means = found.candidate.chances.compactMap { search.operations[$0].scores[word]?.mean }
    let mean = means.isEmpty ? 0 : means.reduce(0, +) / Double(means.count)
    return (
      .optimization, "improve \(name)",
      "\(name) scored below \(search.rules.qualityLow) in \(share) operations \(days), "
        + "\(Self.figure(mean, 2)) on average\(mostly). Check \(name) before an answer is given, and "
        + "mend what lowers it."
    )
  }

  // MARK: Performance and habits

  private func slow(_ context: OperationContext?, _ name: String) -> Lesson {
    let whose = context.map { " of \($0.rawValue) \(name)" } ?? ""
    let median = figures(\.duration)
    return (
      .optimization, "make operations\(whose) faster",
      "\(share) operations\(whose) took over \(Int(search.serviceLevel.rounded())) ms \(days), "
        + "\(Self.figure(median, 0)) ms in the middle\(mostly). Do less in one operation, keep what "
        + "is asked for again, and run in parallel what does not depend on another."
    )
  }

  private func resource(_ what: String, _ median: Double, _ unit: String, _ advice: String)
    -> Lesson
  {
    (
      .optimization, "use less of \(what)",
      "\(found.candidate.title.prefix(1).uppercased() + found.candidate.title.dropFirst()) in "
        + "\(share) cases \(days), \(Self.figure(median, 0)) \(unit) in the middle\(mostly). \(advice)"
    )
  }

  private func retry(_ succeeded: Int) -> Lesson {
    let count = found.candidate.occurrences.count
    let helps = 2 * succeeded >= count
    return (
      .patternRecognition,
      helps ? "a second attempt often succeeds" : "trying the same again seldom helps",
      "\(share) failures \(days) were tried again at once, and \(succeeded) of these \(count) "
        + "attempts succeeded. "
        + (helps
          ? "Try once more, after a short pause, before a failure is reported."
          : "Change something before trying again: the input, the tool or the way.")
    )
  }

  // MARK: What the occurrences have in common

  /// `, most of them of domain billing`, of the first context that 60 % of the occurrences share.
  private var mostly: String {
    let occurrences = found.candidate.occurrences
    for context in OperationContext.allCases {
      var counts: [Int32: Int] = [:]
      for place in occurrences { counts[search.operations[place].word(context), default: 0] += 1 }
      let most = counts.filter { $0.key >= 0 }.max { ($0.value, $1.key) < ($1.value, $0.key) }
      if let most, 5 * most.value >= 3 * occurrences.count {
        return ", \(most.value) of them with \(context.rawValue) \(search.words[Int(most.key)])"
      }
    }
    return ""
  }

  /// `, in 320 ms in the middle`, where durations are known.
  private var typically: String {
    let median = figures(\.duration)
    return median.isNaN ? "" : ", in \(Self.figure(median, 0)) ms in the middle"
  }

  /// `, against 40 % elsewhere`: the share in the operations that are in another group.
  private var elsewhere: String {
    let inside = Set(found.candidate.chances)
    let others = search.operations.indices.filter {
      !inside.contains($0) && search.operations[$0].isDecided
    }
    if others.count < search.rules.frequencyMin { return "" }
    let isFailure = found.candidate.kind == .failure
    let count = others.count { search.operations[$0].isFailed == isFailure }
    return ", against \(count) of \(others.count) elsewhere"
  }

  private var sampleText: String? {
    let last = found.candidate.occurrences.last { search.operations[$0].text >= 0 }
    return last.map { search.words[Int(search.operations[$0].text)] }
  }

  private func mostFrequent(_ word: KeyPath<ObservedOperation, Int32>) -> String? {
    var counts: [Int32: Int] = [:]
    for place in found.candidate.occurrences {
      counts[search.operations[place][keyPath: word], default: 0] += 1
    }
    let most = counts.filter { $0.key >= 0 }.max { ($0.value, $1.key) < ($1.value, $0.key) }
    return most.map { search.words[Int($0.key)] }
  }

  /// The middle one of the occurrences' figures; NaN without any.
  private func figures(_ figure: KeyPath<ObservedOperation, Float>) -> Double {
    let values = found.candidate.occurrences.map { search.operations[$0][keyPath: figure] }
      .filter { !$0.isNaN }.sorted()
    return values.isEmpty ? .nan : Double(values[values.count / 2])
  }

  private static func figure(_ value: Double, _ digits: Int) -> String {
    if digits == 0 { return "\(Int(value.rounded()))" }
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
  }
}
