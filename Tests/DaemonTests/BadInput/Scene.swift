import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// A daemon on a home of its own, with whatever agents and components a test makes up.
struct Scene {
  let daemon: DaemonUnderTest

  /// Writes `files` into the home, and starts the daemon unless told otherwise.
  init(_ files: [String: String] = [:], starts: Bool = true) throws {
    daemon = try DaemonUnderTest()
    for (name, text) in files { try daemon.write(name, text) }
    if starts { try daemon.start() }
  }

  // MARK: - Agents

  /// Where an agent's folder is.
  func folder(_ id: String) -> String { daemon.directory.path + "/fleet/" + id }

  /// Writes an agent's folder without adding it: two Python files, a test, and `agent.json`.
  @discardableResult
  func write(
    agent id: String, _ descriptor: String, _ files: [String: String] = [:]
  ) throws -> String {
    let own = ["agent.py": "x = 1\n", "notes.txt": "hello\n", "tests/t.py": "pass\n"]
    for (name, text) in own.merging(files, uniquingKeysWith: { _, new in new }) {
      try daemon.directory.write("fleet/\(id)/\(name)", text)
    }
    if !descriptor.isEmpty { try daemon.directory.write("fleet/\(id)/agent.json", descriptor) }
    return folder(id)
  }

  /// Adds an agent whose tests are `command`.
  func add(
    _ id: String = "a", test command: [String] = ["true"], timeout: Int = 10,
    more: [String: JSONValue] = [:], reading paths: [String] = []
  ) throws {
    var members: [String: JSONValue] = [
      "id": .string(id),
      "test": [
        "command": .array(command.map { .string($0) }), "timeout_s": .integer(Int64(timeout)),
        "needs": ["read": .array(paths.map { .string($0) })],
      ],
    ]
    members.merge(more) { _, new in new }
    try write(agent: id, JSONValue.object(members).text())
    let added = try daemon.kaizen("agent", "add", folder(id))
    try #require(added.status == 0, "\(added)\n\(daemon.log)")
  }

  /// Every file below an agent's folder with its permissions and bytes.
  func files(of id: String = "a") throws -> [String: String] { try Self.files(in: folder(id)) }

  static func files(in folder: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try Files.names(in: folder) {
      let path = folder + "/" + name
      var status = stat()
      guard lstat(path, &status) == 0 else { throw SystemError("lstat", path) }
      let mode = String(status.st_mode, radix: 8)
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        found[name] = mode
        for (inner, what) in try files(in: path) { found["\(name)/\(inner)"] = what }
      case S_IFREG:
        let bytes = try Files.read(path, limit: 1 << 20)
        found[name] = "\(mode) \(String(decoding: bytes, as: UTF8.self))"
      default: found[name] = mode
      }
    }
    return found
  }

  // MARK: - Components

  /// What finds something in every agent: an opportunity of type code_smell.
  static let smell = Self.bundle(
    "smell",
    [
      "kind": "analyzer", "emits": ["code_smell"],
      "entry": [
        "command": [
          "echo",
          #"{"opportunity":{"type":"code_smell","severity":"medium","title":"it smells"}}"#,
        ]
      ],
    ])

  /// An applier that runs a shell script in the clone and may write Python files only.
  static func applier(_ script: String, deadline milliseconds: Int64 = 5000) -> String {
    bundle(
      "act",
      [
        "kind": "applier", "handles": ["code_smell"], "risk": "low",
        "deadline_ms": .integer(milliseconds), "needs": ["write": ["*.py"]],
        "entry": ["command": ["sh", "-c", .string(script)], "output": "none"],
      ])
  }

  /// A manifest with one component of its own name.
  static func bundle(_ id: String, _ component: [String: JSONValue]) -> String {
    let members = component.merging(["id": .string(id), "version": "1.0.0"]) { own, _ in own }
    let manifest: JSONValue = [
      "manifest": 1, "name": .string(id), "version": "1.0.0", "components": [.object(members)],
    ]
    return manifest.text()
  }

  /// The home's files for a daemon whose agents smell, and an applier that runs `script`.
  static func smelling(_ script: String) -> [String: String] {
    ["plugins/smell/manifest.json": smell, "plugins/act/manifest.json": applier(script)]
  }

  // MARK: - Asking

  /// Runs `kaizen` with --json, expects it to be done, and gives its answer.
  func ask(_ words: String...) throws -> JSONValue {
    let finished = try daemon.kaizen(words + ["--json"])
    try #require(finished.status == 0, "\(words): \(finished)\n\(daemon.log)")
    return try JSONDocument.parse(finished.stdout)
  }

  /// Runs `kaizen` with --json, expects it to be refused, and gives the error.
  func refusal(_ words: String..., status: Int32 = 1) throws -> KaizenError {
    let finished = try daemon.kaizen(words + ["--json"])
    #expect(finished.status == status, "\(words): \(finished)")
    return try Self.error(in: finished.stdout)
  }

  /// The error that an answer is.
  static func error(in text: String) throws -> KaizenError {
    let error = try JSONDocument.parse(text)["error"]
    return KaizenError(
      KaizenError.Code(rawValue: error?["code"]?.string ?? "none"),
      error?["message"]?.string ?? "", hint: error?["hint"]?.string)
  }

  /// Waits for an event that `isWanted`, from the first one on.
  func event(_ isWanted: (JSONValue) -> Bool) throws -> JSONValue {
    var after: Int64 = 0
    while true {
      let events = try ask("events", "--after", "\(after)", "--wait")
      if let found = events["items"]?.array?.first(where: isWanted) { return found }
      after = events["next"]?.integer ?? after
    }
  }

  /// Optimizes an agent to the end; what smells is acted on.
  func optimize(_ id: String = "a") throws -> JSONValue {
    try ask("optimize", id, "--strategy", "comprehensive", "--wait")
  }

  /// The daemon answers, and so it did not die of what came before.
  func expectAlive() throws {
    let status = try daemon.kaizen("status")
    #expect(status.status == 0, "\(status)\n\(daemon.log)")
  }
}

extension KaizenError {
  /// Whether message and hint together say all of `words`.
  func says(_ words: String...) -> Bool {
    words.allSatisfy { (message + " " + (hint ?? "")).contains($0) }
  }
}
