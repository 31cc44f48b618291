import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("What a daemon lists") struct ListTests {
  /// The items that `words` list.
  private func items(_ daemon: DaemonUnderTest, _ words: String...) throws -> [JSONValue] {
    let done = try daemon.kaizen(words + ["--json"])
    #expect(done.status == 0, "\(done)\n\(daemon.log)")
    return try JSONDocument.parse(done.stdout)["items"]?.array ?? []
  }

  /// A daemon with two agents.
  private func daemon() throws -> DaemonUnderTest {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    for id in ["one", "two"] {
      try daemon.directory.write("\(id)/agent.json", "{\"id\": \"\(id)\"}")
      let added = try daemon.kaizen(["agent", "add", "\(daemon.directory.path)/\(id)"])
      #expect(added.status == 0, "\(added)\n\(daemon.log)")
    }
    return daemon
  }

  @Test("an agent whose folder was replaced is listed with its problem, and hides no other")
  func replaced() throws {
    let daemon = try daemon()
    let folder = daemon.directory.path + "/one"
    #expect(rename(folder, folder + "-gone") == 0)
    try Files.makeDirectories(folder)
    let agents = try items(daemon, "agent", "list")
    #expect(agents.compactMap { $0["id"]?.string }.sorted() == ["one", "two"])
    let states = agents.sorted { $0["id"]?.string ?? "" < $1["id"]?.string ?? "" }
      .map { $0["state"]?.string ?? "" }
    #expect(states[0].hasPrefix("E_ROOT_REPLACED: "), "\(states)")
    #expect(states[1] == "idle")
  }

  @Test("is at most as much as was asked for, and says that there is more")
  func limits() throws {
    let daemon = try daemon()
    for words in [["agent", "list"], ["audit", "list"], ["plugins", "list"], ["events"]] {
      let done = try daemon.kaizen(words + ["--limit", "1", "--json"])
      let list = try JSONDocument.parse(done.stdout)
      #expect(list["count"] == 1 && list["more"] == true, "\(words): \(done)")
      let table = try daemon.kaizen(words + ["--limit", "1"])
      // Of events the newest are shown, and a person needs no word on the others.
      if words != ["events"] {
        #expect(table.stdout.contains("and more: --limit N shows up to 1000"), "\(table)")
      }
    }
    for words in [
      ["opportunities"], ["opportunities", "one"], ["approvals", "list"], ["patterns"],
      ["learnings"], ["history", "one"], ["generations", "one"],
    ] {
      let done = try daemon.kaizen(words + ["--limit", "1", "--json"])
      #expect(done.status == 0, "\(words): \(done)")
      let wrong = try daemon.kaizen(words + ["--limit", "0"])
      #expect(wrong.status == 2 && wrong.stderr.contains("an integer from 1 to 1000"), "\(wrong)")
    }
  }

  @Test("the audit is listed to its newest entry, and goes on after any")
  func audit() throws {
    let daemon = try daemon()
    let all = try items(daemon, "audit", "list").compactMap { $0["sequence"]?.integer }
    #expect(all.count >= 2 && all == (1...Int64(all.count)).map { $0 })
    let rest = try items(daemon, "audit", "list", "--after", "1")
    #expect(rest.compactMap { $0["sequence"]?.integer } == Array(all.dropFirst()))
  }
}
