import CKaizenPlugin
import Linux
import TestSupport
import Testing

@Suite("The tool upgrade") struct ToolUpgradeTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func apply(
    tool: String = "requests", declared: String = "2.30.0", installed: String? = "2.31.0",
    latest: String? = nil, file: String? = nil, line: Int? = nil, files: [String]
  ) throws -> [String] {
    let arena = Arena()
    var members = ["\"tool\":\"\(tool)\"", "\"declared\":\"\(declared)\""]
    if let installed { members.append("\"installed\":\"\(installed)\"") }
    if let latest { members.append("\"latest\":\"\(latest)\"") }
    if let file { members.append("\"file\":\"\(file)\"") }
    if let line { members.append("\"line\":\(line)") }
    let item = Item(
      type: "tool_upgrade", evidence: "{\(members.joined(separator: ","))}", root: directory.path,
      files: files)
    return try Component("ToolUpgradeApplier", "tool-upgrade", kind: KZ_KIND_APPLIER)
      .apply(item.item(arena)).notes
  }

  private func read(_ file: String) throws -> String {
    String(decoding: try Files.read(directory.path + "/" + file, limit: 1 << 20), as: UTF8.self)
  }

  @Test(
    "raises the one pin and keeps every other byte",
    arguments: [
      ("requirements.txt", "requests==@\n"),
      ("requirements-dev.txt", "flask==1\nrequests == @  # why\n"),
      ("requirements.txt", "Requests[socks]==@ ; python_version < '4'\r\n"),
      ("constraints.txt", "requests==@"), ("requirements.in", "a==2.30.0\nrequests==@\n"),
      ("package.json", "{\n\t\"dependencies\" : { \"requests\":  \"@\", \"b\": \"2.30.0\" }\n}\n"),
      ("package.json", "{\"devDependencies\":{\"requests\":\"@\"},\"version\":\"2.30.0\"}"),
      (".tool-versions", "python 3.11\nrequests @ # pinned\n"),
      (".tool-versions", "requests  @ system\n"),
      ("sub/requirements.txt", "requests==@\n"),
    ])
  func raised(file: String, text: String) throws {
    try directory.write(file, text.replacing("@", with: "2.30.0"))
    let notes = try apply(files: ["agent.py", file])
    #expect(notes == ["\(file): requests 2.30.0 -> 2.31.0"])
    #expect(try read(file) == text.replacing("@", with: "2.31.0"))
  }

  @Test(
    "leaves alone what is no exact pin, and says why",
    arguments: [
      ("requirements.txt", "requests>=2.30.0\n"), ("requirements.txt", "requests==2.30.0,<3\n"),
      ("requirements.txt", "requests===2.30.0\n"), ("requirements.txt", "requests==2.30.0.post1\n"),
      ("requirements.txt", "# requests==2.30.0\n"),
      ("requirements.txt", "requests-cache==2.30.0\n"),
      ("requirements.txt", "requests==2.30.0 \\\n  --hash=sha256:00\n"),
      ("requirements.txt", "requests==2.30.0 ; a\nrequests==2.30.0 ; b\n"),
      ("package.json", "{\"dependencies\":{\"requests\":\"^2.30.0\"}}"),
      ("package.json", "{\"dependencies\":{\"requests\":"),
      (".tool-versions", "requests system 2.30.0\n"),
      ("notes.txt", "requests==2.30.0\n"), (".python-version", "2.30.0\n"),
      ("agent.json", "{\"tools\":[{\"name\":\"requests\",\"version\":\"2.30.0\"}]}"),
    ])
  func leftAlone(file: String, text: String) throws {
    try directory.write(file, text)
    let notes = try apply(file: file, files: [file])
    #expect(notes.count == 1 && notes[0].hasPrefix("nothing to do: "), "\(notes)")
    #expect(try read(file) == text)
  }

  @Test("a version file is its tool's alone")
  func single() throws {
    try directory.write(".python-version", "3.11.2\n")
    try directory.write(".nvmrc", "v3.11.2\n")
    let python = try apply(
      tool: "python", declared: "3.11.2", installed: "3.12.0", files: [".nvmrc", ".python-version"])
    #expect(python == [".python-version: python 3.11.2 -> 3.12.0"])
    _ = try apply(tool: "node", declared: "3.11.2", installed: "20.1", files: [".nvmrc"])
    #expect(try read(".nvmrc") == "v20.1\n" && read(".python-version") == "3.12.0\n")
  }

  @Test("the file and line of the evidence come first")
  func place() throws {
    try directory.write("a/requirements.txt", "requests==2.30.0\n")
    try directory.write("b/requirements.txt", "requests==2.30.0;x\nrequests==2.30.0;y\n")
    let files = ["a/requirements.txt", "b/requirements.txt"]
    #expect(
      try apply(file: files[1], line: 2, files: files)
        == ["b/requirements.txt: requests 2.30.0 -> 2.31.0"])
    #expect(try read(files[1]) == "requests==2.30.0;x\nrequests==2.31.0;y\n")
    #expect(try read(files[0]) == "requests==2.30.0\n")
  }

  @Test("a lock file beside package.json keeps it as it is")
  func lock() throws {
    let text = "{\"dependencies\":{\"requests\":\"2.30.0\"}}"
    try directory.write("package.json", text)
    try directory.write("package-lock.json", "{}")
    let notes = try apply(files: ["package.json"])
    #expect(notes[0].contains("package-lock.json pins it too"))
    #expect(try read("package.json") == text)
  }

  @Test("the target is the version installed, else the latest; never an older or a pre-release")
  func target() throws {
    try directory.write("requirements.txt", "requests==2.30.0\n")
    for (installed, latest) in [
      ("2.30.0", nil), ("2.9.0", nil), ("2.31.0rc1", nil), (nil, "1.0"), (nil, nil),
      ("2.31.0\\nevil==1", nil), ("9; rm", nil), (String(repeating: "9", count: 100), nil),
    ] as [(String?, String?)] {
      #expect(throws: CallFailure.self, "\(installed ?? "-")") {
        try apply(installed: installed, latest: latest, files: ["requirements.txt"])
      }
    }
    #expect(try read("requirements.txt") == "requests==2.30.0\n")
    let notes = try apply(installed: "2.30.0", latest: "3.0", files: ["requirements.txt"])
    #expect(notes == ["requirements.txt: requests 2.30.0 -> 3.0"])
  }
}
