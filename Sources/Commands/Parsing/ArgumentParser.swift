internal import Model

/// What a command line asks for.
enum Request: Sendable {
  /// Help on a command, a group (its first word) or everything (no word).
  case help([String])
  case version
  case run(Command, Arguments)
}

/// A command line, taken apart.
struct Arguments: Hashable, Sendable {
  var options: [String: String] = [:]
  var operands: [String] = []

  func has(_ option: String) -> Bool { options[option] != nil }
}

/// Takes command lines apart by the table of commands.
struct ArgumentParser {
  let commands: [Command]
  /// Characters of a wrong word that an error shows.
  private static let shownMax = 80

  /// - Throws: `E_USAGE`, naming what was not understood and the nearest name.
  func parse(_ words: [String]) throws(KaizenError) -> Request {
    // Options that every command takes may stand before the command too.
    var leading = Arguments()
    var rest = words[...]
    while let word = rest.first, word.hasPrefix("-"), word != "-" {
      if word == "--help" || word == "-h" { return .help([]) }
      if word == "--version" { return .version }
      rest = try take(word, rest.dropFirst(), Command.common, "kaizen", &leading)
    }
    guard let first = rest.first else { return .help([]) }
    if first == "help" {
      return .help(try known(rest.dropFirst().filter { $0 != "--help" && $0 != "-h" }))
    }
    let command: Command
    switch try find(rest) {
    case .command(let found):
      command = found
      rest = rest.dropFirst(found.words.count)
    case .helpOnGroup: return .help([first])
    }
    var arguments = leading
    do throws(KaizenError) {
      try fill(command, rest, &arguments)
    } catch {
      // --help is answered even where the rest of the line is wrong or incomplete.
      if asksForHelp(command, rest) { return .help(command.words) }
      throw error
    }
    return arguments.has("--help") ? .help(command.words) : .run(command, arguments)
  }

  private enum Found {
    case command(Command)
    case helpOnGroup
  }

  private func find(_ words: ArraySlice<String>) throws(KaizenError) -> Found {
    let first = words.first ?? ""
    // A list may have verbs of its own: `learnings AGENT`, `learnings apply ID`.
    if let verb = words.dropFirst().first,
      let command = commands.first(where: { $0.words == [first, verb] })
    {
      return .command(command)
    }
    if let single = commands.first(where: { $0.words == [first] }) { return .command(single) }
    let group = commands.filter { $0.words.first == first }
    if group.isEmpty {
      throw usage(
        "unknown command \"\(first.prefix(Self.shownMax))\"", first,
        Set(commands.map { $0.words[0] }))
    }
    guard let verb = words.dropFirst().first, verb != "--help", verb != "-h" else {
      return .helpOnGroup
    }
    if let command = group.first(where: { $0.words[1] == verb }) { return .command(command) }
    throw usage("\"\(first)\" has no \"\(verb)\"", verb, Set(group.map { $0.words[1] }))
  }

  private func known(_ words: [String]) throws(KaizenError) -> [String] {
    if words.isEmpty { return [] }
    return switch try find(words[...]) {
    case .command(let command): command.words
    case .helpOnGroup: [words[0]]
    }
  }

  private func fill(
    _ command: Command, _ words: ArraySlice<String>, _ arguments: inout Arguments
  ) throws(KaizenError) {
    let options = command.options + Command.common
    var rest = words
    var isAfterDashes = false
    while let word = rest.first {
      let place = arguments.operands.count
      if place < command.operands.count, command.operands[place].isRest {
        arguments.operands += word == "--" && !isAfterDashes ? rest.dropFirst() : rest
        break
      }
      if word == "--" && !isAfterDashes {
        isAfterDashes = true
        rest = rest.dropFirst()
      } else if word.hasPrefix("-") && word != "-" && !isAfterDashes {
        rest = try take(word, rest.dropFirst(), options, command.name, &arguments)
      } else {
        arguments.operands.append(word)
        rest = rest.dropFirst()
      }
    }
    if arguments.has("--help") { return }
    try check(command, arguments.operands)
    for option in command.options where option.isRequired && !arguments.has(option.name) {
      let shape = [option.name, option.placeholder].compactMap(\.self).joined(separator: " ")
      throw usage("\(command.name): \(shape) is missing", command)
    }
  }

