import Glibc
import Linux
import Model
import TestSupport
import Testing

/// A daemon whose agents have something wrong of every severity, and appliers of every risk.
private struct Fleet {
  let scene: Scene

  /// One line of what the analyzer finds.
  private static func line(_ type: String, _ severity: String, _ title: String) -> JSONValue {
    let strength = type == "code_smell" ? 0.6 : 0.9
    return .string(
      JSONValue.object([
        "opportunity": [
          "type": .string(type), "severity": .string(severity), "title": .string(title),
          "strength": .number(strength),
        ]
      ]).text())
  }

  private static func applier(_ id: String, _ types: [String], risk: String) -> String {
    Scene.bundle(
      id,
      [
        "kind": "applier", "handles": .array(types.map { .string($0) }), "risk": .string(risk),
        "needs": ["write": ["*.py"]],
        "entry": [
          "command": ["sh", "-c", "seq $(cat lines.txt) > made.py"], "output": "none",
        ],
      ])
  }

  init() throws {
    var found = [
      Self.line("security_vulnerability", "critical", "a secret"),
      Self.line("quality_issues", "high", "quality one"),
      Self.line("quality_issues", "high", "quality two"),
      Self.line("training_needed", "high", "only the risky one knows"),
      Self.line("capability_gap", "medium", "only the daring one knows"),
    ]
    found += (1...10).map { Self.line("code_smell", "medium", "smell \($0)") }
    scene = try Scene([
      "policy.json": #"{"policy": 1, "rules": []}"#,
      "config.json": #"{"autopilot": {"mode": "off"}}"#,
      "plugins/many/manifest.json": Scene.bundle(
        "many",
        [
          "kind": "analyzer",
          "emits": [
            "security_vulnerability", "quality_issues", "training_needed", "capability_gap",
            "code_smell",
          ],
          "entry": ["command": .array(["printf", "%s\\n"] + found)],
        ]),
      "plugins/careful/manifest.json": Self.applier(
        "careful", ["security_vulnerability", "quality_issues", "code_smell"], risk: "low"),
      "plugins/daring/manifest.json": Self.applier("daring", ["capability_gap"], risk: "medium"),
      "plugins/risky/manifest.json": Self.applier("risky", ["training_needed"], risk: "high"),
    ])
    // What the build ships stays out of it.
    for item in try scene.ask("plugins", "list")["items"]?.array ?? [] {
      let id = item["id"]?.string ?? ""
      if ["many", "careful", "daring", "risky"].contains(id) || item["kind"] == "scorer" {
        continue
      }
      _ = try scene.ask("plugins", "disable", id)
    }
  }

  /// The one plan that a strategy would make.
  func plan(_ strategy: String, _ agent: String = "a") throws -> JSONValue {
    let run = try scene.ask("optimize", agent, "--strategy", strategy, "--dry-run")
    let plans = run["plans"]?.array ?? []
    #expect(plans.count == 1)
    return try #require(plans.first)
  }

  func titles(_ plan: JSONValue) -> [String] {
    plan["items"]?.array?.compactMap { $0["title"]?.string } ?? []
  }
}

@Suite("The five strategies, in a real daemon") struct StrategyTests {
  @Test("each acts on its severities, takes its items and dares its risk")
  func table() throws {
    let fleet = try Fleet()
    try fleet.scene.add()
    #expect(fleet.titles(try fleet.plan("minimal")) == ["a secret"])
    #expect(fleet.titles(try fleet.plan("conservative")) == ["a secret", "quality one"])
    let comprehensive = fleet.titles(try fleet.plan("comprehensive"))
    #expect(comprehensive.count == 10)
    #expect(comprehensive.contains("only the daring one knows"))
    #expect(comprehensive.contains { $0.hasPrefix("smell") })
    #expect(!comprehensive.contains("only the risky one knows"))
    let aggressive = fleet.titles(try fleet.plan("aggressive"))
    #expect(aggressive.count == 10)
    #expect(aggressive.contains("only the risky one knows"))
  }

  @Test(
    "auto goes by health",
    arguments: [(20, "conservative"), (10, "comprehensive"), (0, "aggressive")])
  func auto(successes: Int, strategy: String) throws {
    let fleet = try Fleet()
    try fleet.scene.add()
    let lines = (1...20).map { number in
      "{\"agent_id\":\"a\",\"operation_id\":\"op-\(number)\","
        + "\"type\":\"\(number <= successes ? "success" : "failure")\"}"
    }
    let done = try fleet.scene.daemon.kaizen(
      ["record", "--ndjson", "-"], input: lines.joined(separator: "\n") + "\n")
    try #require(done.status == 0)
    let health = try #require(try fleet.scene.ask("health", "a")["score"]?.number)
    let band = health >= 80 ? "conservative" : health >= 50 ? "comprehensive" : "aggressive"
    #expect(band == strategy, "the health is \(health)")
    #expect(try fleet.plan("auto")["strategy"]?.string == strategy)
  }

  @Test("one line more than a strategy allows is refused")
  func lines() throws {
    let fleet = try Fleet()
    try fleet.scene.add()
    let folder = fleet.scene.folder("a")
    for strategy in Strategy.all {
      for extra in [1, 0] {
        let count = strategy.lineCountMax + extra
        try Files.replace(folder + "/lines.txt", with: "\(count)\n".utf8, mode: 0o644)
        if Files.exists(folder + "/made.py") { #expect(unlink(folder + "/made.py") == 0) }
        let run = try fleet.scene.ask(
          "optimize", "a", "--strategy", strategy.name.rawValue, "--wait")
        let code = run["plans"]?.array?.first?["code"]?.string
        #expect(
          (code == "E_CHANGE_REFUSED") == (extra == 1),
          "\(strategy.name): \(count) lines: \(code ?? "none")")
      }
    }
  }

  @Test("another verdict than the required one is an exit status of its own")
  func require() throws {
    let fleet = try Fleet()
    try fleet.scene.add()
    try Files.replace(fleet.scene.folder("a") + "/lines.txt", with: "51\n".utf8, mode: 0o644)
    let words = ["optimize", "a", "--strategy", "minimal", "--require"]
    let other = try fleet.scene.daemon.kaizen(words + ["kept"])
    #expect(other.status == 4)
    #expect(other.stderr.contains("the verdict is refused, not kept"))
    #expect(try fleet.scene.daemon.kaizen(words + ["refused"]).status == 0)
    let nearly = try fleet.scene.daemon.kaizen("optimise", "a")
    #expect(nearly.status == 2)
    #expect(nearly.stderr.contains("did you mean \"optimize\"?"))
  }
}
