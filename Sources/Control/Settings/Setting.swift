public import Model

/// One setting: its key, what it may be, what it is unless somebody says otherwise, and what for.
public struct Setting: Sendable {
  /// What a value may be.
  public enum Kind: Sendable {
    /// A whole number in a range.
    case integer(ClosedRange<Int64>)
    /// One of these words.
    case word([String])
    /// A list of user ids.
    case userIDs
    /// Tools and their versions.
    case versions
    /// A port of the loopback address, or nothing.
    case endpoint
  }

  /// Names in an object of versions, and characters of a name or a version.
  private static let versionsMax = 256
  private static let versionLengthMax = 64

  /// Its dotted name.
  public var key: String
  /// What it may be.
  public var kind: Kind
  /// What it is unless somebody says otherwise.
  public var initial: JSONValue
  /// What it is for.
  public var help: String

  /// Every setting there is.
  ///
  /// The environment name is `KAIZEN_` and the key in capitals, with `_`.
  public static let all: [Setting] = [
    Setting(
      key: "analysis.days", kind: .integer(1...365), initial: 7,
      help: "days of feedback an analysis looks at, and as many before them to compare with"),
    Setting(
      key: "analysis.interval_s", kind: .integer(1...86_400), initial: 900,
      help: "seconds between two looks of the continuous loop at an agent with new data"),
    Setting(
      key: "analysis.min_data_points", kind: .integer(1...100_000), initial: 10,
      help: "operations below which health is provisional"),
    Setting(
      key: "analysis.window_rows", kind: .integer(100...10_000_000), initial: 100_000,
      help: "most feedback rows handed to a component; the newest are kept"),
    Setting(
      key: "autopilot.cooldown_h", kind: .integer(1...720), initial: 24,
      help: "hours the loop leaves alone what it tried; doubled for each try in a row not kept"),
    Setting(
      key: "autopilot.mode", kind: .word(Autopilot.allCases.map(\.rawValue)), initial: "propose",
      help: "how far the loop goes alone with an agent of which nobody says it"),
    Setting(
      key: "backup.disk_mb", kind: .integer(64...10_000_000), initial: 4096,
      help: "most MiB that the backups of both databases may take"),
    Setting(
      key: "backup.interval_h", kind: .integer(1...720), initial: 24,
      help: "hours between two backups of a database; one that is due is made soon after a start"),
    Setting(
      key: "backup.keep", kind: .integer(1...30), initial: 3,
      help: "backups kept of each database"),
    Setting(
      key: "feedback.disk_mb", kind: .integer(16...10_000_000), initial: 8192,
      help: "most MiB of feedback; the oldest is removed first, its daily sums stay"),
    Setting(
      key: "feedback.operation_timeout_s", kind: .integer(1...604_800), initial: 3600,
      help: "seconds after which a started operation without an end counts as an error"),
    Setting(
      key: "feedback.retention_days", kind: .integer(1...3650), initial: 90,
      help: "days that feedback is kept, counted from its arrival; its daily sums stay"),
    Setting(
      key: "feedback.rows_max", kind: .integer(1000...1_000_000_000), initial: 20_000_000,
      help: "most feedback records kept; the oldest are removed first, their daily sums stay"),
    Setting(
      key: "generations.keep", kind: .integer(2...1000), initial: 10,
      help: "generations kept of an agent, beside the current, the previous and pinned ones"),
    Setting(
      key: "generations.disk_mb", kind: .integer(1...10_000_000), initial: 4096,
      help: "most MiB the old generations of one agent may take"),
    Setting(
      key: "learnings.expire_days", kind: .integer(1...365), initial: 30,
      help: "days a learning holds after its pattern was last seen"),
    Setting(
      key: "log.format", kind: .word(["text", "json"]), initial: "text",
      help: "how log lines on stderr look"),
    Setting(
      key: "log.level", kind: .word(["debug", "info", "warning", "error"]), initial: "info",
      help: "least level that is logged"),
    Setting(
      key: "metrics.listen", kind: .endpoint, initial: "",
      help: "where /metrics, /healthz and /readyz are also served over TCP, to read; empty: nowhere"
    ),
    Setting(
      key: "patterns.confidence_percent", kind: .integer(1...100), initial: 60,
      help: "least occurrences of a pattern, in percent of the operations that had the chance"),
    Setting(
      key: "patterns.days", kind: .integer(1...90), initial: 7,
      help: "days of feedback that patterns are looked for in"),
    Setting(
      key: "patterns.frequency", kind: .integer(1...10_000), initial: 3,
      help: "least occurrences of a pattern"),
    Setting(
      key: "patterns.interval_s", kind: .integer(1...86_400), initial: 60,
      help: "seconds between two looks for patterns in new feedback"),
    Setting(
      key: "plugins.breaker_failures", kind: .integer(1...1000), initial: 3,
      help: "crashes and missed deadlines in a row after which a component is left alone"),
    Setting(
      key: "plugins.breaker_open_s", kind: .integer(1...86_400), initial: 300,
      help: "seconds for which it is left alone; then one call tries it"),
    Setting(
      key: "plugins.grace_ms", kind: .integer(10...60_000), initial: 500,
      help: "milliseconds between a call's deadline and the kill of its worker"),
    Setting(
      key: "plugins.keep_inputs", kind: .word(["failed", "all"]), initial: "failed",
      help: "whose inputs the flight recorder keeps: those of failing calls, or of all of them"),
    Setting(
      key: "roles.feedback", kind: .userIDs, initial: [],
      help: "user ids that may send feedback and read; the daemon's own and root are admins"),
    Setting(
      key: "roles.operate", kind: .userIDs, initial: [],
      help: "user ids that may also analyze, optimize, approve and roll back"),
    Setting(
      key: "sandbox.min_level", kind: .word(["A", "B", "C"]), initial: "A",
      help: "least confinement for tests and components; below it nothing is run"),
    Setting(
      key: "socket.gid", kind: .integer(-1...4_294_967_294), initial: -1,
      help: "id of the group whose members reach the socket, to read at least; -1: no group"),
    Setting(
      key: "tools.catalogue", kind: .versions, initial: [:],
      help: "versions of tools that are out, by name; agents that declare an older one are told"),
    Setting(
      key: "trial.files_max", kind: .integer(1...100_000), initial: 100,
      help: "most files one trial may change"),
    Setting(
      key: "trial.output_kb", kind: .integer(1...16_384), initial: 64,
      help: "KiB kept of a test run's output, its end first"),
  ]

