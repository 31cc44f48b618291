import Model
import Testing

@testable import Commands

private func parse(_ line: String) throws(KaizenError) -> Request {
  try ArgumentParser(commands: CommandTable.all).parse(
    line.split(separator: " ").map(String.init))
}

private func arguments(_ line: String) throws -> (name: String, arguments: Arguments) {
  guard case .run(let command, let arguments) = try parse(line) else {
    throw KaizenError("E_TEST", "no command in \"\(line)\"")
  }
  return (command.name, arguments)
}

@Suite("A command line") struct ArgumentParserTests {
  @Test("is a command with operands and options in any order")
  func order() throws {
    for line in [
      "optimize a --strategy minimal --dry-run", "optimize --strategy=minimal --dry-run a",
      "--json optimize --dry-run a --strategy minimal",
    ] {
      let (name, found) = try arguments(line)
      #expect(name == "optimize")
      #expect(found.operands == ["a"])
      #expect(found.options["--strategy"] == "minimal")
      #expect(found.has("--dry-run"))
      #expect(found.has("--json") == line.hasPrefix("--json"))
    }
  }

  @Test("names a verb within a group")
  func groups() throws {
    #expect(try arguments("agent add /srv/a --id b").name == "agent add")
    #expect(try arguments("approvals approve 7 --wait").arguments.operands == ["7"])
  }

  @Test("takes what follows -- as operands")
  func dashes() throws {
    #expect(try arguments("quality -- --odd").arguments.operands == ["--odd"])
    #expect(try arguments("record --ndjson -").arguments.options["--ndjson"] == "-")
  }

  @Test("of exec leaves the command's own options alone")
  func wrapper() throws {
    let (_, found) = try arguments("exec --home /h a -- ls --json -h -- x")
    #expect(found.operands == ["a", "ls", "--json", "-h", "--", "x"])
    #expect(found.options == ["--home": "/h"])
    #expect(try arguments("exec a ls --help").arguments.operands == ["a", "ls", "--help"])
  }

  @Test(
    "that is not understood is refused with the word and the nearest name",
    arguments: [
      ("stauts", "stauts", "status"), ("agent lst", "lst", "list"),
      ("optimize a --stratgy minimal", "--stratgy", "--strategy"),
      ("helth", "helth", "health"), ("--jsno status", "--jsno", "--json"),
    ])
  func suggestions(line: String, word: String, nearest: String) {
    let error = #expect(throws: KaizenError.self) { try parse(line) }
    #expect(error?.code == "E_USAGE")
    #expect(error?.message.contains(word) == true)
    #expect(error?.hint?.contains("\"\(nearest)\"") == true, "\(error?.hint ?? "")")
  }

  @Test("guesses no name where none is near")
  func noGuess() {
    let error = #expect(throws: KaizenError.self) { try parse("xyzzyplugh") }
    #expect(error?.hint == "see kaizen --help")
  }

  @Test(
    "with a missing, surplus, doubled or wrong value is refused",
    arguments: [
      "agent add", "health a b", "optimize a --strategy", "optimize a --strategy fast",
      "health a --days 0", "health a --days x", "health a --days 1 --days 2", "status --json=1",
      "health a/b", "diff a 0", "diff a 1 x", "freeze", "freeze a", "agent set a",
      "plugins try p", "events --agent a/b", "health --limit 0", "audit list --limit 1001",
      "record a success --score 1.5", "exec", "diff a 1 2 3", "record a success --score nan",
    ])
  func refused(line: String) {
    let error = #expect(throws: KaizenError.self) { try parse(line) }
    #expect(error?.code == "E_USAGE")
  }

