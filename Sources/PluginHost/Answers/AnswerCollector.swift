import Model

/// Takes the answers of one call, holds them against the manifest, and keeps them within limits.
///
/// A component is not trusted: what contradicts its manifest or makes no sense ends the call with
/// an error that names the component and the value.
struct AnswerCollector {
  /// What one call may answer; for libraries kaizen_plugin.h names the same.
  enum Limit {
    /// Opportunities of one analysis.
    static let opportunityCount = 1000
    /// Findings of one scoring.
    static let findingCount = 10_000
    /// Bytes of one title.
    static let titleBytes = 512
    /// Bytes of one piece of evidence as text.
    static let evidenceBytes = 64 << 10
    /// Bytes of the path of one finding.
    static let pathBytes = 4096
    /// Bytes of one rule's name.
    static let ruleBytes = 128
    /// Bytes of one note, message or log line; longer ones are cut.
    static let messageBytes = 8192
    /// Notes of one call; more are counted only.
    static let noteCount = 100
    /// Log lines of one call; more are counted only.
    static let logCount = 1000
  }

  /// The component whose answers these are.
  let manifest: ComponentManifest
  /// The agent they are about.
  let agent: AgentID
  /// The agent's own path, for findings that name files by it.
  let pathInside: String?
  /// The strength of an opportunity that does not say its own: not strong.
  static let defaultStrength = 0.5

  /// The opportunities so far.
  private(set) var opportunities: [Opportunity] = []
  /// The scores so far.
  private(set) var dimensions: [DimensionScore] = []
  /// The findings so far.
  private(set) var findings: [Finding] = []
  /// Notes and logs so far.
  private(set) var remarks = ComponentRemarks()

  init(_ manifest: ComponentManifest, agent: AgentID, pathInside: String?) {
    self.manifest = manifest
    self.agent = agent
    self.pathInside = pathInside
  }

  /// Takes one answer.
  /// - Throws: `E_PLUGIN_VALUE` for one that the manifest does not allow or that makes no sense.
  mutating func take(_ answer: Answer) throws(KaizenError) {
    switch answer {
    case .opportunity(let answer): try takeOpportunity(answer)
    case .score(let dimension, let value): try takeScore(dimension, value)
    case .finding(let finding): try takeFinding(finding)
    case .note(let text):
      if remarks.notes.count < Limit.noteCount {
        remarks.notes.append(Self.cut(text, Limit.messageBytes))
      } else {
        remarks.droppedCount += 1
      }
    case .log(let log):
      if remarks.logs.count < Limit.logCount {
        remarks.logs.append(
          ComponentLog(level: log.level, message: Self.cut(log.message, Limit.messageBytes)))
      } else {
        remarks.droppedCount += 1
      }
    case .progress(let value):
      if !(0...1).contains(value) { throw lie("progress \(value)", "a number from 0 to 1") }
    }
  }

  private mutating func takeOpportunity(_ answer: OpportunityAnswer) throws(KaizenError) {
    try require(.analyzer, "an opportunity")
    guard let type = OpportunityType(rawValue: answer.type), manifest.emits.contains(type) else {
      throw lie(
        "an opportunity of type \"\(Self.cut(answer.type, 64))\"",
        "one of those in \"emits\": " + manifest.emits.map(\.rawValue).joined(separator: ", "))
    }
    let title = Self.oneLine(answer.title)
    if title.isEmpty || title.utf8.count > Limit.titleBytes {
      throw lie(
        "a title of \(title.utf8.count) bytes", "one line of 1 to \(Limit.titleBytes) bytes")
    }
    let strength = answer.strength ?? Self.defaultStrength
    if !(0...1).contains(strength) { throw lie("strength \(strength)", "a number from 0 to 1") }
    let size = answer.evidence.text().utf8.count
    if size > Limit.evidenceBytes {
      throw lie("evidence of \(size) bytes", "at most \(Limit.evidenceBytes) bytes")
    }
    if opportunities.count == Limit.opportunityCount {
      throw lie("more opportunities", "at most \(Limit.opportunityCount)")
    }
    opportunities.append(
      Opportunity(
        type: type, severity: answer.severity, agent: agent, component: manifest.id,
        title: title, strength: strength, evidence: answer.evidence))
  }

  private mutating func takeScore(_ name: String, _ value: Double) throws(KaizenError) {
    try require(.scorer, "a score")
    let shown = Self.cut(name, 64)
    if !manifest.dimensions.contains(name) {
      throw lie(
        "a score for the dimension \"\(shown)\"",
        "one of those in \"dimensions\": \(manifest.dimensions.joined(separator: ", "))")
    }
    // NaN is in no range, so this refuses it as well.
    if !(0...1).contains(value) {
      throw lie("the score \(value) for \"\(shown)\"", "a number from 0 to 1")
    }
    if dimensions.contains(where: { $0.dimension == name }) {
      throw lie("a second score for \"\(shown)\"", "one for each dimension")
    }
    dimensions.append(DimensionScore(dimension: name, value: value))
  }

  private mutating func takeFinding(_ finding: Finding) throws(KaizenError) {
    try require(.scorer, "a finding")
    guard let file = relativePath(finding.file) else {
      throw lie(
        "a finding in \"\(Self.cut(finding.file, 200))\"",
        "a path of at most \(Limit.pathBytes) bytes within the agent")
    }
    if let line = finding.line, line < 1 { throw lie("a finding in line \(line)", "1 or more") }
    if finding.rule.isEmpty || finding.rule.utf8.count > Limit.ruleBytes {
      throw lie(
        "a rule of \(finding.rule.utf8.count) bytes", "a name of 1 to \(Limit.ruleBytes) bytes")
    }
    if findings.count == Limit.findingCount {
      throw lie("more findings", "at most \(Limit.findingCount)")
    }
    var kept = finding
    kept.file = file
    kept.message = Self.cut(Self.oneLine(finding.message), Limit.messageBytes)
    findings.append(kept)
  }

  /// The path relative to the agent's root; nil where it leads out of it.
  func relativePath(_ path: String) -> String? {
    let rest = pathInside.flatMap { RelativePath.beneath($0, path) } ?? path
    guard let relative = RelativePath.normal(rest) else { return nil }
    return relative.utf8.count <= Limit.pathBytes ? relative : nil
  }

  private func require(_ kind: ComponentKind, _ what: String) throws(KaizenError) {
    if manifest.kind != kind {
      throw lie(what, "nothing of that sort from \(manifest.kind.rawValue)s")
    }
  }

  private func lie(_ found: String, _ expected: String) -> KaizenError {
    KaizenError(
      "E_PLUGIN_VALUE",
      "component \"\(manifest.id)\" \(manifest.version) answered \(found); expected \(expected)",
      hint: "its results of this call are dropped; correct the component or its manifest")
  }

  /// At most `limit` bytes of `text`, cut between characters.
  static func cut(_ text: String, _ limit: Int) -> String {
    if text.utf8.count <= limit { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: limit)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end]) + "…"
  }

  /// `text` with line breaks and other control characters as spaces, trimmed.
  static func oneLine(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }
    var line = String(String.UnicodeScalarView(scalars))
    while line.hasSuffix(" ") { line.removeLast() }
    return String(line.drop { $0 == " " })
  }
}
