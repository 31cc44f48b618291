internal import JSONStream
internal import Linux
internal import Model
internal import PluginHost

/// `plugins verify`: what a daemon would find out later, said before.
enum VerifyPluginCommand {
  static let command = Command(
    words: ["plugins", "verify"], operands: [.init(name: "PATH")],
    options: [
      .init(name: "--thorough", kind: .flag, help: "10,000 calls in a row instead of 200"),
      .init(
        name: "--seed", kind: .integer("N", 0...Int.max),
        help: "of the random inputs; default a new one, which is printed"),
    ],
    summary: "check a plugin's library, manifest and behaviour; no daemon needed",
    notes: """
      First the library is read without running it, then it is loaded and called in confined workers:
      without data, with random data, with a deadline that passes at once, and many times in a row.
      Exits with 1 where an error was found; warnings and notes do not count.
      """, run: run)

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let seed = UInt64(call.integer("--seed") ?? Int.random(in: 0...999_999_999))
    let path = try LocalBundle.folder(call.operand(0))
    var findings = try preflight(path)
    var passed: [String] = []
    // What the loader would choke on says nothing new when it does.
    if !findings.contains(where: { $0.severity == .error }) {
      let scratch = try ScratchFolder("kaizen-verify")
      let bundle = try LocalBundle(path, in: scratch)
      findings += bundle.host.manifestProblems().filter(\.isWarning).map {
        PluginFinding(.warning, "manifest", "\($0)", fix: $0.fix)
      }
      var verification = PluginVerification(
        bundle, seed: seed, isThorough: call.has("--thorough"), scratch: scratch.path)
      for status in bundle.host.components() { try verification.verify(status) }
      findings += verification.findings
      passed = verification.passed
    }
    let errorCount = findings.count { $0.severity == .error }
    if call.isJSON {
      let answer: JSONValue = [
        "path": .string(path), "ok": .bool(errorCount == 0), "seed": .integer(Int64(seed)),
        "findings": .array(findings.map(json)), "passed": .array(passed.map { .string($0) }),
      ]
      call.terminal.write(answer.text() + "\n")
    } else {
      call.terminal.write(lines: passed.map { "ok       \($0)" } + findings.flatMap(lines))
      let others = findings.count - errorCount
      call.terminal.write(
        lines: [
          errorCount == 0
            ? "\(call.operand(0)) passes" + (others > 0 ? ", with \(others) remarks" : "")
            : "\(call.operand(0)) fails: \(errorCount) error\(errorCount == 1 ? "" : "s")"
        ])
    }
    return errorCount == 0 ? .done : .failed
  }

  /// Looks at each library that the manifest names, before anything of it runs.
  ///
  /// A manifest that cannot be read is for the host to complain about.
  private static func preflight(_ path: String) throws(KaizenError) -> [PluginFinding] {
    guard let bytes = try? Files.read(path + "/manifest.json", limit: 1 << 20),  // see above
      let document = try? JSONDocument.parse(bytes)  // as above
    else { return [] }
    var findings: [PluginFinding] = []
    var seen: Set<String> = []
    for component in document["components"]?.array ?? [] {
      let entry = component["entry"]
      let function = entry?["function"]
      let symbol = function?["symbol"]?.string ?? "kz_plugin_entry_v1"
      guard let file = entry?["library"]?.string ?? function?["library"]?.string,
        function == nil || file.contains("/"), !file.hasPrefix("/"),
        seen.insert("\(file) \(symbol)").inserted
      else { continue }
      findings += LibraryPreflight.findings(of: "\(path)/\(file)", exporting: symbol)
    }
    return findings
  }

  private static func json(_ finding: PluginFinding) -> JSONValue {
    [
      "severity": .string(finding.severity.rawValue), "check": .string(finding.check),
      "found": .string(finding.found), "fix": finding.fix.map { .string($0) } ?? .null,
    ]
  }

  private static func lines(_ finding: PluginFinding) -> [String] {
    let word = finding.severity.rawValue
    let padding = String(repeating: " ", count: 9 - word.count)
    return ["\(word)\(padding)\(finding.check): \(finding.found)"]
      + (finding.fix.map { ["         \($0)"] } ?? [])
  }
}
