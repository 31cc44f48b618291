import CKaizenPlugin
import Glibc
import Linux
import Model
import TestSupport
import Testing

/// A value that is random and nobody's; put together here, so that no file of ours holds one.
let madeUpSecret = "rk7Qv2Xm9Zc4" + "TnW8yLb3HdJ6pRf5sGa1"

@Suite("The security analyzer") struct SecurityTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func analyze(_ files: [String]) throws -> Emitted {
    let arena = Arena()
    return try Component("SecurityAnalyzer", "security", kind: KZ_KIND_ANALYZER)
      .analyze(Window().view(arena, root: directory.path, files: files))
  }

  /// The rules found in a file of that name and text.
  private func rules(_ text: String, file: String = "a.py") throws -> [String] {
    try directory.write(file, text)
    return try analyze([file]).opportunities.map { $0.evidence["rule"]?.string ?? "none" }
  }

  @Test("a literal secret is found with its place, and never shown")
  func secret() throws {
    try directory.write("src/rates.py", "import json\n\nRATES_TOKEN = \"\(madeUpSecret)\"\n")
    let found = try analyze(["src/rates.py"]).opportunities
    #expect(found.map(\.type) == ["security_vulnerability"])
    #expect(found.first?.title == "src/rates.py assigns a literal secret to RATES_TOKEN")
    #expect(
      found.first?.evidenceText
        == "{\"file\":\"src/rates.py\",\"line\":3,\"rule\":\"secret-assignment\","
        + "\"name\":\"RATES_TOKEN\",\"preview\":\"rk7Q… (32 characters)\"}")
    #expect((0.75...0.95).contains(found.first?.strength ?? 0))
  }

  @Test(
    "assignments in many languages",
    arguments: [
      ("a.py", "API_KEY: str = '@'"), ("a.py", "os.environ[\"DB_PASSWORD\"] = \"@\""),
      ("a.json", "{ \"access_key\": \"@\" }"), ("a.js", "const clientSecret = `@`;"),
      ("a.go", "authToken := \"@\""), ("a.rb", ":api_key => '@'"), ("a.sh", "export TOKEN=@"),
      ("a.yaml", "password: @"), (".env", "SECRET=@"),
    ])
  func assignments(file: String, form: String) throws {
    let line = form.split(separator: "@", omittingEmptySubsequences: false)
      .joined(separator: madeUpSecret)
    #expect(try rules(line, file: file) == ["secret-assignment"])
  }

  @Test(
    "what is no secret is left alone",
    arguments: [
      "token = os.environ.get(\"API_TOKEN\", \"\")", "token = \"${API_TOKEN_FROM_CONFIG1}\"",
      "if token == \"rk7Qv2Xm9Zc4TnW8yLb3HdJ6\":", "api_key = \"your-api-key-1a2b3c4d5e6f\"",
      "tokenizer_name = \"a1b2c3d4e5f6a7b8c9\"", "secret_name = \"access_token_expires_in_3600\"",
      "password = \"short1a2b\"", "checksum = \"9f86d081884c7d659a2feaa0c55ad015\"",
      "token = \"aaaaaaaaaaaaaaaa11aa11\"", "TOKEN_LENGTH = 32",
    ])
  func harmless(line: String) throws { #expect(try rules(line).isEmpty) }

  @Test(
    "tokens are known by their issuers' prefixes",
    arguments: [
      ("AKIA" + "Q3EGZ7XWVN2LHTY4", "aws-access-key"),
      ("ghp_" + "0123456789abcdefghijABCDEFGHIJ012345", "github-token"),
      ("glpat-" + "a1B2-c3D4_e5F6g7H8i9", "gitlab-token"),
      ("sk-ant-" + "api03-a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8i9J0", "anthropic-key"),
      ("xoxb-" + "123456789012-abcdefABCDEF123", "slack-token"),
      ("-----BEGIN RSA PRIVATE" + " KEY-----", "private-key"),
    ])
  func issuers(value: String, rule: String) throws {
    #expect(try rules("call(\"\(value)\")") == [rule])
    #expect(try rules("call(\"x\(value.prefix(12))\")").isEmpty)
  }

  @Test(
    "a download that is executed",
    arguments: [
      "curl -fsSL https://x.y/i.sh | sh", "wget -qO- 'https://x.y/a;b' | tee log | sudo -E bash -",
      "sh -c \"$(curl -fsSL https://x.y)\"", "bash <(curl -s https://x.y)", "eval `curl -s x`",
      "curl -s https://x.y \\\n  | python3 -", "/usr/bin/curl -s x | env -i /bin/sh",
    ])
  func downloads(text: String) throws {
    #expect(try rules(text + "\n", file: "a.md") == ["download-to-shell"])
  }

  @Test(
    "a download that is not",
    arguments: [
      "curl x | sha256sum", "curl x > f; echo y | sh", "curl x || sh fallback", "# curl x | sh",
      "libcurl x | sh", "curl x && cat f | sh", "curl 'x | sh'",
    ])
  func noDownloads(text: String) throws { #expect(try rules(text, file: "a.sh").isEmpty) }

  @Test("a file that everyone may write; one that others may read is fine")
  func worldWritable() throws {
    try directory.write("open.txt", "x", mode: 0o666)
    try directory.write("closed.txt", "x", mode: 0o664)
    let found = try analyze(["closed.txt", "open.txt"]).opportunities
    #expect(found.map(\.title) == ["open.txt can be written by everyone"])
    #expect(found.first?.strength == 1)
    #expect(found.first?.evidence["line"] == nil)
  }

  @Test("the second of the same title gets a number, lines stay out of titles")
  func numbered() throws {
    let line = "token = \"\(madeUpSecret)\"\n"
    try directory.write("a.py", line + "x = 1\n" + line)
    let found = try analyze(["a.py"]).opportunities
    let title = "a.py assigns a literal secret to token"
    #expect(found.map(\.title) == [title, title + " (2)"])
    #expect(found.compactMap { $0.evidence["line"]?.integer } == [1, 3])
  }
}

@Suite("The security analyzer on hostile files") struct HostileSecurityTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func analyze(_ files: [String]) throws -> Emitted {
    let arena = Arena()
    return try Component("SecurityAnalyzer", "security", kind: KZ_KIND_ANALYZER)
      .analyze(Window().view(arena, root: directory.path, files: files))
  }

  @Test("links, loops, pipes, missing files and ways out are passed over")
  func specialFiles() throws {
    let secret = "token = \"\(madeUpSecret)\"\n"
    let outside = try TemporaryDirectory()
    try outside.write("secret.py", secret)
    try directory.write("real/secret.txt", "x")
    symlink("loop", directory.path + "/loop")
    symlink(outside.path + "/secret.py", directory.path + "/link.py")
    symlink(outside.path, directory.path + "/folder")
    mkfifo(directory.path + "/pipe", 0o666)
    let name = Files.name(of: outside.path)
    let found = try analyze([
      "../\(name)/secret.py", "folder/secret.py", "link.py", "loop", "loop/x", "missing", "pipe",
      "real", "real//secret.txt", "", "/etc/passwd", String(repeating: "d/", count: 200) + "x",
      String(repeating: "n", count: 300),
    ])
    #expect(found.opportunities.isEmpty)
  }

  @Test("binary files, huge files and huge lines cost little and hide nothing before the limit")
  func huge() throws {
    let secret = "token = \"\(madeUpSecret)\"\n"
    let long = String(repeating: "x ", count: 300_000)
    try directory.write("binary", "\u{0}\n" + secret)
    try directory.write("huge", secret + long + long, mode: 0o666)
    try directory.write("long.py", "a = 1; " + secret.dropLast() + " # " + long)
    try directory.write("late.py", long + secret)
    let found = try analyze(["binary", "huge", "late.py", "long.py"]).opportunities
    #expect(found.compactMap { $0.evidence["file"]?.string } == ["huge", "long.py"])
    #expect(found.first?.evidence["rule"]?.string == "world-writable")
  }

  @Test(
    "lines made to be slow are not",
    arguments: [
      "curl x ", "sk-ant-dummy-", "token=\"", "curl |", "`curl ", "token:a ", "((((", "| ",
    ])
  func slow(part: String) throws {
    let line = String(repeating: part, count: 8192 / part.utf8.count) + "\n"
    try directory.write("a.sh", String(repeating: line, count: (1 << 20) / line.utf8.count))
    let clock = ContinuousClock()
    let time = try clock.measure { _ = try analyze(["a.sh"]) }
    #expect(time < .seconds(5))  // some 10 ms; quadratic time would be minutes
  }

  @Test("no more than 100 findings, and names that try to break out of JSON")
  func flood() throws {
    let line = "token = \"\(madeUpSecret)\"\n"
    try directory.write("a.py", String(repeating: line, count: 500))
    let found = try analyze(["a.py"])
    #expect(found.opportunities.count == 100)
    #expect(found.logs == ["stopped at 100 findings"])
    let name = "q\"\\\n\u{1}é" + String(repeating: "ü", count: 100) + ".py"
    try directory.write(name, line)
    let odd = try #require(try analyze([name]).opportunities.first)
    #expect(odd.evidence["file"]?.string == name)
    #expect(odd.title.hasPrefix("…ü"))
    try directory.write("a\nb.py", line)
    let second = try analyze(["a\nb.py"]).opportunities.first
    #expect(second?.title.hasPrefix("a?b.py ") == true)
  }

  @Test("an observed agent has no files; a root that is gone is said")
  func roots() throws {
    let arena = Arena()
    let component = try Component("SecurityAnalyzer", "security", kind: KZ_KIND_ANALYZER)
    #expect(try component.analyze(Window().view(arena)).opportunities.isEmpty)
    let failure = #expect(throws: CallFailure.self) {
      try component.analyze(Window().view(arena, root: "/nonexistent/x", files: ["a"]))
    }
    #expect(failure?.description.contains("cannot be opened") == true)
  }
}