  private func check(_ command: Command, _ operands: [String]) throws(KaizenError) {
    let required = command.operands.prefix { !$0.isOptional }
    if operands.count < required.count {
      throw usage("\(command.name): \(required[operands.count].name) is missing", command)
    }
    if operands.count > command.operands.count && command.operands.last?.isRest != true {
      let word = operands[command.operands.count].prefix(Self.shownMax)
      throw usage("\(command.name): unexpected \"\(word)\"", command)
    }
    for (operand, value) in zip(command.operands, operands) {
      guard let expected = operand.objection(to: value) else { continue }
      throw KaizenError(
        "E_USAGE",
        "\(command.name): \(operand.name): expected \(expected), found "
          + "\"\(value.prefix(Self.shownMax))\"",
        hint: operand.name == "AGENT"
          ? "`kaizen agent list` shows the agents" : "usage: \(HelpText.usage(command))")
    }
  }

  /// Takes the option `word`, and its value where it has one, off `rest`.
  private func take(
    _ word: String, _ rest: ArraySlice<String>, _ options: [Command.Option], _ place: String,
    _ arguments: inout Arguments
  ) throws(KaizenError) -> ArraySlice<String> {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0] == "-h" ? "--help" : String(parts[0])
    guard let option = options.first(where: { $0.name == name }) else {
      let nearest = Suggestion.nearest(to: name, in: Set(options.map(\.name)))
      throw KaizenError(
        "E_USAGE", "\(place): unknown option \"\(name.prefix(Self.shownMax))\"",
        hint: nearest.map { "did you mean \"\($0)\"?" }
          ?? (place == "kaizen" ? "see kaizen --help" : "see kaizen \(place) --help"))
    }
    if arguments.has(name) {
      throw KaizenError("E_USAGE", "\(place): \"\(name)\" is given twice", hint: "give it once")
    }
    if case .flag = option.kind {
      if parts.count == 2 { throw KaizenError("E_USAGE", "\(place): \"\(name)\" takes no value") }
      arguments.options[name] = ""
      return rest
    }
    guard let value = parts.count == 2 ? String(parts[1]) : rest.first else {
      throw KaizenError(
        "E_USAGE", "\(place): \"\(name)\" needs a value (\(option.placeholder ?? ""))",
        hint: "see kaizen \(place) --help")
    }
    if let expected = option.objection(to: value) {
      throw KaizenError(
        "E_USAGE",
        "\(place): \"\(name)\": expected \(expected), found \"\(value.prefix(Self.shownMax))\"",
        hint: "see kaizen \(place) --help")
    }
    arguments.options[name] = value
    return parts.count == 2 ? rest : rest.dropFirst()
  }

  /// Whether `--help` stands where it is meant for Kaizen and not for a command it runs.
  private func asksForHelp(_ command: Command, _ words: ArraySlice<String>) -> Bool {
    let isWrapper = command.operands.last?.isRest == true
    let own = isWrapper ? words.prefix(1) : words.prefix { $0 != "--" }
    return own.contains("--help") || own.contains("-h")
  }

  private func usage(_ message: String, _ word: String, _ names: Set<String>) -> KaizenError {
    let nearest = Suggestion.nearest(to: word, in: names)
    return KaizenError(
      "E_USAGE", message,
      hint: nearest.map { "did you mean \"\($0)\"?" } ?? "see kaizen --help")
  }

  private func usage(_ message: String, _ command: Command) -> KaizenError {
    KaizenError("E_USAGE", message, hint: "usage: \(HelpText.usage(command))")
  }
}
