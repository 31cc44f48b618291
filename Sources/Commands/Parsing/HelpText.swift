/// Help, made of the table of commands.
enum HelpText {
  /// Characters of a usage from which a list names no single option.
  private static let usageWidth = 76

  /// `kaizen agent add PATH [--id ID]`.
  static func usage(_ command: Command, isShort: Bool = false) -> String {
    let operands = command.operands.map { operand in
      let name = operand.isRest ? "-- \(operand.name)..." : operand.name
      return operand.isOptional ? "[\(name)]" : name
    }
    let required = command.options.filter(\.isRequired).map(shape)
    let free = command.options.filter { !$0.isRequired }
    let options = required + (isShort ? ["[OPTION...]"] : free.map { "[\(shape($0))]" })
    // Options of a wrapper stand before the command it runs.
    let isWrapper = command.operands.last?.isRest == true
    let parts = isWrapper ? options + operands : operands + options
    return (["kaizen", command.name] + parts).joined(separator: " ")
  }

  /// Help on everything, a group or one command.
  static func text(on words: [String], _ commands: [Command]) -> String {
    if let command = commands.first(where: { $0.words == words }) { return page(command) }
    if let group = words.first {
      let members = commands.filter { $0.words.first == group }
      return "usage: kaizen \(group) VERB\n\n" + list(members) + "\n" + common
    }
    return """
      usage: kaizen COMMAND

      Improves agents from their own feedback, one tested change at a time.

      \(list(commands))
      \(common)
      kaizen COMMAND --help tells more. Exit status: 0 done, 1 refused or failed, 2 usage,
      3 daemon not reachable, 4 another verdict than --require asked for.

      """
  }

  private static func page(_ command: Command) -> String {
    var text = "usage: \(usage(command))\n\n\(command.summary)\n"
    if !command.notes.isEmpty { text += "\n\(command.notes)\n" }
    return text + "\n" + list(command.options + Command.common)
  }

  private static let common = "Every command takes:\n" + list(Command.common)

  private static func shape(_ option: Command.Option) -> String {
    option.placeholder.map { "\(option.name) \($0)" } ?? option.name
  }

  private static func list(_ commands: [Command]) -> String {
    columns(
      commands.map { command in
        let whole = usage(command)
        let line = whole.count > usageWidth ? usage(command, isShort: true) : whole
        return (String(line.dropFirst("kaizen ".count)), command.summary)
      })
  }

  private static func list(_ options: [Command.Option]) -> String {
    columns(
      options.map { option in
        if case .word(_, let words) = option.kind {
          return (shape(option), "\(option.help): \(words.joined(separator: ", "))")
        }
        return (shape(option), option.help)
      })
  }

  /// Two columns; a left side that is too long gets a line of its own.
  private static func columns(_ rows: [(left: String, right: String)]) -> String {
    rows.map { row in
      row.left.count > leftWidth
        ? "  \(row.left)\n\(pad("", leftWidth + 4))\(row.right)\n"
        : "  \(pad(row.left, leftWidth))  \(row.right)\n"
    }.joined()
  }

  private static let leftWidth = 34

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
