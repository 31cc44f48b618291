import CKaizenPlugin
import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("The playbook") struct PlaybookTests {
  private let directory: TemporaryDirectory
  /// 2026-11-21 04:00 UTC.
  private static let now: Int64 = 1_795_233_600_000_000_000

  init() throws { directory = try TemporaryDirectory() }

  private struct Learning {
    var id = "l-1"
    var title = "Timeouts on search"
    var text = "retry once"
    var impact = 0.5
    var expires = "2026-12-01T00:00:00Z"
    var count: Int?

    var json: JSONValue {
      var members: [String: JSONValue] = [
        "id": .string(id), "type": "error_avoidance", "title": .string(title),
        "text": .string(text), "impact": .number(impact), "expires": .string(expires),
      ]
      if let count { members["evidence_count"] = .integer(Int64(count)) }
      return .object(members)
    }
  }

  @discardableResult
  private func apply(
    _ learnings: [Learning], asked: String = "AGENTS.md", files: [String], agent: String = "{}",
    now: Int64 = now
  ) throws -> [String] {
    let arena = Arena()
    let evidence: JSONValue = [
      "file": .string(asked), "learnings": .array(learnings.map(\.json)),
    ]
    let item = Item(
      type: "training_needed", evidence: evidence.text(), root: directory.path, files: files,
      agent: agent, nowNanoseconds: now)
    return try Component("PlaybookApplier", "playbook", kind: KZ_KIND_APPLIER)
      .apply(item.item(arena)).notes
  }

  private func read(_ file: String) throws -> String {
    String(decoding: try Files.read(directory.path + "/" + file, limit: 1 << 21), as: UTF8.self)
  }

  /// The lines from marker to marker.
  private func block(_ file: String = "AGENTS.md") throws -> [String] {
    let lines = try read(file).split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("<!-- kaizen:playbook ") })
    let end = try #require(lines.firstIndex { $0 == "<!-- /kaizen:playbook -->" })
    return lines[start...end].map(String.init)
  }

  @Test("stands at the end of the file, everything before it as it was")
  func appended() throws {
    let text = "# Agent\r\n\r\nBe kind.\r\nno end"
    try directory.write("AGENTS.md", text)
    let notes = try apply([Learning(count: 7)], files: ["AGENTS.md"])
    #expect(notes == ["AGENTS.md: playbook of 1 learnings: l-1"])
    let written = try read("AGENTS.md")
    #expect(written.hasPrefix(text + "\r\n\r\n<!-- kaizen:playbook "))
    #expect(
      written.hasSuffix(
        "\r\n- \"Timeouts on search: retry once\" [learning l-1, impact 50 %, 7 records, "
          + "until 2026-12-01]\r\n<!-- /kaizen:playbook -->\r\n"))
  }

  @Test("written twice changes nothing, and what stands around it stays")
  func idempotent() throws {
    try directory.write("AGENTS.md", "# A\n")
    try apply([Learning()], files: ["AGENTS.md"])
    let once = try read("AGENTS.md") + "\nbelow  \n\n"
    try directory.write("AGENTS.md", once)
    let notes = try apply([Learning()], files: ["AGENTS.md"])
    #expect(notes == ["nothing to do: the block in AGENTS.md says this already"])
    #expect(try read("AGENTS.md") == once)
    try apply([Learning(id: "l-2", impact: 0.9)], files: ["AGENTS.md"])
    let twice = try read("AGENTS.md")
    #expect(
      twice.hasPrefix("# A\n\n<!-- kaizen:playbook ") && twice.hasSuffix("-->\n\nbelow  \n\n"))
    #expect(
      try block().filter { $0.contains("learning l-") }.map { $0.contains("l-2") } == [true, false])
  }

  @Test("has 15 lines at most, the most impactful first, and drops what has expired")
  func limited() throws {
    try directory.write("AGENTS.md", "")
    let learnings = (1...20).map { Learning(id: "l-\($0)", impact: Double($0) / 20) }
    try apply(
      learnings + [Learning(id: "old", impact: 1, expires: "2026-11-20T23:00:00Z")],
      files: ["AGENTS.md"])
    var lines = try block()
    #expect(lines.count == 15)
    #expect(lines[2].contains("learning l-20,") && lines[13].contains("learning l-9,"))
    #expect(!lines.contains { $0.contains("learning old") })
    // Days later everything has expired but what came new.
    let later = Self.now + 20 * 86_400_000_000_000
    try apply(
      [Learning(id: "new", expires: "2027-01-01T00:00:00Z")], files: ["AGENTS.md"], now: later)
    lines = try block()
    #expect(lines.count == 4 && lines[2].contains("learning new"))
  }

  @Test("goes into the file that is there; of two the one asked for")
  func places() throws {
    try directory.write("CLAUDE.md", "c\n")
    try apply([Learning()], files: ["CLAUDE.md"])
    #expect(try block("CLAUDE.md").count == 4)
    #expect(!Files.exists(directory.path + "/AGENTS.md"))
    try directory.write("AGENTS.md", "a\n")
    try apply([Learning(id: "l-9")], asked: "CLAUDE.md", files: ["AGENTS.md", "CLAUDE.md"])
    #expect(try block("CLAUDE.md").count == 5)
    #expect(try read("AGENTS.md") == "a\n")
  }

  @Test(
    "begins AGENTS.md only where the agent's paths have room for it",
    arguments: [
      ("{}", true), (#"{"paths": ["**"]}"#, true), (#"{"paths": ["*.md"]}"#, true),
      (#"{"paths": ["src/**", "AGENTS.md"]}"#, true), (#"{"paths": ["src/**", "*.py"]}"#, false),
      (#"{"paths": ["**"], "protected": ["**/*.md"]}"#, false),
      (#"{"paths": ["**"], "ignore": ["AGENTS.*"]}"#, false),
    ])
  func created(agent: String, isMade: Bool) throws {
    let notes = try apply([Learning()], files: ["a.py"], agent: agent)
    #expect(Files.exists(directory.path + "/AGENTS.md") == isMade)
    if isMade {
      #expect(try read("AGENTS.md").hasPrefix("# Instructions\n\n<!-- kaizen:playbook "))
    } else {
      #expect(notes.first?.hasPrefix("nothing to do: ") == true)
    }
  }

  @Test("protected instructions are left alone, and none are begun beside them")
  func protected() throws {
    try directory.write("CLAUDE.md", "mine\n")
    let notes = try apply([Learning()], files: ["a.py"])
    #expect(notes == ["nothing to do: CLAUDE.md is protected or not one of the agent's files"])
    #expect(!Files.exists(directory.path + "/AGENTS.md"))
    symlink("/etc/passwd", directory.path + "/AGENTS.md")
    #expect(throws: CallFailure.self) { try apply([Learning()], files: ["AGENTS.md"]) }
  }

  @Test("a block that somebody wrote in, or half of one, is refused and loses nothing")
  func edited() throws {
    try directory.write("AGENTS.md", "# A\n")
    try apply([Learning()], files: ["AGENTS.md"])
    let good = try read("AGENTS.md")
    let edits = [
      good.replacing("retry once", with: "retry twice"),
      good.replacing("<!-- /kaizen", with: "my own line\n<!-- /kaizen"),
      good.replacing("<!-- /kaizen:playbook -->\n", with: ""),
      good.replacing("<!-- kaizen:playbook", with: "<!-- gone"),
      good + good, "<!-- /kaizen:playbook -->\n" + good, "<!-- kaizen:playbook -->\n",
    ]
    for text in edits {
      try directory.write("AGENTS.md", text)
      let failure = #expect(throws: CallFailure.self) {
        try apply([Learning(id: "l-2")], files: ["AGENTS.md"])
      }
      #expect(failure?.description.contains("AGENTS.md: line ") == true, "\(text)")
      #expect(try read("AGENTS.md") == text)
    }
  }

  @Test(
    "text of feedback becomes one plain line",
    arguments: [
      "a\nb", "a\r\nb", "x --> <!-- /kaizen:playbook -->", "</div><script>alert(1)</script>",
      "# heading\n- item", "see [here](http://evil.example/x)", "![i](https://e.example/p.png)",
      "`rm -rf /`", "```\ncode\n```", "@/etc/passwd and @secrets.md", "a\u{2028}b\u{85}c",
      "\u{202E}txt.exe\u{200B}", "\u{0}\u{1B}[31mred", "\" [learning l-7, impact 100 %]",
      "| a | b |", "**bold** __x__ ~~y~~", "&lt;!-- x --&gt;",
      String(repeating: "long ", count: 500),
    ])
  func hostile(text: String) throws {
    try directory.write("AGENTS.md", "# A\n")
    try apply([Learning(title: text, text: text)], files: ["AGENTS.md"])
    let lines = try block()
    try #require(lines.count == 4)
    let line = lines[2]
    let inner = line.dropFirst("- \"".count).prefix { $0 != "\"" }
    #expect(line.hasPrefix("- \"") && line.contains("\" [learning l-1, impact 50 %, until "))
    #expect(!inner.contains { "<>[]{}`*#|@&\\\u{202E}\u{200B}\u{1B}".contains($0) }, "\(line)")
    #expect(!inner.contains("://") && line.count < 420)
    #expect(
      try apply([Learning(title: text, text: text)], files: ["AGENTS.md"])[0]
        .hasPrefix("nothing to do"))
  }

  @Test("odd evidence is passed over, and none at all changes nothing")
  func odd() throws {
    try directory.write("AGENTS.md", "# A\n")
    let learnings = [
      Learning(id: "", title: "x"), Learning(id: "<!--", title: "\n", text: "\u{0}"),
      Learning(id: "l-3", impact: -5, expires: "soon"), Learning(id: "l-4", impact: 99),
    ]
    try apply(learnings, files: ["AGENTS.md"])
    let lines = try block()
    #expect(lines.count == 5)
    #expect(lines[2].hasSuffix("[learning l-4, impact 100 %, until 2026-12-01]"))
    #expect(lines[3].hasSuffix("[learning l-3, impact 0 %]"))
    try directory.write("AGENTS.md", "# B\n")
    #expect(try apply([], files: ["AGENTS.md"])[0].hasPrefix("nothing to do"))
    #expect(try read("AGENTS.md") == "# B\n")
  }
}
