import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("A command as a component") struct CommandTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  @Test("gets the call on its standard input and answers in JSON lines")
  func analyze() throws {
    try rig.commandBundle(
      "smeller",
      script: """
        read -r call
        case "$call" in *'"call":"analyze"'*) ;; *) exit 9 ;; esac
        echo '{"note": "looked at '$(echo *)'"}'
        echo '{"log": {"level": "warning", "message": "hm"}}'
        echo '{"progress": 0.5}'
        echo '{"opportunity": {"type": "code_smell", "title": "smells", "evidence": {"n": 1}}}'
        """)
    let output = try rig.host().analyze(try id("smeller"), try rig.analysis(hasFiles: true))
    #expect(output.opportunities.map(\.title) == ["smells"])
    #expect(output.opportunities.first?.evidence == ["n": 1])
    #expect(output.remarks.notes == ["looked at a.py lib"])
    #expect(output.remarks.logs == [ComponentLog(level: .warning, message: "hm")])
  }

  @Test("that reads nothing and mends files in place is an applier as it is")
  func inPlace() throws {
    try rig.folder.write(
      "home/plugins/sed/manifest.json",
      manifestText(
        #""id": "sed", "kind": "applier", "handles": ["code_smell"], "#
          + #""entry": {"command": ["sed", "-i", "s/1/2/", "lib/b.py"], "output": "none"}"#))
    let output = try rig.host().apply(try id("sed"), try rig.application(try id("x")))
    #expect(output.remarks == ComponentRemarks())
    #expect(try rig.text("lib/b.py") == "b = 2\n")
  }

  @Test("finds in its input the opportunity to act on, and in its bundle what it brought")
  func input() throws {
    try rig.commandBundle(
      "keeper", kind: "applier",
      script: #"cat > seen.json; cat "$KAIZEN_BUNDLE/words" > words; echo noise >&2"#)
    try rig.folder.write("home/plugins/keeper/words", "brought")
    _ = try rig.host().apply(try id("keeper"), try rig.application(try id("finder")))
    let seen = try JSONDocument.parse(Array(try rig.text("seen.json").utf8))
    #expect(seen["call"] == "apply")
    #expect(seen["opportunities"]?.array?.first?["id"] == "o-1")
    #expect(try rig.text("words") == "brought")
  }

  @Test("scores in JSON lines")
  func score() throws {
    try rig.commandBundle(
      "scorer", kind: "scorer",
      script: """
        echo '{"score": {"dimension": "security", "value": 0.5}}'
        echo '{"finding": {"rule": "r", "level": "error", "file": "./a.py", "line": 1}}'
        """)
    let output = try rig.host().score(try id("scorer"), try rig.scoring(changed: ["a.py"]))
    #expect(output.dimensions == [DimensionScore(dimension: "security", value: 0.5)])
    #expect(output.findings.map(\.file) == ["a.py"])
  }

  @Test("that prints SARIF gives findings, wherever its exit says it found some")
  func sarif() throws {
    try rig.commandBundle(
      "linter", kind: "scorer",
      script: """
        cat <<END
        {"version": "2.1.0", "runs": [{"results": [
          {"ruleId": "W1", "level": "error", "message": {"text": "m"}, "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": "file://$PWD/lib/b.py"},
             "region": {"startLine": 1}}}]},
          {"ruleId": "W2", "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": "/usr/lib/x.py"}}}]}]}]}
        END
        exit 1
        """, entry: #", "output": "sarif", "ok_exits": [0, 1]"#)
    let output = try rig.host().score(try id("linter"), try rig.scoring())
    #expect(
      output.findings == [
        Finding(rule: "W1", level: .error, file: "lib/b.py", line: 1, message: "m")
      ])
    #expect(output.remarks.logs.first?.message.hasPrefix("1 results outside") == true)
  }

  @Test("fails with the last lines of its standard error")
  func fails() throws {
    try rig.commandBundle(
      "failing", script: "echo first >&2; echo; echo 'no such rule' >&2; echo end >&2; exit 3")
    let error = #expect(throws: KaizenError.self) {
      try rig.host().analyze(try id("failing"), try rig.analysis())
    }
    #expect(error?.code == "E_PLUGIN_FAILED")
    #expect(error?.message.hasSuffix("ended with status 3: first | no such rule | end") == true)
    #expect(error?.hint?.contains("ok_exits") == true)
  }

  @Test("whose exit is not among the good ones fails, even 0")
  func exits() throws {
    try rig.commandBundle("odd", script: "exit 0", entry: #", "ok_exits": [7]"#)
    #expect(throws: KaizenError.self) { try rig.host().analyze(try id("odd"), try rig.analysis()) }
    try rig.commandBundle("even", script: "exit 7", entry: #", "ok_exits": [7]"#)
    #expect(throws: Never.self) { try rig.host().analyze(try id("even"), try rig.analysis()) }
  }

  @Test("that dies by a signal has crashed")
  func signal() throws {
    try rig.commandBundle("dying", script: "echo oh >&2; kill -SEGV $$")
    let error = #expect(throws: KaizenError.self) {
      try rig.host().analyze(try id("dying"), try rig.analysis())
    }
    #expect(error?.code == "E_PLUGIN_CRASHED")
    #expect(error?.message.contains("SIGSEGV") == true)
    #expect(error?.message.hasSuffix("its last words: oh") == true)
  }

  @Test("that does not exist is an error naming it")
  func missing() throws {
    try rig.folder.write(
      "home/plugins/gone/manifest.json",
      manifestText(
        #""id": "gone", "kind": "analyzer", "emits": ["code_smell"], "#
          + #""entry": {"command": ["no-such-program-here"]}"#))
    let error = #expect(throws: KaizenError.self) {
      try rig.host().analyze(try id("gone"), try rig.analysis())
    }
    #expect(error?.message.contains("no-such-program-here") == true)
  }

  @Test("of a bundle that lacks its program is disabled")
  func missingProgram() throws {
    try rig.commandBundle("bare", script: "exit 0")
    unlink(rig.folder.path + "/home/plugins/bare/run")
    let reason = try #require(try rig.host().reason("bare"))
    #expect(reason.hasPrefix("E_PLUGIN_MISSING: "))
    #expect(reason.contains("\"run\""))
  }
}

@Suite("A command that misbehaves") struct CommandHarmTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  private func failure(_ script: String, _ more: String = "") throws -> KaizenError? {
    try rig.commandBundle("bad", script: script, more)
    let host = try rig.host()
    return #expect(throws: KaizenError.self) {
      try host.analyze(try id("bad"), try rig.analysis())
    }
  }

  @Test("is killed at its deadline", arguments: ["sleep 100", "exec >&- 2>&-; sleep 100"])
  func hangs(script: String) throws {
    let start = Clock.monotonic()
    let error = try failure(script, #", "deadline_ms": 100"#)
    #expect(error?.code == "E_PLUGIN_DEADLINE")
    #expect(error?.message.contains("within its 100 ms") == true)
    #expect(Clock.monotonic() - start < .seconds(10))
  }

  @Test("and floods its output is cut off", arguments: ["yes", "head -c 1G /dev/zero"])
  func floods(script: String) throws {
    let start = Clock.monotonic()
    let error = try failure(script, #", "deadline_ms": 60000"#)
    #expect(error?.code == "E_PLUGIN_PROTOCOL")
    #expect(error?.message.contains("more than 8 MiB") == true)
    #expect(Clock.monotonic() - start < .seconds(30))
  }

  @Test("and floods its standard error only loses its first words")
  func floodsErrors() throws {
    let error = try failure("yes | head -c 2000000 >&2; echo the end >&2; exit 1")
    #expect(error?.code == "E_PLUGIN_FAILED")
    #expect(error?.message.hasSuffix("y | y | the end") == true)
  }

  @Test("and answers in a line that is too long is refused")
  func longLine() throws {
    let error = try failure(
      #"printf '{"note": "'; head -c 200000 /dev/zero | tr '\0' x; echo '"}'"#)
    #expect(error?.code == "E_PLUGIN_PROTOCOL")
    #expect(error?.message.contains("line 1") == true)
  }

  @Test("and answers garbage is refused with the line")
  func garbage() throws {
    let error = try failure("echo '{\"note\": \"n\"}'; echo Traceback")
    #expect(error?.code == "E_PLUGIN_PROTOCOL")
    #expect(error?.message.contains("line 2") == true)
    #expect(error?.message.contains("Traceback") == true)
  }

  @Test("and lies about what it emits is refused")
  func lies() throws {
    let error = try failure(#"echo '{"opportunity": {"type": "tool_upgrade", "title": "t"}}'"#)
    #expect(error?.code == "E_PLUGIN_VALUE")
    #expect(error?.message.contains("tool_upgrade") == true)
  }

  @Test("and never reads its input does no harm")
  func unread() throws {
    try rig.commandBundle("deaf", script: "exec <&-; exit 0")
    #expect(throws: Never.self) { try rig.host().analyze(try id("deaf"), try rig.analysis()) }
  }
}