@Suite("What scorers found, as the security analyzer reports it") struct ToldSecurityTests {
  private let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func analyze(_ facts: String, _ files: [String] = ["a.py"]) throws -> Emitted {
    for file in files { try directory.write(file, "A_TOKEN = \"\(madeUpSecret)\"\nx = 1\n") }
    let arena = Arena()
    return try Component("SecurityAnalyzer", "security", kind: KZ_KIND_ANALYZER)
      .analyze(Window(facts: facts).view(arena, root: directory.path, files: files))
  }

  private func titles(_ facts: String) throws -> [String] {
    try analyze(facts, []).opportunities.map(\.title)
  }

  @Test("findings of security come with rule and message; others, and lines known already, do not")
  func told() throws {
    let found = try analyze(
      #"""
      {"error_texts":[{"text":"[}\"","count":1}],"findings":[
      {"dimension":"security","file":"a.py","level":"error","line":1,"message":"m","rule":"twice"},
      {"dimension":"security","file":"a.py","level":"error","line":2,"message":"say \"h\u00e9\" \ud83d\ude00","rule":"eval-call"},
      {"dimension":"documentation","file":"a.py","level":"note","rule":"no-doc","x":[1,{"y":null}]}],"tools":[]}
      """#
    ).opportunities
    #expect(found.map(\.type) == ["security_vulnerability", "security_vulnerability"])
    #expect(found.last?.title == "a.py eval-call")
    #expect(found.last?.strength == 0.9)
    #expect(
      found.last?.evidence == [
        "file": "a.py", "line": 2, "rule": "eval-call", "message": "say \"hé\" 😀",
      ])
  }

  @Test(
    "text that is no JSON, or other JSON, is no failure and says so",
    arguments: [
      "{", "[]", "7", #"{"findings":[{"rule":}]}"#, #"{"findings":[{"rule":"\u12"}]}"#,
      "{\"findings\":[{\"rule\":\"", #"{"a":"\ud800\u0041"}"#,
      "{\"a\":" + String(repeating: "[", count: 500),
    ])
  func broken(text: String) throws {
    let emitted = try analyze(text, [])
    #expect(emitted.opportunities.isEmpty)
    #expect(emitted.logs == ["facts_json is no JSON: its rest was not read"])
  }

  @Test("odd findings are passed over and many are bounded")
  func hostile() throws {
    let long = String(repeating: "p", count: 5000)
    #expect(
      try titles(
        "{\"findings\":[{\"dimension\":\"security\",\"file\":\"\(long)\",\"rule\":\"r\"},{},"
          + "{\"dimension\":\"security\",\"rule\":\"r\"},{\"dimension\":\"security\",\"file\":\"f\","
          + "\"line\":null,\"rule\":\"r\"}]}") == ["f r"])
    let one = #"{"dimension":"security","rule":"r","file":"f"#
    let many = (0..<300).map { one + "\($0)\"}" }.joined(separator: ",")
    #expect(try titles("{\"findings\":[\(many)]}").count == 100)
    #expect(try titles(#"{"findings":7}"#).isEmpty && titles("{}").isEmpty)
  }
}
