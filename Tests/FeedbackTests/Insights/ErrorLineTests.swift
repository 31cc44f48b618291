import Model
import TestSupport
import Testing

@testable import Feedback

@Suite("Reading error texts") struct ErrorLineTests {
  @Test(
    "what varies is replaced",
    arguments: [
      ("row 17 of 20", "row <*> of <*>"), ("user_17: gone", "user_<*>: gone"),
      ("at 0x7ffe12 in main", "at <*> in main"), ("commit deadbeef01 lost", "commit <*> lost"),
      ("open /tmp/a/b: denied", "open <*> denied"),
      ("größe 5 überschritten", "größe <*> überschritten"),
      ("No module named 'yaml'", "No module named 'yaml'"),
      ("https://a/b is down", "https://a/b is down"),
      ("and/or", "and/or"), ("", ""),
    ])
  func templates(line: String, template: String) {
    #expect(ErrorLine.template(of: line) == template)
  }

  @Test("the last line with something on it counts, of the most telling detail")
  func lines() {
    #expect(ErrorLine.lastLine("a\n  b \n\n \t\n") == "b")
    #expect(ErrorLine.lastLine(" \n\t") == nil)
    #expect(ErrorLine.lastLine("one\u{1B}[0m") == "one [0m")
    #expect(ErrorLine.find(in: ["comment": "c", "stderr": "x\ny"]) == "y")
    #expect(ErrorLine.find(in: ["stderr": 5, "message": "m"]) == "m")
    #expect(ErrorLine.find(in: .null) == nil)
  }

  @Test(
    "what is missing is told by its sort and name",
    arguments: [
      ("ModuleNotFoundError: No module named 'yaml'", "module", "yaml"),
      ("Error: Cannot find module 'left-pad'", "module", "left-pad"),
      ("error: no such module 'Foo'", "module", "Foo"),
      ("bash: line 3: jq: command not found", "command", "jq"),
      ("sh: 1: rg: not found", "command", "rg"), ("zsh: command not found: fd", "command", "fd"),
      ("Error: spawn rg ENOENT", "command", "rg"),
      (#"exec: "rg": executable file not found in $PATH"#, "command", "rg"),
      ("FileNotFoundError: [Errno 2] No such file or directory: 'jq'", "command", "jq"),
      ("PermissionError: [Errno 13] Permission denied: '/etc/shadow'", "permission", "/etc/shadow"),
      ("cat: /srv/x: Permission denied", "permission", "/srv/x"),
      ("unknown tool 'search_web'", "tool", "search_web"),
    ])
  func gaps(text: String, category: String, name: String) throws {
    let gap = try required(CapabilityGap(text))
    #expect(gap.category.rawValue == category && gap.name == name)
  }

  @Test(
    "what is no gap is none",
    arguments: [
      "FileNotFoundError: [Errno 2] No such file or directory: 'config.json'",
      "No such file or directory: '/data/in'", "HTTP 404: not found", "exec: it failed",
      "ValueError: bad unit", "", ": not found",
    ])
  func noGap(text: String) { #expect(CapabilityGap(text) == nil) }

  @Test("a command that exec could not start is missing by name")
  func notStarted() throws {
    let gap = try required(CapabilityGap(text: nil, errorType: "command_not_found", tool: "rg"))
    #expect(gap.category == .command && gap.name == "rg")
    #expect(CapabilityGap(text: nil, errorType: "exit_1", tool: "rg") == nil)
  }
}

@Suite("What patterns are found from is bounded") struct AgentJournalTests {
  private func record(_ journal: inout AgentJournal, _ number: Int, word: String) {
    var seen = Observation(
      entry: Int64(number), time: Int64(number), operation: UInt64(number), type: .failure,
      duration: .nan, memory: .nan, cpu: .nan)
    seen.text = journal.index(word)
    journal.append(seen)
  }

  @Test("an agent's oldest records go, and their words with them")
  func records() {
    var journal = AgentJournal()
    for number in 0..<(AgentJournal.observationsMax + 10) {
      journal.tidy()
      record(&journal, number, word: "word \(number / 4)")
    }
    #expect(journal.observations.count <= AgentJournal.observationsMax)
    #expect(journal.words.count <= AgentJournal.wordsMax)
    let last = journal.observations.last
    #expect(
      last.map { journal.words[Int($0.text)] } == "word \((AgentJournal.observationsMax + 9) / 4)")
  }

  @Test("words beyond the limit are left out, and counted")
  func words() {
    var journal = AgentJournal()
    for number in 0..<AgentJournal.wordsMax + 5 { record(&journal, number, word: "w\(number)") }
    #expect(journal.words.count == AgentJournal.wordsMax && journal.lostWords == 5)
    #expect(journal.observations.last?.text == -1)
    journal.dropBefore(Int64(AgentJournal.wordsMax - 1))
    #expect(journal.words == ["w\(AgentJournal.wordsMax - 1)"])
    #expect(journal.index(nil) == -1 && journal.index("") == -1)
  }
}