  /// The environment variable that sets it.
  public var environmentName: String {
    "KAIZEN_" + key.uppercased().replacing(".", with: "_")
  }

  /// What a value must be, in the words of an error message.
  public var expected: String {
    switch kind {
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .word(let words): "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
    case .userIDs: "a list of user ids"
    case .endpoint: "\(LoopbackEndpoint.form), or empty text for none"
    case .versions:
      "an object of at most \(Self.versionsMax) tools and their versions, such as "
        + "{\"ripgrep\":\"14.1.0\"}"
    }
  }

  func accepts(_ value: JSONValue) -> Bool {
    switch kind {
    case .integer(let range): value.integer.map { range.contains($0) } ?? false
    case .word(let words): value.string.map { words.contains($0) } ?? false
    case .userIDs:
      value.array.map { $0.allSatisfy { ($0.integer ?? -1) >= 0 } && $0.count <= 256 } ?? false
    case .endpoint: value.string.map { $0.isEmpty || LoopbackEndpoint($0) != nil } ?? false
    case .versions:
      value.object.map { tools in
        tools.count <= Self.versionsMax && tools.allSatisfy { Self.isVersion($0, $1) }
      } ?? false
    }
  }

  /// A name without blanks, and a version that begins with a number.
  private static func isVersion(_ name: String, _ version: JSONValue) -> Bool {
    guard let text = version.string, let first = text.first else { return false }
    return !name.isEmpty && name.count <= versionLengthMax && text.count <= versionLengthMax
      && ("0"..."9").contains(first) && !(name + text).contains(where: \.isWhitespace)
  }

  /// The value that text from the environment stands for.
  func value(ofText text: String) -> JSONValue {
    switch kind {
    case .integer: Int64(text).map { .integer($0) } ?? .string(text)
    case .word, .endpoint: .string(text)
    case .userIDs:
      .array(text.split(separator: ",").map { Int64($0).map { .integer($0) } ?? .string("\($0)") })
    case .versions:
      .object(
        Dictionary(
          text.split(separator: ",").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), .string(parts.count == 2 ? String(parts[1]) : ""))
          }
        ) { $1 })
    }
  }
}
