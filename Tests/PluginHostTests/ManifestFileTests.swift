import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

/// The registrations of one manifest text.
func registrations(
  _ text: String, source: ComponentOrigin.Source = .root
) throws -> (found: [Registration], problems: [Problem]) {
  let folder = try TemporaryDirectory()
  let file = try folder.write("manifest.json", text)
  let origin = ComponentOrigin(source: source, file: file, folder: folder.path)
  let manifest = ManifestFile(origin, name: "bundle")
  return (manifest.registrations, manifest.problems)
}

/// A manifest with one component whose members are `members`.
func manifestText(_ members: String) -> String {
  #"{"manifest": 1, "name": "x", "version": "1.2.3", "components": [{\#(members)}]}"#
}

private let analyzer = """
  "id": "success-rate", "kind": "analyzer", "entry": {"library": "libS.so"},
  "emits": ["success_rate_decline"]
  """

@Suite("Reading manifests") struct ManifestFileTests {
  @Test("everything a component says of itself is read")
  func whole() throws {
    let (found, problems) = try registrations(
      manifestText(
        """
        "id": "ruff-fix", "kind": "applier", "version": "2.0", "description": "mends lint",
        "entry": {"command": ["./ruff", "."], "output": "none", "ok_exits": [0, 1]},
        "handles": ["code_smell"], "risk": "low", "deadline_ms": 30000, "pure": true,
        "config": {"deep": {"a": [1, 2]}}, "sha256": {"./ruff": "\(String(repeating: "A", count: 64))"},
        "needs": {"write": ["**/*.py"], "memory_mb": 256}
        """), source: .bundle)
    let manifest = try #require(found.first?.manifest)
    #expect(problems.isEmpty)
    #expect(manifest.id.text == "ruff-fix")
    #expect(manifest.kind == .applier)
    #expect(manifest.version == "2.0")
    #expect(manifest.description == "mends lint")
    #expect(
      manifest.entry == .command(.init(words: ["./ruff", "."], output: .none, okExits: [0, 1])))
    #expect(manifest.entryFiles == ["ruff"])
    #expect(manifest.handles == [.codeSmell])
    #expect(manifest.risk == .low)
    #expect(manifest.deadline == .seconds(30))
    #expect(manifest.placement == .command)
    #expect(manifest.isPure)
    #expect(manifest.config == ["deep": ["a": [1, 2]]])
    #expect(manifest.needs.write == ["**/*.py"])
    #expect(manifest.pins["ruff"]?.hex == String(repeating: "a", count: 64))
  }

  @Test("what is not said has its default")
  func defaults() throws {
    let manifest = try #require(try registrations(manifestText(analyzer)).found.first?.manifest)
    #expect(manifest.version == "1.2.3")
    #expect(manifest.deadline == .milliseconds(5000))
    #expect(manifest.placement == .worker)
    #expect(manifest.config == [:])
    #expect(!manifest.isPure)
    #expect(manifest.needs == Needs())
  }

  @Test("an applier that does not name its risk is taken for the riskiest")
  func risk() throws {
    let text = manifestText(
      #""id": "a", "kind": "applier", "entry": {"command": ["true"]}, "handles": ["code_smell"]"#)
    #expect(try registrations(text).found.first?.manifest?.risk == .high)
  }

  @Test("a key nobody knows is a warning only")
  func unknownKey() throws {
    let (found, problems) = try registrations(manifestText(analyzer + #", "colour": "red""#))
    #expect(found.first?.manifest != nil)
    #expect(problems.count == 1)
    #expect(problems.first?.isWarning == true)
    #expect(problems.first?.key == "components[0].colour")
  }

  @Test("one bad component does not hide the good one beside it")
  func isolation() throws {
    let text =
      #"{"manifest": 1, "components": [{"id": "bad", "kind": "sorcerer"}, {\#(analyzer)}, 7]}"#
    let (found, _) = try registrations(text)
    #expect(found.map(\.name).prefix(2) == ["bad", "success-rate"])
    #expect(found[0].manifest == nil && found[1].manifest != nil && found[2].manifest == nil)
    let line = try #require(found[0].problem)
    #expect(line.contains("components[0].kind") && line.contains("analyzer"))
    #expect(line.contains("sorcerer") && !line.contains("\n"))
    #expect(found[2].name.hasSuffix("components[2]"))
  }

  @Test(
    "a file that is no manifest is one registration with the reason",
    arguments: [
      ("{", "one JSON object"), ("[]", "an object"), ("{}", "manifest"),
      (#"{"manifest": 2, "components": []}"#, "the schema this daemon reads"),
      (#"{"manifest": 1}"#, "components"), (#"{"manifest": 1, "components": {}}"#, "a list"),
      (#"{"manifest": 1, "sha256": 7, "components": []}"#, "sha256"),
    ])
  func brokenFile(text: String, expected: String) throws {
    let (found, _) = try registrations(text)
    #expect(found.count == 1)
    #expect(found.first?.name == "bundle")
    #expect(found.first?.manifest == nil)
    #expect(found.first?.problem?.contains(expected) == true)
  }

  @Test("a manifest over its limit of bytes is refused")
  func size() throws {
    let blank = String(repeating: " ", count: ComponentManifest.Limit.manifestBytes)
    let (found, _) = try registrations(manifestText(analyzer) + blank)
    #expect(found.first?.problem?.contains("1048576 bytes") == true)
  }
}

/// Members that are refused, the key that is named, and what is said to be found.
let badComponents: [(members: String, key: String, found: String)] = [
  (#""kind": "analyzer""#, ".id", "nothing"),
  (#""id": "a b", "kind": "analyzer""#, ".id", "a b"),
  (#""id": "a", "kind": "scorer", "entry": {"library": "l.so"}"#, ".dimensions", "nothing"),
  (
    #""id": "a", "kind": "scorer", "entry": {"library": "l.so"}, "dimensions": []"#,
    ".dimensions", "0"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["luck"], "entry": {"library": "l.so"}"#,
    ".emits", "luck"
  ),
  (#""id": "a", "kind": "analyzer", "emits": ["code_smell"]"#, ".entry", "nothing"),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "entry": {}"#, ".entry",
    "none"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "entry": {"library": 7}"#,
    ".entry.library", "7"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "entry": {"library": "../l"}"#,
    ".entry.library", "../l"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "entry": {"library": "/l"}"#,
    ".entry.library", "/l"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "entry": {"command": []}"#,
    ".entry.command", "0 words"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "#
      + #""entry": {"command": ["x"], "ok_exits": [300]}"#, ".entry.ok_exits", "300"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "#
      + #""entry": {"command": ["x"], "output": "xml"}"#, ".entry.output", "xml"
  ),
  (
    #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "#
      + #""entry": {"command": ["x"], "output": "sarif"}"#, ".entry.output", "sarif"
  ),
  (
    #""id": "a", "kind": "scorer", "dimensions": ["d"], "input": "file", "#
      + #""entry": {"function": {"library": "libm.so.6", "symbol": "tanh"}}"#,
    ".entry.function.signature", "nothing"
  ),
  (analyzer + #", "deadline_ms": 0"#, ".deadline_ms", "0"),
  (analyzer + #", "deadline_ms": 600001"#, ".deadline_ms", "600001"),
  (analyzer + #", "needs": {"gpu": true}"#, ".needs.gpu", "an unknown need"),
  (analyzer + #", "needs": {"network": ["a.org"]}"#, ".needs.network", "a.org"),
  (analyzer + #", "needs": {"write": ["**"]}"#, ".needs.write", "**"),
  (analyzer + #", "sha256": {"libS.so": "12"}"#, ".sha256.libS.so", "12"),
  (analyzer + #", "sha256": {"../x": "12"}"#, ".sha256", "../x"),
  (analyzer + #", "placement": "moon""#, ".placement", "moon"),
]

@Suite("A manifest's component that cannot be") struct BadComponentTests {
  @Test(
    "is disabled with one line that names the key and what was found",
    arguments: badComponents)
  func refused(members: String, key: String, found: String) throws {
    let (registrations, _) = try registrations(manifestText(members), source: .root)
    let registration = try #require(registrations.first)
    #expect(registration.manifest == nil)
    let line = try #require(registration.problem)
    #expect(line.contains("manifest.json: components[0]\(key): expected "), "\(line)")
    #expect(line.contains(found), "\(line)")
    #expect(!line.contains("\n"))
  }

  @Test("settings over the limit are refused")
  func config() throws {
    let long = String(repeating: "x", count: ComponentManifest.Limit.configBytes)
    let (found, _) = try registrations(manifestText(analyzer + #", "config": {"x": "\#(long)"}"#))
    #expect(found.first?.problem?.contains("components[0].config: expected at most") == true)
  }
}

@Suite("Placing a component in the daemon") struct PlacementTests {
  private let placed = analyzer + #", "placement": "in-process""#

  @Test("is for analyzers of the root manifest")
  func root() throws {
    let found = try registrations(manifestText(placed), source: .root).found
    #expect(found.first?.manifest?.placement == .inProcess)
  }

  @Test("is refused elsewhere", arguments: [ComponentOrigin.Source.home, .bundle])
  func elsewhere(source: ComponentOrigin.Source) throws {
    let found = try registrations(manifestText(placed), source: source).found
    #expect(found.first?.problem?.contains("outside the daemon's own manifest") == true)
  }

  @Test("is refused for what needs a sandbox and for other kinds")
  func others() throws {
    let needs = try registrations(manifestText(placed + #", "needs": {"read": ["/opt"]}"#)).found
    #expect(needs.first?.problem?.contains("only a sandbox can meet") == true)
    let scorer = try registrations(
      manifestText(
        #""id": "s", "kind": "scorer", "entry": {"library": "l.so"}, "dimensions": ["d"], "#
          + #""placement": "in-process""#)
    ).found
    #expect(scorer.first?.problem?.contains("is no analyzer") == true)
  }
}

@Suite("What a manifest may say") struct ManifestLimitTests {
  private func repeated(_ text: String, _ count: Int) -> String {
    Array(repeating: text, count: count).joined(separator: ", ")
  }

  @Test("ends at a number of components")
  func components() throws {
    let one = "{\(analyzer)}"
    let limit = ComponentManifest.Limit.componentCount
    let full = #"{"manifest": 1, "components": [\#(repeated(one, limit))]}"#
    #expect(try registrations(full).found.count == limit)
    let over = #"{"manifest": 1, "components": [\#(repeated(one, limit + 1))]}"#
    let found = try registrations(over).found
    #expect(found.count == 1)
    #expect(found.first?.problem?.contains("a list of at most 256 objects") == true)
  }

  @Test("ends at a number of words")
  func words() throws {
    let count = ComponentManifest.Limit.wordCount + 1
    let text = manifestText(
      #""id": "a", "kind": "analyzer", "emits": ["code_smell"], "#
        + #""entry": {"command": [\#(repeated("\"x\"", count))]}"#)
    #expect(try registrations(text).found.first?.problem?.contains("found 65 words") == true)
  }

  @Test("ends at a number of dimensions")
  func dimensions() throws {
    let names = (0...ComponentManifest.Limit.dimensionCount).map { "\"d\($0)\"" }
    let text = manifestText(
      #""id": "a", "kind": "scorer", "entry": {"library": "l.so"}, "#
        + #""dimensions": [\#(names.joined(separator: ", "))]"#)
    #expect(try registrations(text).found.first?.problem?.contains("1 to 16 names") == true)
  }

  @Test("ends at a number of pins")
  func pins() throws {
    let digest = String(repeating: "0", count: 64)
    let pins = (0...ComponentManifest.Limit.pinCount).map { "\"f\($0)\": \"\(digest)\"" }
    let text = manifestText(analyzer + #", "sha256": {\#(pins.joined(separator: ", "))}"#)
    #expect(try registrations(text).found.first?.problem?.contains("at most 1024 files") == true)
  }

  @Test("of a pin the component's own word counts before the manifest's")
  func ownPin() throws {
    let (zero, one) = (String(repeating: "0", count: 64), String(repeating: "1", count: 64))
    let text =
      #"{"manifest": 1, "sha256": {"libS.so": "\#(zero)", "x": "\#(zero)"}, "#
      + #""components": [{\#(analyzer), "sha256": {"./libS.so": "\#(one)"}}]}"#
    let pins = try registrations(text).found.first?.manifest?.pins
    #expect(pins?.mapValues(\.hex) == ["libS.so": one, "x": zero])
  }
}
