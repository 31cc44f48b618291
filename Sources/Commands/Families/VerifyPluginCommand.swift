internal import JSONStream
internal import Linux
internal import Model
internal import PluginHost

/// `plugins verify`: what a daemon would find out later, said before.
enum VerifyPluginCommand {
  static let command = Command(
    words: ["plugins", "verify"], operands: [.init(name: "PATH")],
    options: [
      .init(
        name: "--calls", kind: .integer("N", 8...1_000_000),
        help: "calls in a row to look for leaks; default 10,000, fewer where they pass 30 s"),
      .init(
        name: "--seed", kind: .integer("N", 0...Int.max),
        help: "of the random inputs; default a new one, which is printed"),
      .init(
        name: "--evidence", kind: .text("JSON"),
        help: "what an applier's opportunity stands on, an object; default random"),
      .init(
        name: "--inputs", kind: .text("DIR"),
        help: "kept inputs of recorded calls to repeat, as state/calls/inputs of a home"),
    ],
    summary: "check a plugin's library, manifest and behaviour; no daemon needed",
    notes: """
      First each library is read without running it. Then each component is called as the daemon
      would, confined: without data, with random and recorded data. Libraries go through their life cycle in every
      order, meet an older and a newer host, are asked to stop at each callback, have each value
      refused, and are called many times in a row, which shows what they leak.
      Exits with 1 where an error or a warning was found; notes do not count.
      """, run: run)

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let seed = UInt64(call.integer("--seed") ?? Int.random(in: 0...999_999_999))
    let path = try LocalBundle.folder(call.operand(0))
    var kept: [KeptInput] = []
    if let folder = call.text("--inputs") { kept = try KeptInput.all(in: folder) }
    var findings = try preflight(path)
    var passed: [String] = []
    // What the loader would choke on says nothing new when it does.
    if !findings.contains(where: { $0.severity == .error }) {
      let scratch = try ScratchFolder("kaizen-verify")
      let bundle = try LocalBundle(path, in: scratch)
      findings += bundle.host.manifestProblems().filter(\.isWarning).map {
        PluginFinding(.warning, "manifest", "\($0)", fix: $0.fix)
      }
      let terminal = call.terminal
      var verification = PluginVerification(
        bundle, seed: seed, count: call.integer("--calls") ?? PluginVerification.callCount,
        evidence: try TryPluginCommand.evidence(call), kept: kept, scratch: scratch.path,
        progress: VerificationProgress { terminal.remark($0) })
      for status in bundle.host.components() { try verification.verify(status) }
      findings += verification.findings
      passed = verification.passed
    }
    let isFine = !findings.contains { $0.severity != .note }
    if call.isJSON {
      let answer: JSONValue = [
        "path": .string(path), "ok": .bool(isFine), "seed": .integer(Int64(seed)),
        "findings": .array(findings.map(json)), "passed": .array(passed.map { .string($0) }),
      ]
      call.terminal.write(answer.text() + "\n")
    } else {
      call.terminal.write(lines: passed.map { "ok       \($0)" } + findings.flatMap(lines))
      call.terminal.write(lines: [summary(call.operand(0), findings, isFine)])
    }
    return isFine ? .done : .failed
  }

  private static func summary(
    _ path: String, _ findings: [PluginFinding], _ isFine: Bool
  ) -> String {
    let counts = PluginFinding.Severity.allCases.compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      if count == 0 { return nil }
      return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    let what = counts.isEmpty ? "" : ": " + counts.joined(separator: ", ")
    return "\(path) \(isFine ? "passes" : "fails")\(what)"
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
      "severity": .string(finding.severity.rawValue), "rule": .string(finding.rule),
      "found": .string(finding.found), "fix": finding.fix.map { .string($0) } ?? .null,
    ]
  }

  private static func lines(_ finding: PluginFinding) -> [String] {
    let word = finding.severity.rawValue
    let padding = String(repeating: " ", count: 9 - word.count)
    return ["\(word)\(padding)\(finding.rule): \(finding.found)"]
      + (finding.fix.map { ["         \($0)"] } ?? [])
  }
}
