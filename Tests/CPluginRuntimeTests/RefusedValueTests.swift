import CKaizenPlugin
import CPluginRuntime
import TestSupport
import Testing

@Suite("A value that is not as documented") struct RefusedValueTests {
  @Test(
    "fails the call, and the error names component and value",
    arguments: [
      ("null-title", KZR_VALUE, "an opportunity's title is NULL with a length of 13 bytes"),
      ("empty-title", KZR_VALUE, "an opportunity's title is empty"),
      (
        "long-title", KZR_VALUE, "an opportunity's title has 1073741824 bytes, expected at most 512"
      ),
      (
        "control-title", KZR_VALUE,
        "an opportunity's title has the control character 0x1B at byte 1"
      ),
      ("other-type", KZR_VALUE, "an opportunity's type \"code_smell\" is none of its topics"),
      (
        "infinite-strength", KZR_VALUE,
        "an opportunity's strength is inf, expected a number in [0,1]"
      ),
      ("negative-strength", KZR_VALUE, "an opportunity's strength is -0.1, expected"),
      ("severity", KZR_VALUE, "an opportunity's severity is 5, expected 0"),
      ("null-evidence", KZR_VALUE, "an opportunity's evidence is NULL with a length of 2 bytes"),
      ("small-size", KZR_VALUE, "an opportunity with size 8, expected its sizeof"),
      ("null-pointer", KZR_VALUE, "an opportunity with size 0, expected its sizeof"),
      ("flood", KZR_LIMIT, "more opportunities a call than 1000"),
      ("odd-status", KZR_FAILED, "returned status 77, expected 0, 1 or 2"),
      ("no-reason", KZR_FAILED, "failed: it gave no reason"),
      ("reason", KZR_FAILED, "failed: the moon is in the wrong phase \u{FFFD}"),
      ("stopped-unasked", KZR_FAILED, "stopped unasked"),
    ])
  func refuses(how: String, code: Int, words: String) throws {
    let component = try LoadedComponent("bad_values", id: "bad-values", kind: KZ_KIND_ANALYZER)
    let refused = #expect(throws: Refusal.self) { try component.analyze(agent: how) }
    #expect(refused?.code == code)
    #expect(refused?.description.hasPrefix("component \"bad-values\"") == true)
    #expect(refused?.description.contains(words) == true, "\(refused?.description ?? "")")
    // The next call starts afresh.
    try component.analyze(agent: "sound")
    #expect(component.collector.lines.last == "error_pattern a sound title 0.5 {}")
  }

  @Test("is refused for a score of NaN, though the scorer returns success")
  func notANumber() throws {
    let scorer = try LoadedComponent("nan_score", id: "nan-score", kind: KZ_KIND_SCORER)
    let refused = #expect(throws: Refusal.self) {
      try Sample.withTree(files: []) { tree in try scorer.call { kzr_score($0, tree, $1, $2) } }
    }
    #expect(refused?.code == KZR_VALUE)
    #expect(
      refused?.description
        == "component \"nan-score\": the score of \"maintainability\" is nan, expected a number in [0,1]"
    )
    #expect(scorer.collector.lines.isEmpty)
  }

  @Test("is refused for broken UTF-8, naming the byte")
  func brokenText() throws {
    let component = try LoadedComponent("broken_utf8", id: "broken-utf8", kind: KZ_KIND_ANALYZER)
    let refused = #expect(throws: Refusal.self) { try component.analyze() }
    #expect(
      refused?.description
        == "component \"broken-utf8\": an opportunity's title is not UTF-8: byte 0xE9 at 3 (\"caf\u{FFFD}\")"
    )
  }

  @Test(
    "includes every malformed UTF-8 sequence",
    arguments: [
      ([0x80], false), ([0xC0, 0x80], false), ([0xE0, 0x80, 0x80], false), ([0xC3], false),
      ([0xED, 0xA0, 0x80], false), ([0xF4, 0x90, 0x80, 0x80], false), ([0xF8], false),
      ([0x41, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x8C, 0xB1], true), ([], true),
    ] as [([UInt8], Bool)])
  func utf8(bytes: [UInt8], isGood: Bool) {
    bytes.withUnsafeBytes { raw in
      let given = kz_text(
        data: raw.baseAddress?.assumingMemoryBound(to: CChar.self), length: UInt64(raw.count))
      #expect(kzr_is_utf8(given) == isGood)
    }
  }

  @Test("log messages are repaired and cut between characters instead")
  func repairs() {
    let given: [UInt8] = [0x61, 0xFF, 0xE2, 0x82, 0xAC]
    var out = [CChar](repeating: 0, count: 6)
    let written = given.withUnsafeBytes { raw in
      kzr_repair(
        kz_text(data: raw.baseAddress?.assumingMemoryBound(to: CChar.self), length: 5), &out, 6)
    }
    #expect(written == 4)
    #expect(
      String(decoding: out.prefix(4).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "a\u{FFFD}")
  }

  @Test(
    "findings point to one file beneath the root",
    arguments: [
      ("a.py", true), ("a/b.py", true), ("..a/.b", true), ("/etc/passwd", false), ("../x", false),
      ("a/../b", false), ("a//b", false), ("a/", false), (".", false), ("", false),
    ])
  func findingPath(file: String, isGood: Bool) {
    var error = kzr_error()
    let good = file.withText { file in
      var finding = kz_finding(
        size: size(of: kz_finding.self), level: UInt32(KZ_LEVEL_NOTE), rule: lasting("r"),
        file: file, line: 0, reserved: 0, message: lasting("m"))
      return kzr_check_finding(lasting("x"), &finding, &error)
    }
    #expect(good == isGood)
  }
}
