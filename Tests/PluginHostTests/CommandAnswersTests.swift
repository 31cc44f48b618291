import Model
import Testing

@testable import PluginHost

@Suite("JSON lines of a command") struct CommandAnswersTests {
  private func answers(_ text: String) throws -> [Answer] {
    var answers: [Answer] = []
    let id = try #require(ComponentID("probe"))
    try CommandAnswers.read(Array(text.utf8), of: id) { answers.append($0) }
    return answers
  }

  @Test("say all that a component can say")
  func all() throws {
    let found = try answers(
      """
      {"opportunity": {"type": "code_smell", "severity": "medium", "title": "t", "evidence": {"n": 1}}}

      {"score": {"dimension": "security", "value": 0.9}}
      {"finding": {"rule": "r", "level": "error", "file": "a.py", "line": 3, "message": "m"}}
      {"finding": {"rule": "r", "file": "a.py"}}\r
      {"note": "n"}
      {"progress": 0.4}
      {"log": {"level": "warning", "message": "l"}}
      {"log": {"message": "l", "module": "x"}}
      """)
    #expect(
      found == [
        .opportunity(
          OpportunityAnswer(
            type: "code_smell", severity: .medium, title: "t", strength: nil, evidence: ["n": 1])),
        .score(dimension: "security", value: 0.9),
        .finding(Finding(rule: "r", level: .error, file: "a.py", line: 3, message: "m")),
        .finding(Finding(rule: "r", level: .warning, file: "a.py", line: nil, message: "")),
        .note("n"), .progress(0.4), .log(ComponentLog(level: .warning, message: "l")),
        .log(ComponentLog(level: .info, message: "l")),
      ])
  }

  @Test("may be none")
  func none() throws {
    #expect(try answers("") == [])
    #expect(try answers("\n\n") == [])
  }

  @Test(
    "that are something else are an error naming the line and what was found",
    arguments: [
      ("hello", "line 1", "\"hello\""), ("{\"note\": \"n\"}\n[1]", "line 2", "a list of 1"),
      ("{}", "line 1", "the keys"), ("{\"note\": \"n\", \"log\": {}}", "line 1", "log, note"),
      ("{\"remark\": 1}", "line 1", "\"remark\""), ("{\"note\": 1}", "line 1", "the number 1"),
      ("{\"note\": null}", "line 1", "nothing"),
      ("{\"score\": {\"dimension\": \"d\", \"value\": \"high\"}}", "line 1", "\"high\""),
      ("{\"score\": {\"value\": 1}}", "line 1", "nothing"), ("{\"progress\": 7}", "line 1", "7"),
      ("{\"finding\": {\"rule\": \"r\", \"file\": \"f\", \"line\": 0}}", "line 1", "0"),
      ("{\"finding\": {\"rule\": \"r\", \"file\": \"f\", \"level\": \"bad\"}}", "line 1", "bad"),
      ("{\"opportunity\": {\"type\": \"t\"}}", "line 1", "nothing"),
      ("{\"opportunity\": {\"type\": \"t\", \"title\": \"x\", \"strength\": 2}}", "line 1", "2"),
      ("\n\n{\"note\": \"\u{1}", "line 3", "{\"note\": \""),
    ])
  func garbage(text: String, line: String, found: String) {
    let error = #expect(throws: KaizenError.self) { try answers(text) }
    #expect(error?.code == "E_PLUGIN_PROTOCOL")
    #expect(error?.message.contains("component \"probe\", \(line)") == true)
    #expect(error?.message.contains(found) == true, "\(error?.message ?? "")")
  }

  @Test("have a length that ends")
  func length() {
    let text = #"{"note": ""# + String(repeating: "x", count: CommandAnswers.lineBytesMax) + #""}"#
    let error = #expect(throws: KaizenError.self) { try answers(text) }
    #expect(error?.message.contains("at most \(CommandAnswers.lineBytesMax) bytes") == true)
  }

  @Test("stop where the collector refuses one")
  func refused() throws {
    let id = try #require(ComponentID("probe"))
    var count = 0
    #expect(throws: KaizenError.self) {
      try CommandAnswers.read(Array("{\"note\":\"a\"}\n{\"note\":\"b\"}\n".utf8), of: id) {
        (_) throws(KaizenError) in
        count += 1
        throw KaizenError("E_PLUGIN_VALUE", "no")
      }
    }
    #expect(count == 1)
  }
}

