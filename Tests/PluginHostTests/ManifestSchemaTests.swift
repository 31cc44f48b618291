import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

/// Why the schema cannot be held to manifests here; nil where it can.
private let absence: String? = {
  do {
    let folder = try TemporaryDirectory("kaizen-schema")
    try Compiler.run(["python3", "-c", "import jsonschema"], in: folder)
    return nil
  } catch {
    return "python3 has no module jsonschema: \(error)"
  }
}()

@Suite("The manifest's JSON Schema") struct ManifestSchemaTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("kaizen-schema") }

  /// Holds each file to the schema: all of them have to fit, or none.
  private static let script = """
    import json, sys, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = [f for f in sys.argv[3:]
             if validator.is_valid(json.load(open(f))) != (sys.argv[2] == "good")]
    for name in wrong:
        text = open(name).read()
        print(name, text[:300], [e.message[:200] for e in validator.iter_errors(json.loads(text))])
    sys.exit(1 if wrong else 0)
    """

  private func hold(_ files: [String], _ word: String) throws {
    let schema = Compiler.packageRoot + "/docs/manifest.schema.json"
    try Compiler.run(["python3", "-c", Self.script, schema, word] + files, in: folder)
  }

  @Test(
    "takes the manifest of this program and what the reader takes", .enabled(if: absence == nil))
  func good() throws {
    let texts = [
      #""id": "a", "kind": "analyzer", "entry": {"library": "l.so"}, "emits": ["code_smell"]"#,
      #""id": "a", "kind": "analyzer", "colour": 1, "entry": {"command": ["x"]}, "#
        + #""emits": ["code_smell"]"#,
      #""id": "a", "kind": "applier", "entry": {"command": ["x"], "output": "none"}, "#
        + #""handles": ["code_smell"], "needs": {"write": ["**"], "memory_mb": 64}"#,
      #""id": "a", "kind": "scorer", "entry": {"command": ["x"], "output": "sarif"}, "#
        + #""dimensions": ["security"], "weight": 0.5"#,
      #""id": "a", "kind": "scorer", "input": "metric:success_rate", "#
        + #""output": {"dimension": "d"}, "entry": {"function": {"library": "libm.so.6", "#
        + #""symbol": "tanh", "signature": "f64(f64)"}}"#,
    ]
    var files = [Compiler.packageRoot + "/manifest.json"]
    for (index, text) in texts.enumerated() {
      #expect(try registrations(manifestText(text)).found.first?.manifest != nil, "\(text)")
      files.append(try folder.write("good-\(index).json", manifestText(text)))
    }
    try hold(files, "good")
  }

  @Test("refuses every component that the reader refuses", .enabled(if: absence == nil))
  func bad() throws {
    let files = try badComponents.enumerated().map { index, bad in
      try folder.write("bad-\(index).json", manifestText(bad.members))
    }
    try hold(files, "bad")
  }
}