  @Test("that is wrong says what was expected, what was found and where to look")
  func wording() {
    for (line, words, hint) in [
      ("health a/b", ["health: AGENT", "an id", "\"a/b\""], "kaizen agent list"),
      ("diff a x", ["diff: A", "an integer from 1", "\"x\""], "usage: kaizen diff"),
      ("freeze a", ["freeze: --for TIME is missing"], "usage: kaizen freeze [AGENT] --for TIME"),
      ("health a --days 0", ["--days", "from 1 to 365", "\"0\""], "kaizen health --help"),
    ] {
      let error = #expect(throws: KaizenError.self) { try parse(line) }
      for word in words { #expect(error?.message.contains(word) == true, "\(line): \(word)") }
      #expect(error?.hint?.contains(hint) == true, "\(line): \(error?.hint ?? "none")")
    }
  }

  @Test(
    "asks for help in each of these ways",
    arguments: [
      ("", []), ("--help", []), ("-h", []), ("help", []), ("help agent", ["agent"]),
      ("agent", ["agent"]), ("agent --help", ["agent"]), ("agent add --help", ["agent", "add"]),
      ("help agent add", ["agent", "add"]), ("help --help", []),
      ("help agent -h", ["agent"]), ("optimize --help", ["optimize"]),
      ("optimize --strategy fast --help", ["optimize"]), ("exec --help", ["exec"]),
    ] as [(String, [String])])
  func help(line: String, topic: [String]) throws {
    guard case .help(let found) = try parse(line) else {
      Issue.record("no help for \"\(line)\"")
      return
    }
    #expect(found == topic)
  }
}

@Suite("The table of commands") struct CommandTableTests {
  @Test("names each command once, and one alone like a group: `learnings` lists, and has a verb")
  func unique() {
    let names = CommandTable.all.map(\.name)
    #expect(Set(names).count == names.count)
    let alike = CommandTable.all.filter { command in
      command.words.count == 1
        && CommandTable.all.contains { $0.words.count == 2 && $0.words[0] == command.name }
    }
    #expect(alike.map(\.name) == ["learnings"])
  }

  @Test("finds the verb of a list before its operand")
  func verbOfList() throws {
    let parser = ArgumentParser(commands: CommandTable.all)
    for (line, name) in [
      (["learnings"], "learnings"), (["learnings", "unit"], "learnings"),
      (["learnings", "apply", "learning-1"], "learnings apply"),
    ] {
      guard case .run(let command, _) = try parser.parse(line) else {
        Issue.record("\(line) is not run")
        continue
      }
      #expect(command.name == name)
    }
  }

  @Test("gives each command a help of its own", arguments: CommandTable.all.map(\.words))
  func help(words: [String]) throws {
    let command = try #require(CommandTable.all.first { $0.words == words })
    let text = HelpText.text(on: words, CommandTable.all)
    #expect(text.hasPrefix("usage: kaizen \(command.name)"))
    #expect(text.contains(command.summary))
    for option in command.options {
      #expect(text.contains(option.name))
      #expect(option.name.hasPrefix("--"))
      #expect(!Command.common.contains { $0.name == option.name })
    }
    #expect(HelpText.text(on: [], CommandTable.all).contains(command.summary))
  }

  @Test("puts optional operands after required ones, and a rest last")
  func operands() {
    for command in CommandTable.all {
      let optional = command.operands.map(\.isOptional)
      #expect(optional == optional.sorted { !$0 && $1 }, "\(command.name)")
      #expect(!command.operands.dropLast().contains { $0.isRest })
    }
  }
}

@Suite("The nearest name") struct SuggestionTests {
  @Test(
    "counts a swap, a slip, a missing and a surplus letter as one",
    arguments: [("stauts", 1), ("statos", 1), ("statu", 1), ("statuss", 1), ("status", 0)])
  func distance(word: String, edits: Int) {
    #expect(Suggestion.distance(Array(word.utf8), Array("status".utf8)) == edits)
  }

  @Test("takes any length")
  func long() {
    let names: Set = ["status"]
    #expect(Suggestion.nearest(to: String(repeating: "x", count: 1_000_000), in: names) == nil)
    #expect(Suggestion.nearest(to: "", in: names) == nil)
    #expect(Suggestion.nearest(to: "status", in: []) == nil)
  }
}
