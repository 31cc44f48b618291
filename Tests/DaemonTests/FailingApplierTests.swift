import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("An applier that fails, in a real daemon") struct FailingApplierTests {
  /// One line of what the analyzer finds.
  private static func line(_ type: String, _ title: String) -> JSONValue {
    .string(
      JSONValue.object([
        "opportunity": [
          "type": .string(type), "severity": "medium", "title": .string(title), "strength": 0.9,
        ]
      ]).text())
  }

  private static func applier(_ id: String, _ type: String, _ script: String) -> String {
    Scene.bundle(
      id,
      [
        "kind": "applier", "handles": [.string(type)], "risk": "low",
        "needs": ["write": ["*.py"]],
        "entry": ["command": ["sh", "-c", .string(script)], "output": "none"],
      ])
  }

  /// A daemon that finds a smell and a gap, with an applier for each.
  private func scene(smell: String, gap: String) throws -> Scene {
    let scene = try Scene([
      "policy.json": #"{"policy": 1, "rules": []}"#,
      "config.json": #"{"autopilot": {"mode": "off"}}"#,
      "plugins/two/manifest.json": Scene.bundle(
        "two",
        [
          "kind": "analyzer", "emits": ["code_smell", "capability_gap"],
          "entry": [
            "command": [
              "printf", "%s\\n", Self.line("code_smell", "it smells"),
              Self.line("capability_gap", "a gap"),
            ]
          ],
        ]),
      "plugins/smells/manifest.json": Self.applier("smells", "code_smell", smell),
      "plugins/gaps/manifest.json": Self.applier("gaps", "capability_gap", gap),
    ])
    try scene.add()
    return scene
  }

  private static let broken = "echo 'broken = 1' >> agent.py; echo left > half.py; exit 3"

  @Test(
    "is left out and told of, and nothing it wrote stays; the others' work is kept",
    arguments: ["smells", "gaps"])
  func leftOut(failing: String) throws {
    let good = "echo 'y = 2' >> agent.py"
    let scene = try scene(
      smell: failing == "smells" ? Self.broken : good,
      gap: failing == "gaps" ? Self.broken : good)
    let run = try scene.optimize()
    #expect(run["verdict"] == "kept", "\(run.text())")
    let files = try scene.files()
    #expect(files["agent.py"]?.hasSuffix("x = 1\ny = 2\n") == true, "\(files)")
    #expect(files["half.py"] == nil)
    let title = failing == "smells" ? "it smells" : "a gap"
    let notes = run["trial"]?["notes"]?.array?.compactMap(\.string) ?? []
    let note = try #require(notes.first { $0.hasPrefix("left out") })
    #expect(note.contains(title) && note.contains("status 3"), "\(note)")
    let why = try scene.ask("history", "a", "--explain")["items"]?.array?.first
    #expect(why?["explanation"]?["lines"]?.text().contains("left out: \(title)") == true)
    #expect(why?["titles"]?.array?.count == 1, "\(why?.text() ?? "")")
    // Nothing of the clones lies about.
    #expect(try Files.names(in: Files.parent(of: scene.folder("a"))) == ["a"])
    let shown = try scene.daemon.kaizen("history", "a", "--explain")
    #expect(shown.stdout.contains("left out: \(title)"), "\(shown)")
  }

  @Test("leaves nothing to try where none is left: the trial fails, for all the reasons")
  func noneLeft() throws {
    let scene = try scene(smell: Self.broken, gap: "exit 4")
    let before = try scene.files()
    let run = try scene.optimize()
    #expect(run["verdict"] == "failed", "\(run.text())")
    let reason = run["reason"]?.string ?? ""
    #expect(reason.contains("none of 2 items"), "\(reason)")
    #expect(reason.contains("status 3") && reason.contains("status 4"), "\(reason)")
    #expect(try scene.files() == before)
    #expect(try Files.names(in: Files.parent(of: scene.folder("a"))) == ["a"])
    #expect(run["health_after"] == .null)
  }
}
