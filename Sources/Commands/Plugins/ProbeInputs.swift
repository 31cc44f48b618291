internal import JSONStream
internal import Linux
internal import Model
internal import PluginHost

/// Inputs that nobody would think of, the same for one seed.
struct ProbeInputs {
  /// Rows of a random window.
  static let rowCountMax = 500
  /// Random files, and bytes of one.
  static let fileCount = 12, fileBytesMax = 4096

  /// The agent that inputs are about.
  static let agent: AgentID = {
    guard let agent = AgentID("verify") else { fatalError("\"verify\" is an id") }
    return agent
  }()

  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The next 64 bits, by SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  private mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// A number that may be missing, nothing, or far too large.
  private mutating func number() -> Double {
    switch below(8) {
    case 0: .nan
    case 1: 0
    case 2: 1e300
    case 3: .leastNonzeroMagnitude
    default: Double(below(1_000_000)) / 100
    }
  }

  private mutating func share() -> Double { below(5) == 0 ? .nan : Double(below(1001)) / 1000 }

  /// Feedback of random rows, its error types in odd letters.
  mutating func window() -> FeedbackWindow {
    var window = FeedbackWindow()
    window.errorTypes = ["timeout", "\u{1F4A5} é", String(repeating: "x", count: 256)]
    var time: Int64 = 1_700_000_000_000_000_000
    for _ in 0..<below(Self.rowCountMax + 1) {
      time += Int64(below(1_000_000_000))
      window.times.append(time)
      window.types.append(UInt8(below(FeedbackType.allCases.count)))
      window.sources.append(UInt8(below(FeedbackSource.allCases.count)))
      window.scores.append(share())
      window.durations.append(number())
      window.memory.append(number())
      window.cpu.append(number())
      window.errors.append(Int32(below(4)) - 1)
      window.operations.append(next() % 100)
      window.generations.append(Int64(below(3)))
    }
    return window
  }

  /// Numbers that need not agree with any window.
  mutating func metrics() -> AgentMetrics {
    var metrics = AgentMetrics()
    metrics.recordCount = below(1_000_000)
    metrics.operationCount = below(metrics.recordCount + 1)
    metrics.successCount = below(metrics.operationCount + 1)
    metrics.failureCount = metrics.operationCount - metrics.successCount
    metrics.errorCount = below(metrics.operationCount + 1)
    func some(_ value: Double) -> Double? { value.isNaN ? nil : value }
    metrics.meanMilliseconds = some(number())
    metrics.medianMilliseconds = some(number())
    metrics.p95Milliseconds = some(number())
    metrics.quality = some(share())
    metrics.memoryMegabytes = some(number())
    return metrics
  }

  /// Numbers that leave much to be desired.
  static func badMetrics() -> AgentMetrics {
    var metrics = AgentMetrics()
    metrics.recordCount = 200
    metrics.operationCount = 100
    metrics.successCount = 40
    metrics.failureCount = 60
    metrics.errorCount = 60
    metrics.meanMilliseconds = 900
    metrics.medianMilliseconds = 700
    metrics.p95Milliseconds = 5000
    metrics.quality = 0.3
    metrics.memoryMegabytes = 4000
    metrics.cpuPercent = 99
    metrics.errors = [
      AgentMetrics.ErrorCount(type: "timeout", count: 40),
      AgentMetrics.ErrorCount(type: "ModuleNotFoundError", count: 20),
    ]
    return metrics
  }

  /// What else is known of an agent of which much is known, as `facts_json` in kaizen_plugin.h has it.
  static let facts: JSONValue = {
    let text = """
      {"learnings": [{"id": "l-1", "type": "best_practice", "title": "Retry what timed out",
        "text": "Retries after a timeout succeed.", "impact": 0.8,
        "expires": "2030-01-01T00:00:00Z", "evidence_count": 40}],
      "findings": [{"dimension": "maintainability", "rule": "bare-except", "level": "warning",
        "file": "main.py", "line": 6, "message": "a bare except hides errors"},
        {"dimension": "security", "rule": "rm-rf", "level": "error", "file": "tool.sh",
        "message": "removes what it is told"}],
      "tools": [{"name": "ripgrep", "declared": "13.0", "installed": "14.1", "latest": "14.1"},
        {"name": "gone", "declared": "1.0", "error": "not found"}],
      "error_texts": [{"text": "ModuleNotFoundError: No module named 'yaml'",
        "type": "ModuleNotFoundError", "count": 20},
        {"text": "sh: jq: command not found", "type": "exit_127", "count": 7}]}
      """
    guard let facts = try? JSONDocument.parse(text) else {  // the text is our own
      fatalError("the facts of a probe are JSON")
    }
    return facts
  }()

  /// Writes small sources that leave something to be desired into `folder`; their names.
  static func sources(in folder: String) throws(SystemError) -> [String] {
    let texts = [
      "main.py":
        "import os\n\ndef answer():   \n\ttry:\n\t\treturn 42  # TODO\n\texcept:\n\t\tpass\n",
      "tool.sh": "#!/bin/sh\nrm -rf $1   \n", "AGENTS.md": "# Answers questions   \n\nTODO\n",
      "config.json": "{\"retries\": 1, \"timeout_s\": 5}\n", "empty.txt": "",
    ]
    for (name, text) in texts {
      try Files.replace("\(folder)/\(name)", with: Array(text.utf8), mode: 0o644)
    }
    return Array(texts.keys)
  }

  /// Evidence as another component might have written it.
  mutating func evidence() -> JSONValue {
    [
      "count": .integer(Int64(below(1000)) - 500), "share": .number(Double(below(1000)) / 7),
      "text": .string("\u{0}\"\\ é \u{1F4A5}"), "list": .array([.null, .bool(true), [:]]),
    ]
  }

  /// Writes files of random bytes and random text into `folder`; their names.
  mutating func files(in folder: String) throws(SystemError) -> [String] {
    var names: [String] = []
    for index in 0..<Self.fileCount {
      let isText = below(2) == 0
      let bytes = (0..<below(Self.fileBytesMax)).map { _ in
        isText ? Array(" \t\nabc(){}:=\"'#".utf8)[below(15)] : UInt8(below(256))
      }
      let name = ["file \(index).py", "é\(index).md", "deep/er/\(index).js", "n\(index)"][index % 4]
      try Files.makeDirectories(Files.parent(of: "\(folder)/\(name)"), mode: 0o755)
      try Files.replace("\(folder)/\(name)", with: bytes, mode: 0o644)
      names.append(name)
    }
    return names.sorted()
  }
}
