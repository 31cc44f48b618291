public import Model

/// Asks to attach the files at a path.
public struct AgentAddRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "an agent to add"
  /// The absolute path of the agent's folder.
  public var path: String
  /// The id; by default that of its `agent.json`, else the folder's name.
  public var id: String?
  /// How to attach: directory, managed, files or git.
  public var attach: String?

  /// Makes the value from its parts.
  public init(
    path: String, id: String? = nil, attach: String? = nil
  ) {
    self.path = path
    self.id = id
    self.attach = attach
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    path = reader.text("path")
    id = reader.string("id")
    attach = reader.string("attach")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "path": JSONValue(path),
      "id": JSONValue(id),
      "attach": JSONValue(attach),
    ]
  }
}

/// One test case and how it ended.
public struct TestCaseInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a test case"
  /// Its name, as the test runner prints it.
  public var name: String
  /// passed, failed, error or skipped.
  public var outcome: String

  /// Makes the value from its parts.
  public init(
    name: String, outcome: String
  ) {
    self.name = name
    self.outcome = outcome
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    name = reader.text("name")
    outcome = reader.text("outcome")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "name": JSONValue(name),
      "outcome": JSONValue(outcome),
    ]
  }
}

/// How one run of an agent's tests ended.
public struct TestInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a test result"
  /// Cases that passed.
  public var passed: Int
  /// Cases that failed.
  public var failed: Int
  /// Cases that were skipped.
  public var skipped: Int
  /// Whether the command as a whole succeeded.
  public var succeeded: Bool
  /// Why it did not, where it did not: exit 1, killed after 60 s, could not start.
  public var outcome: String?
  /// How long it took.
  public var durationMilliseconds: Double?
  /// The cases, as far as the output names them.
  public var cases: [TestCaseInfo]
  /// The last lines of the output, where it failed.
  public var output: String?

  /// Makes the value from its parts.
  public init(
    passed: Int, failed: Int, skipped: Int = 0, succeeded: Bool, outcome: String? = nil,
    durationMilliseconds: Double? = nil, cases: [TestCaseInfo] = [], output: String? = nil
  ) {
    self.passed = passed
    self.failed = failed
    self.skipped = skipped
    self.succeeded = succeeded
    self.outcome = outcome
    self.durationMilliseconds = durationMilliseconds
    self.cases = cases
    self.output = output
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    passed = reader.count("passed")
    failed = reader.count("failed")
    skipped = reader.count("skipped")
    succeeded = reader.flag("succeeded")
    outcome = reader.string("outcome")
    durationMilliseconds = reader.optionalReal("duration_ms")
    cases = reader.items("cases", TestCaseInfo.self)
    output = reader.string("output")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "passed": JSONValue(passed),
      "failed": JSONValue(failed),
      "skipped": JSONValue(skipped),
      "succeeded": JSONValue(succeeded),
      "outcome": JSONValue(outcome),
      "duration_ms": JSONValue(durationMilliseconds),
      "cases": JSONValue(cases),
      "output": JSONValue(output),
    ]
  }
}

/// One agent.
public struct AgentInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "an agent"
  /// Its id.
  public var id: String
  /// What it does.
  public var description: String
  /// Known from feedback alone, without files.
  public var isObserved: Bool
  /// Where its files are.
  public var path: String?
  /// How it is attached.
  public var attach: String?
  /// The generation that is live.
  public var generation: Int?
  /// How far the loop goes alone: off, observe, propose or auto.
  public var autopilot: String?
  /// Its health over the last 7 days, 0 to 100.
  public var health: Double?
  /// The health stands on too few operations.
  public var isProvisional: Bool
  /// Operations in the last 7 days.
  public var operations: Int
  /// What is under way: idle, trial, switching.
  public var state: String?
  /// The descriptor in force, as JSON.
  public var descriptor: JSONValue
  /// What a person should know.
  public var warnings: [String]

  /// Makes the value from its parts.
  public init(
    id: String, description: String = "", isObserved: Bool = false, path: String? = nil,
    attach: String? = nil, generation: Int? = nil, autopilot: String? = nil, health: Double? = nil,
    isProvisional: Bool = false, operations: Int = 0, state: String? = nil,
    descriptor: JSONValue = .null, warnings: [String] = []
  ) {
    self.id = id
    self.description = description
    self.isObserved = isObserved
    self.path = path
    self.attach = attach
    self.generation = generation
    self.autopilot = autopilot
    self.health = health
    self.isProvisional = isProvisional
    self.operations = operations
    self.state = state
    self.descriptor = descriptor
    self.warnings = warnings
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    description = reader.text("description")
    isObserved = reader.optionalFlag("observed", default: false)
    path = reader.string("path")
    attach = reader.string("attach")
    generation = reader.optionalCount("generation")
    autopilot = reader.string("autopilot")
    health = reader.optionalReal("health")
    isProvisional = reader.optionalFlag("provisional", default: false)
    operations = reader.count("operations")
    state = reader.string("state")
    descriptor = reader.value("descriptor") ?? .null
    warnings = reader.texts("warnings")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "description": JSONValue(description),
      "observed": JSONValue(isObserved),
      "path": JSONValue(path),
      "attach": JSONValue(attach),
      "generation": JSONValue(generation),
      "autopilot": JSONValue(autopilot),
      "health": JSONValue(health),
      "provisional": JSONValue(isProvisional),
      "operations": JSONValue(operations),
      "state": JSONValue(state),
      "descriptor": descriptor,
      "warnings": JSONValue(warnings),
    ]
  }
}

/// The agent was added, and this is what its base proved.
public struct AgentAddAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "an added agent"
  /// The agent.
  public var agent: AgentInfo
  /// The sandbox level its tests ran at: A, B or C.
  public var level: String
  /// What limits memory and processes there.
  public var limits: String?
  /// The tests of the base; nil where it has none.
  public var tests: TestInfo?
  /// What a person should know.
  public var warnings: [String]
  /// The descriptor that Kaizen keeps; nil where the folder has an `agent.json`.
  public var descriptorFile: String?
  /// What that goes by, where it was made just now.
  public var guess: String?
  /// It was added before: its descriptor was read anew.
  public var wasKnown: Bool

  /// Makes the value from its parts.
  public init(
    agent: AgentInfo, level: String, limits: String? = nil, tests: TestInfo? = nil,
    warnings: [String] = [], descriptorFile: String? = nil, guess: String? = nil,
    wasKnown: Bool = false
  ) {
    self.agent = agent
    self.level = level
    self.limits = limits
    self.tests = tests
    self.warnings = warnings
    self.descriptorFile = descriptorFile
    self.guess = guess
    self.wasKnown = wasKnown
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.required("agent", AgentInfo.self)
    level = reader.text("level")
    limits = reader.string("limits")
    tests = reader.one("tests", TestInfo.self)
    warnings = reader.texts("warnings")
    descriptorFile = reader.string("descriptor_file")
    guess = reader.string("guess")
    wasKnown = reader.bool("was_known") ?? false
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "level": JSONValue(level),
      "limits": JSONValue(limits),
      "tests": JSONValue(tests),
      "warnings": JSONValue(warnings),
      "descriptor_file": JSONValue(descriptorFile),
      "guess": JSONValue(guess),
      "was_known": JSONValue(wasKnown),
    ]
  }
}

/// Something was removed.
public struct RemovedAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a removal"
  /// Its id.
  public var id: String
  /// What was left where.
  public var message: String

  /// Makes the value from its parts.
  public init(
    id: String, message: String
  ) {
    self.id = id
    self.message = message
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    message = reader.text("message")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "message": JSONValue(message),
    ]
  }
}
