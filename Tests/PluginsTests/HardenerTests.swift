import CKaizenPlugin
import Glibc
import Linux
import Model
import TestSupport
import Testing

@Suite("The hardener") struct HardenerTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @discardableResult
  private func apply(
    _ file: String, line: Int? = nil, rule: String = "secret-assignment", files: [String]? = nil,
    preview: String = "… (1 characters)"
  ) throws -> [String] {
    let arena = Arena()
    let place = line.map { ",\"line\":\($0)" } ?? ""
    let item = Item(
      type: "security_vulnerability",
      evidence: "{\"file\":\"\(file)\",\"rule\":\"\(rule)\",\"preview\":\"\(preview)\"\(place)}",
      root: directory.path,
      files: files ?? [file])
    return try Component("HardenerApplier", "hardener", kind: KZ_KIND_APPLIER)
      .apply(item.item(arena)).notes
  }

  /// The text of a file after its line was repaired.
  private func repaired(_ text: String, file: String = "a.py", line: Int) throws -> String {
    try directory.write(file, text)
    try apply(file, line: line)
    let bytes = try Files.read(directory.path + "/" + file, limit: 1 << 20)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The message with which a repair is refused; the file must be as it was.
  private func refusal(_ text: String, file: String = "a.py", line: Int) throws -> String {
    try directory.write(file, text)
    let failure = #expect(throws: CallFailure.self) { try apply(file, line: line) }
    let bytes = try Files.read(directory.path + "/" + file, limit: 1 << 22)
    #expect(String(decoding: bytes, as: UTF8.self) == text)
    return failure?.description ?? ""
  }

  @Test("a Python literal becomes a reference, os is imported in its place")
  func python() throws {
    let text = "import json\nimport time\n\n# why\nAPI_TOKEN = \"s3cr3t\"  # made up\n"
    #expect(
      try repaired(text, line: 5)
        == "import json\nimport os\nimport time\n\n# why\n"
        + "API_TOKEN = os.environ.get(\"API_TOKEN\", \"\")  # made up\n")
    try directory.write("b.py", text)
    #expect(
      try apply("b.py", line: 5)
        == ["b.py:5: literal secret -> environment variable API_TOKEN"])
  }

  @Test(
    "os is imported once, below what must stay on top",
    arguments: [
      ("import os\nk = 'v'\n", 2, "import os\nk = @\n"),
      ("import os.path, re\nk = 'v'\n", 2, "import os.path, re\nk = @\n"),
      ("import os as o\nk = 'v'\n", 2, "import os\nimport os as o\nk = @\n"),
      ("k = 'v'\n", 1, "import os\nk = @\n"), ("k: str = 'v'", 1, "import os\nk: str = @"),
      ("#!/usr/bin/python3\n# c\n\nk = 'v'\n", 4, "#!/usr/bin/python3\n# c\nimport os\n\nk = @\n"),
      (
        "\"\"\"Doc.\n\nimport os\n\"\"\"\n\nk = 'v'\n", 6,
        "\"\"\"Doc.\n\nimport os\n\"\"\"\nimport os\n\nk = @\n"
      ),
      (
        "from __future__ import annotations\nk = 'v'\n", 2,
        "from __future__ import annotations\nimport os\nk = @\n"
      ),
      ("import re\r\nk = 'v'\r\n", 2, "import os\r\nimport re\r\nk = @\r\n"),
      (
        "# coding: utf-8\n\nr'''Doc\n'''\nfrom __future__ import x\nk = 'v'\n", 6,
        "# coding: utf-8\n\nr'''Doc\n'''\nfrom __future__ import x\nimport os\nk = @\n"
      ),
      ("'Doc'\n'no doc'\nk = 'v'\n", 3, "'Doc'\nimport os\n'no doc'\nk = @\n"),
      ("k = 'v'\nimport os\n", 1, "import os\nk = @\nimport os\n"),
      ("k = 'v'\nimport re\n", 1, "import os\nk = @\nimport re\n"),
      ("class A:\n    k = 'v'\n", 2, "import os\nclass A:\n    k = @\n"),
    ])
  func imports(text: String, line: Int, expected: String) throws {
    let parts = expected.split(separator: "@", omittingEmptySubsequences: false)
    #expect(
      try repaired(text, line: line) == parts.joined(separator: "os.environ.get(\"K\", \"\")"))
  }

  @Test(
    "Python that is more than a plain assignment is refused",
    arguments: [
      ("k = call('v')\n", 1), ("k = 'v' + w\n", 1), ("k = 'v' 'w'\n", 1), ("k = f'v'\n", 1),
      ("k = '''v'''\n", 1), ("k = 'a\\'b'\n", 1), ("a.k = 'v'\n", 1), ("k += 'v'\n", 1),
      ("k == 'v'\n", 1), ("x = '''\nk = 'v'\n'''\n", 2), ("f(\n  k = 'v'\n)\n", 2),
      ("x = 1 + \\\nk = 'v'\n", 2), ("k = 'v'; import x\n", 1), ("if x: k = 'v'\n", 1),
      ("'k' = 'v'\n", 1), ("x = 'a\\\nk = 'v'\n", 2), ("k = ''\n", 1),
    ])
  func pythonRefused(text: String, line: Int) throws {
    #expect(try refusal(text, line: line).contains("a.py:\(line): "))
  }

  @Test(
    "shell assignments take a default that is empty",
    arguments: [
      ("export TOKEN=\"v\"\n", "export TOKEN=\"${TOKEN:-}\"\n"),
      ("  api_key='v' # x\n", "  api_key=\"${API_KEY:-}\" # x\n"),
      ("TOKEN=abc123\n", "TOKEN=\"${TOKEN:-}\"\n"),
    ])
  func shell(text: String, expected: String) throws {
    #expect(try repaired(text, file: "a.sh", line: 1) == expected)
    let run = "#!/bin/sh\n" + text
    #expect(try repaired(run, file: "run", line: 2) == "#!/bin/sh\n" + expected)
  }

  @Test(
    "shell that is more than that is refused",
    arguments: [
      ("cat <<EOF\nTOKEN=v\nEOF\n", 2), ("cat <<-'E'\n\tx\nTOKEN=v\n\tE\n", 3),
      ("TOKEN=$(get)\n", 1), ("TOKEN=\"a$b\"\n", 1), ("TOKEN=v run\n", 1), ("TOKEN = v\n", 1),
      ("TOKEN=v;x\n", 1),
    ])
  func shellRefused(text: String, line: Int) throws {
    #expect(try refusal(text, file: "a.sh", line: line).contains("a.sh:\(line): "))
  }

  @Test("JSON changes only where its reader is seen to know references")
  func json() throws {
    let text = "{\n  \"url\": \"${SERVICE_URL}\",\n  \"api-key\": \"v\",\n  \"n\": 1\n}\n"
    #expect(
      try repaired(text, file: "c.json", line: 3)
        == "{\n  \"url\": \"${SERVICE_URL}\",\n  \"api-key\": \"${API_KEY}\",\n  \"n\": 1\n}\n")
    let plain = "{\n  \"api-key\": \"v\"\n}\n"
    #expect(try refusal(plain, file: "c.json", line: 2).contains("resolves ${NAME}"))
    #expect(try refusal("{\"a\":\"${B}\"", file: "c.json", line: 1).contains("JSON:"))
    let two = "{\"a\":\"${B}\",\"c\":\"v\"}\n"
    #expect(try refusal(two, file: "c.json", line: 1).contains("expected one"))
  }

  @Test("a finding whose line moved is found again, another line is never touched")
  func moved() throws {
    let text = "import re\nname = 'harmless-value'\nfirst = 'abcd1234'\nsecond = 'efgh5678'\n"
    try directory.write("a.py", text)
    try apply("a.py", line: 3, preview: "abcd… (8 characters)")
    // os was imported above: what was on line 4 is on line 5 now, and line 4 is done.
    #expect(
      try apply("a.py", line: 4, preview: "efgh… (8 characters)")
        == ["a.py:5: literal secret -> environment variable SECOND"])
    let failure = #expect(throws: CallFailure.self) {
      try apply("a.py", line: 3, preview: "zzzz… (14 characters)")
    }
    #expect(failure?.description.contains("no line holds what was found") == true)
    for preview in ["", "abcd", "… (0 characters)", "… (99999999999999999999 characters)", "()"] {
      #expect(throws: CallFailure.self, "\(preview)") {
        try apply("a.py", line: 3, preview: preview)
      }
    }
    let bytes = try Files.read(directory.path + "/a.py", limit: 1 << 16)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "import os\nimport re\nname = 'harmless-value'\n"
        + "first = os.environ.get(\"FIRST\", \"\")\nsecond = os.environ.get(\"SECOND\", \"\")\n")
  }

  @Test("the write permission of others is taken, the rest of the mode stays")
  func mode() throws {
    try directory.write("run.sh", "x", mode: 0o777)
    #expect(try apply("run.sh", rule: "world-writable") == ["run.sh: mode 777 -> 775"])
    var status = stat()
    #expect(stat(directory.path + "/run.sh", &status) == 0 && status.st_mode & 0o7777 == 0o775)
    #expect(throws: CallFailure.self) { try apply("run.sh", rule: "world-writable") }
  }

  @Test("protected files, links, ways out and what needs a person are refused")
  func refused() throws {
    let text = "token = \"v\"\n"
    let outside = try TemporaryDirectory()
    let target = try outside.write("x.py", text, mode: 0o666)
    symlink(target, directory.path + "/link.py")
    symlink("loop.py", directory.path + "/loop.py")
    try directory.write("tests/t.py", text)
    for (file, rule, files) in [
      ("tests/t.py", "secret-assignment", ["a.py"]), ("link.py", "secret-assignment", ["link.py"]),
      ("link.py", "world-writable", ["link.py"]), ("loop.py", "secret-assignment", ["loop.py"]),
      ("missing.py", "secret-assignment", ["missing.py"]),
      ("tests/t.py", "download-to-shell", ["tests/t.py"]),
      ("tests/t.py", "private-key", ["tests/t.py"]),
    ] {
      let failure = #expect(throws: CallFailure.self) {
        try apply(file, line: 1, rule: rule, files: files)
      }
      #expect(failure?.description.contains(file) == true, "\(file) \(rule)")
    }
    #expect(try Files.read(target, limit: 100) == Array(text.utf8))
    var status = stat()
    #expect(stat(target, &status) == 0 && status.st_mode & 0o777 == 0o666)
  }

  @Test("evidence and files that make no sense are refused")
  func nonsense() throws {
    let arena = Arena()
    let component = try Component("HardenerApplier", "hardener", kind: KZ_KIND_APPLIER)
    for evidence in ["", "{", "{}", "{\"file\":1,\"rule\":\"x\"}", "[]", "{\"file\":\"a.py\"}"] {
      let item = Item(
        type: "security_vulnerability", evidence: evidence, root: directory.path, files: ["a.py"])
      #expect(throws: CallFailure.self, "\(evidence)") { try component.apply(item.item(arena)) }
    }
    let text = "k = 'v'\n"
    for line in [0, -1, 1 << 40, Int.min] {
      #expect(try refusal(text, line: line).contains("no line holds"))
    }
    #expect(try refusal("\n \n''\n", line: 1).contains("no line holds"))
    #expect(try refusal(text, file: "a.toml", line: 1).contains("no known way"))
    let huge = "k = 'v'\n" + String(repeating: "#", count: 1 << 20)
    #expect(try refusal(huge, line: 1).contains("expected at most"))
    let long = "k = '" + String(repeating: "v", count: 200_000) + "'\n"
    #expect(try repaired(long, line: 1) == "import os\nk = os.environ.get(\"K\", \"\")\n")
  }
}
