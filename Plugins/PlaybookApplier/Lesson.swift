import KaizenPluginSDK

/// One learning as the playbook shows it, on a line of its own.
struct Lesson: Equatable {
  /// Lessons of one block: with its two markers and its heading it has 15 lines at most.
  static let most = 12
  private static let titleMax = 80
  private static let textMax = 240

  /// Where it comes from: the learning's id.
  var id: String
  /// Title and text, plain.
  var says: String
  /// How much it matters, in [0, 1].
  var impact: Double
  /// Records it stands on, where that is known.
  var evidenceCount: Int?
  /// The last day it holds.
  var until: CivilDate?

  /// The learnings of the evidence; one without id or words is passed over.
  static func all(in evidence: JSONNode) -> [Lesson] {
    (evidence["learnings"]?.elements ?? []).compactMap { node in
      let id = PlainText.identifier(node["id"]?.string ?? number(node["id"]).map(String.init) ?? "")
      let title = PlainText.line(node["title"]?.string ?? "", most: titleMax)
      let text = PlainText.line(node["text"]?.string ?? "", most: textMax)
      let says = [title, text].filter { !$0.isEmpty }.joined(separator: ": ")
      guard !id.isEmpty, !says.isEmpty else { return nil }
      let impact = node["impact"]?.number ?? 0
      return Lesson(
        id: id, says: says, impact: impact.isFinite ? min(max(impact, 0), 1) : 0,
        evidenceCount: number(node["evidence_count"]),
        until: node["expires"]?.string.flatMap { CivilDate($0) })
    }
  }

  private static func number(_ node: JSONNode?) -> Int? {
    node?.number.flatMap { Int(exactly: $0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// What the block says from now on: new words for what it said, no more of what has expired, the
  /// most impactful first.
  static func merge(_ old: [Lesson], _ new: [Lesson], today: CivilDate) -> [Lesson] {
    var byID: [String: Lesson] = [:]
    for lesson in old + new { byID[lesson.id] = lesson }
    let holding = byID.values.filter { lesson in lesson.until.map { $0 >= today } ?? true }
    let sorted = holding.sorted { a, b in
      a.hundredths != b.hundredths ? a.hundredths > b.hundredths : a.id < b.id
    }
    return Array(sorted.prefix(most))
  }

  /// The impact as it is written.
  private var hundredths: Int { Int((impact * 100).rounded()) }

  /// The lesson as a line of Markdown.
  var line: String {
    var notes = ["learning \(id)", "impact \(hundredths) %"]
    if let evidenceCount { notes.append("\(evidenceCount) records") }
    if let until { notes.append("until \(until.text)") }
    return "- \"\(says)\" [\(notes.joined(separator: ", "))]"
  }

  /// Reads what `line` wrote; nil for anything else.
  init?(line: String) {
    // Plain text holds no brackets and no quotes, so the last of them are the line's own.
    guard line.hasPrefix("- \""), line.hasSuffix("]"),
      let end = line.firstRange(of: "\" [")
    else { return nil }
    says = String(line[line.index(line.startIndex, offsetBy: 3)..<end.lowerBound])
    var id: String?
    var percent: Int?
    for note in line[end.upperBound...].dropLast().split(separator: ",") {
      let words = note.split(separator: " ")
      guard words.count >= 2 else { return nil }
      switch words[0] {
      case "learning": id = String(words[1])
      case "impact": percent = Int(words[1])
      case "until":
        guard let day = CivilDate(String(words[1])) else { return nil }
        until = day
      default: evidenceCount = Int(words[0])
      }
    }
    guard let id, let percent else { return nil }
    self.id = id
    impact = Double(percent) / 100
  }

  init(id: String, says: String, impact: Double, evidenceCount: Int?, until: CivilDate?) {
    self.id = id
    self.says = says
    self.impact = impact
    self.evidenceCount = evidenceCount
    self.until = until
  }
}