@Suite("SARIF logs of a command") struct SARIFLogTests {
  private func read(_ text: String) throws -> (findings: [Finding], outside: Int) {
    var findings: [Finding] = []
    let id = try #require(ComponentID("probe"))
    let outside = try SARIFLog.read(
      Array(text.utf8), of: id, isInside: { !$0.hasPrefix("/") || $0.hasPrefix("/srv/") }
    ) { if case .finding(let finding) = $0 { findings.append(finding) } }
    return (findings, outside)
  }

  private func log(_ results: String, rules: String = "[]") -> String {
    #"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t", "rules": \#(rules)}}, "#
      + #""results": [\#(results)]}]}"#
  }

  private func result(_ members: String, uri: String = "a.py", region: String = "{}") -> String {
    #"{\#(members), "locations": [{"physicalLocation": {"artifactLocation": {"uri": "\#(uri)"}, "#
      + #""region": \#(region)}}]}"#
  }

  @Test("give findings with rule, level, file, line and message")
  func findings() throws {
    let text = log(
      result(
        #""ruleId": "F401", "level": "error", "message": {"text": "unused"}"#,
        uri: "file:///srv/my%20agent/a.py", region: #"{"startLine": 7}"#)
        + "," + result(#""ruleIndex": 0, "message": {"text": "m"}"#)
        + "," + result(#""rule": {"id": "x"}"#, region: #"{"startLine": 0}"#),
      rules: #"[{"id": "E1", "defaultConfiguration": {"level": "note"}}]"#)
    #expect(
      try read(text).findings == [
        Finding(
          rule: "F401", level: .error, file: "/srv/my agent/a.py", line: 7, message: "unused"),
        Finding(rule: "E1", level: .note, file: "a.py", line: nil, message: "m"),
        Finding(rule: "x", level: .warning, file: "a.py", line: nil, message: ""),
      ])
  }

  @Test("leave out what passed, what is suppressed, and what lies outside")
  func leftOut() throws {
    let text = log(
      [
        result(#""ruleId": "a", "kind": "pass""#), result(#""ruleId": "b", "level": "none""#),
        result(#""ruleId": "c", "suppressions": [{"kind": "inSource"}]"#),
        result(#""ruleId": "d""#, uri: "file:///usr/lib/x.py"), result(#""ruleId": "e""#),
      ].joined(separator: ","))
    let (findings, outside) = try read(text)
    #expect(findings.map(\.rule) == ["e"])
    #expect(outside == 1)
  }

  @Test("without results are clean")
  func clean() throws {
    #expect(try read(#"{"version": "2.1.0", "runs": []}"#).findings.isEmpty)
    #expect(try read(#"{"version": "2.1.0", "runs": [{"tool": {}}]}"#).findings.isEmpty)
  }

  @Test(
    "that are none are an error naming what was found",
    arguments: [
      ("", "SARIF"), ("[]", "no \"version\""), (#"{"version": "1.0"}"#, "1.0"),
      (#"{"version": "2.1.0"}"#, "no \"runs\""),
      (#"{"version": "2.1.0", "runs": [{"results": [{"ruleId": "a"}]}]}"#, "a rule and a file"),
    ])
  func broken(text: String, found: String) {
    let error = #expect(throws: KaizenError.self) { try read(text) }
    #expect(error?.code == "E_PLUGIN_PROTOCOL")
    #expect(error?.message.contains(found) == true, "\(error?.message ?? "")")
  }

  @Test(
    "name files by URI",
    arguments: [
      ("a/b.py", "a/b.py"), ("file:///x/y", "/x/y"), ("file://host/x", "/x"), ("a%2Fb", "a/b"),
      ("100%", "100%"), ("%zz", "%zz"), ("file://", ""), ("%C3%A9", "é"),
    ])
  func uri(uri: String, path: String) { #expect(SARIFLog.path(uri) == path) }
}
