public import Model

/// One dimension's score.
public struct ScoreInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a score"
  /// The dimension.
  public var dimension: String
  /// In [0, 1].
  public var value: Double

  /// Makes the value from its parts.
  public init(
    dimension: String, value: Double
  ) {
    self.dimension = dimension
    self.value = value
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    dimension = reader.text("dimension")
    value = reader.real("value")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "dimension": JSONValue(dimension),
      "value": JSONValue(value),
    ]
  }
}

/// One thing a scorer found in one file.
public struct FindingInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a finding"
  /// The rule that was broken.
  public var rule: String
  /// How bad it is.
  public var level: Finding.Level
  /// The file, relative to the agent's root.
  public var file: String
  /// The line, from 1.
  public var line: Int?
  /// What is wrong.
  public var message: String

  /// Makes the value from its parts.
  public init(
    rule: String, level: Finding.Level = .note, file: String, line: Int? = nil, message: String
  ) {
    self.rule = rule
    self.level = level
    self.file = file
    self.line = line
    self.message = message
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    rule = reader.text("rule")
    level = reader.word("level", Finding.Level.self, required: true) ?? .note
    file = reader.text("file")
    line = reader.optionalCount("line")
    message = reader.text("message")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "rule": JSONValue(rule),
      "level": JSONValue(level),
      "file": JSONValue(file),
      "line": JSONValue(line),
      "message": JSONValue(message),
    ]
  }
}

/// One file that differs.
public struct FileChangeInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a changed file"
  /// The file, relative to the agent's root.
  public var path: String
  /// added, removed, modified or mode.
  public var change: String
  /// Lines added; nil for what is no text.
  public var addedLines: Int?
  /// Lines removed.
  public var removedLines: Int?

  /// Makes the value from its parts.
  public init(
    path: String, change: String, addedLines: Int? = nil, removedLines: Int? = nil
  ) {
    self.path = path
    self.change = change
    self.addedLines = addedLines
    self.removedLines = removedLines
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    path = reader.text("path")
    change = reader.text("change")
    addedLines = reader.optionalCount("added_lines")
    removedLines = reader.optionalCount("removed_lines")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "path": JSONValue(path),
      "change": JSONValue(change),
      "added_lines": JSONValue(addedLines),
      "removed_lines": JSONValue(removedLines),
    ]
  }
}

/// The tests of the base and of the stage.
public struct TestPair: ControlValue {
  /// What it is, for messages.
  public static let noun = "tests before and after"
  /// On the base.
  public var base: TestInfo?
  /// On the stage.
  public var stage: TestInfo?

  /// Makes the value from its parts.
  public init(
    base: TestInfo? = nil, stage: TestInfo? = nil
  ) {
    self.base = base
    self.stage = stage
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    base = reader.one("base", TestInfo.self)
    stage = reader.one("stage", TestInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "base": JSONValue(base),
      "stage": JSONValue(stage),
    ]
  }
}

/// The Guardian's scores of the base and of the stage.
public struct ScorePair: ControlValue {
  /// What it is, for messages.
  public static let noun = "scores before and after"
  /// Of the base.
  public var base: [ScoreInfo]
  /// Of the stage.
  public var stage: [ScoreInfo]

  /// Makes the value from its parts.
  public init(
    base: [ScoreInfo] = [], stage: [ScoreInfo] = []
  ) {
    self.base = base
    self.stage = stage
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    base = reader.items("base", ScoreInfo.self)
    stage = reader.items("stage", ScoreInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "base": JSONValue(base),
      "stage": JSONValue(stage),
    ]
  }
}

/// One clone with one plan applied, tested and scored.
public struct TrialInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a trial"
  /// Its id.
  public var id: String
  /// The generation it was cloned from.
  public var base: Int
  /// The generation it became, where it did.
  public var generation: Int?
  /// How far it got.
  public var state: String?
  /// The tests.
  public var tests: TestPair
  /// The scores.
  public var scores: ScorePair
  /// New findings on the lines it touched.
  public var findings: [FindingInfo]
  /// What appliers said, and what was left out of the plan and why.
  public var notes: [String]
  /// The files it changed.
  public var changed: [FileChangeInfo]
  /// The change as a unified diff, cut at a limit.
  public var diff: String?
  /// The digest of the files it made.
  public var digest: String?

  /// Makes the value from its parts.
  public init(
    id: String, base: Int, generation: Int? = nil, state: String? = nil, tests: TestPair,
    scores: ScorePair, findings: [FindingInfo] = [], notes: [String] = [],
    changed: [FileChangeInfo] = [], diff: String? = nil, digest: String? = nil
  ) {
    self.id = id
    self.base = base
    self.generation = generation
    self.state = state
    self.tests = tests
    self.scores = scores
    self.findings = findings
    self.notes = notes
    self.changed = changed
    self.diff = diff
    self.digest = digest
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    base = reader.count("base")
    generation = reader.optionalCount("generation")
    state = reader.string("state")
    tests = reader.required("tests", TestPair.self)
    scores = reader.required("scores", ScorePair.self)
    findings = reader.items("findings", FindingInfo.self)
    notes = reader.texts("notes")
    changed = reader.items("changed", FileChangeInfo.self)
    diff = reader.string("diff")
    digest = reader.string("digest")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "base": JSONValue(base),
      "generation": JSONValue(generation),
      "state": JSONValue(state),
      "tests": JSONValue(tests),
      "scores": JSONValue(scores),
      "findings": JSONValue(findings),
      "notes": JSONValue(notes),
      "changed": JSONValue(changed),
      "diff": JSONValue(diff),
      "digest": JSONValue(digest),
    ]
  }
}
