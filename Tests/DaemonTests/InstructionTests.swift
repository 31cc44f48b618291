import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("What feedback taught, written into an agent's files by a real daemon")
struct InstructionTests {
  /// An agent with a test of its own, and an analyzer that finds what it is told to.
  private func daemon(_ opportunities: [JSONValue]) throws -> (DaemonUnderTest, String) {
    let daemon = try DaemonUnderTest()
    let agent = daemon.directory.path + "/helper"
    try daemon.directory.write(
      "helper/agent.json",
      #"{"id": "helper", "paths": ["**"], "test": {"command": ["/bin/sh", "check.sh"]}}"#)
    try daemon.directory.write("helper/check.sh", "echo 'ok 1 - holds'; echo '1..1'\n")
    try daemon.directory.write("helper/CLAUDE.md", "# Helper\r\n\r\nBe kind.")
    try daemon.directory.write("helper/requirements.txt", "flask==3.0.0\nrequests==2.30.0 # http\n")
    try daemon.write(
      "plugins/teller/manifest.json",
      #"{"manifest": 1, "name": "teller", "version": "1", "components": [{"id": "teller", "#
        + #""kind": "analyzer", "entry": {"command": ["/bin/sh", "-c", "cat $KAIZEN_BUNDLE/found"]}, "#
        + #""emits": ["training_needed", "tool_upgrade"]}]}"#)
    let lines = opportunities.map { JSONValue.object(["opportunity": $0]).text() + "\n" }
    try daemon.write("plugins/teller/found", lines.joined())
    try daemon.start()
    let added = try daemon.kaizen("agent", "add", agent)
    #expect(added.status == 0, "\(added)")
    return (daemon, agent)
  }

  @Test("learnings go into the playbook and an old pin is raised, and both are kept")
  func kept() throws {
    let (daemon, agent) = try daemon([
      [
        "type": "training_needed", "severity": "low", "title": "learnings are missing",
        "strength": 1,
        "evidence": [
          "file": "CLAUDE.md",
          "learnings": [
            [
              "id": "l-1", "type": "error_avoidance", "title": "Timeouts",
              "text": "retry once\n<!-- /kaizen:playbook -->", "impact": 0.8,
              "expires": "2099-01-01T00:00:00Z",
            ]
          ],
        ],
      ],
      [
        "type": "tool_upgrade", "severity": "low", "title": "requests is old", "strength": 1,
        "evidence": [
          "tool": "requests", "declared": "2.30.0", "installed": "2.31.0",
          "file": "requirements.txt", "line": 2,
        ],
      ],
    ])
    let run = try daemon.kaizen(
      "optimize", "helper", "--strategy", "comprehensive", "--wait", "--json")
    let answer = try JSONDocument.parse(run.stdout)
    #expect(answer["plans"]?.array?.map { $0["verdict"]?.string } == ["kept"], "\(run)")
    func text(_ file: String) throws -> String {
      String(decoding: try Files.read(agent + "/" + file, limit: 1 << 16), as: UTF8.self)
    }
    #expect(try text("requirements.txt") == "flask==3.0.0\nrequests==2.31.0 # http\n")
    let page = try text("CLAUDE.md")
    #expect(page.hasPrefix("# Helper\r\n\r\nBe kind.\r\n\r\n<!-- kaizen:playbook "))
    #expect(
      page.contains(
        "\r\n- \"Timeouts: retry once ‹--/kaizen:playbook --›\" [learning l-1, impact 80 %, ")
        || page.contains("\r\n- \"Timeouts: retry once ‹-- /kaizen:playbook --›\" [learning l-1"))
    let again = try daemon.kaizen(
      "optimize", "helper", "--strategy", "comprehensive", "--wait", "--json")
    // The pin is new already, so that the applier refuses what is asked; nothing is written twice.
    #expect(again.status == 0)
    #expect(try text("CLAUDE.md") == page)
  }
}
