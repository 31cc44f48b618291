import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("kaizen quality") struct QualityCommandTests {
  /// A folder with a file that has something wrong.
  private func write(_ folder: String, in directory: TemporaryDirectory) throws {
    try directory.write(
      "\(folder)/run.py", "import os\n\n\ndef run(text):\n    return eval(text)\n")
    try directory.write("\(folder)/README.md", "# Run\n\nRuns a text.\n")
  }

  /// Runs `kaizen` in a folder, so that a word may be the name of a file there.
  private func run(
    _ words: [String], in folder: String, _ daemon: DaemonUnderTest
  ) throws -> FinishedProgram {
    let line = (["exec", try BuildProducts.path("kaizen")] + words).joined(separator: " ")
    let shell = try StartedProgram(
      ["/bin/sh", "-c", "cd \(folder) && \(line)"],
      environment: ["PATH": "/usr/bin:/bin", "KAIZEN_HOME": daemon.home], in: daemon.directory)
    return try #require(try shell.finish(timeout: .seconds(60)))
  }

  @Test("of a path scores it without a daemon, names it as a path, and finds what is wrong")
  func path() throws {
    let daemon = try DaemonUnderTest()
    try write("tree", in: daemon.directory)
    let folder = daemon.directory.path + "/tree"
    for word in [".", folder, "../tree", "./run.py"] {
      let done = try run(["quality", word, "--json"], in: folder, daemon)
      #expect(done.status == 0 && done.stderr.isEmpty, "\(word): \(done)")
      let quality = try JSONDocument.parse(done.stdout)
      #expect(quality["path"]?.string == word && quality["agent"] == .null, "\(word)")
      let findings = quality["findings"]?.array ?? []
      #expect(findings.contains { $0["rule"] == "eval" && $0["line"] == 5 }, "\(word): \(done)")
      #expect((quality["overall"]?.number ?? 2) <= 1)
      let dimensions = Set((quality["scores"]?.array ?? []).compactMap { $0["dimension"]?.string })
      #expect(dimensions.isSuperset(of: ["maintainability", "security", "redundancy"]))
    }
    let table = try run(["quality", ".", "--limit", "1"], in: folder, daemon)
    #expect(table.stdout.contains("\ncorrectness"), "\(table)")
    #expect(table.stdout.contains("n/a  no scorer for it"), "\(table)")
    #expect(table.stdout.contains("and 1 more: --limit 2"), "\(table)")
  }

  @Test("of a word means the agent of that id, else the file here; with neither it says both")
  func word() throws {
    let scene = try Scene()
    try scene.add("unit")
    let here = scene.daemon.directory.path + "/here"
    try write("here/unit", in: scene.daemon.directory)
    try write("here/tree", in: scene.daemon.directory)
    func quality(_ word: String) throws -> JSONValue {
      let done = try run(["quality", word, "--json"], in: here, scene.daemon)
      #expect(done.status == 0, "\(word): \(done)")
      return try JSONDocument.parse(done.stdout)
    }
    #expect(try quality("unit")["agent"]?.string == "unit")
    #expect(try quality("./unit")["path"]?.string == "./unit")
    #expect(try quality("tree")["path"]?.string == "tree")
    let neither = try run(["quality", "ghost"], in: here, scene.daemon)
    #expect(neither.status == 1)
    for said in ["no agent \"ghost\"", "nothing named \"ghost\" is here", "kaizen agent list"] {
      #expect(neither.stderr.contains(said), "\(neither)")
    }
    try scene.daemon.stop()
    // Without a daemon nobody knows an agent: what is here is meant, and what is not is unreachable.
    #expect(try quality("unit")["path"]?.string == "unit")
    #expect(try run(["quality", "ghost"], in: here, scene.daemon).status == 3)
  }

  @Test("of a path that is not there or cannot be read says which")
  func missing() throws {
    let daemon = try DaemonUnderTest()
    let done = try run(["quality", "./ghost"], in: daemon.directory.path, daemon)
    #expect(done.status == 1 && done.stderr.contains("./ghost cannot be scored: No such file"))
  }
}
