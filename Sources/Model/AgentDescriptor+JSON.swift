extension AgentDescriptor {
  /// The descriptor that `value` describes, with every problem found; nil where one is no warning.
  public static func read(
    _ value: JSONValue, file: String, fallbackID: String? = nil
  ) -> (descriptor: AgentDescriptor?, problems: [Problem]) {
    var reader = FieldReader(value, file: file)
    let id = readID(&reader, fallback: fallbackID)
    let paths = readPaths("paths", &reader) ?? ["**"]
    let descriptor = id.map { id in
      AgentDescriptor(
        id: id, description: reader.string("description") ?? "",
        paths: paths.isEmpty ? ["**"] : paths,
        serviceLevel: reader.number("sla_ms", in: 1...86_400_000).map { .milliseconds($0) },
        test: reader.nested("test") { readCommand(&$0, timeout: 60) },
        health: reader.nested("health") { readCommand(&$0, timeout: 10) },
        reload: reader.nested("reload") { readCommand(&$0, timeout: 30) },
        state: readPaths("state", &reader) ?? [], shared: readPaths("shared", &reader) ?? [],
        ignore: readPaths("ignore", &reader) ?? [],
        protected: readPaths("protected", &reader) ?? [],
        tools: reader.list("tools", readTool) ?? [],
        tunables: reader.list("tunables", readTunable) ?? [],
        autopilot: reader.word("autopilot", Autopilot.self))
    }
    _ = reader.value("promote")
    reader.finish()
    return (reader.isUsable ? descriptor : nil, reader.problems)
  }

  private static func readID(_ reader: inout FieldReader, fallback: String?) -> AgentID? {
    let text = reader.string("id") ?? fallback ?? ""
    if let id = AgentID(text) { return id }
    reader.report(
      "id", expected: Identifier.form, found: text.isEmpty ? "nothing" : "\"\(text.prefix(140))\"",
      fix: "give the agent an id of that form")
    return nil
  }

  private static func readCommand(_ reader: inout FieldReader, timeout: Int64) -> Command? {
    let words = reader.strings("command", required: true)
    let seconds = reader.number("timeout_s", in: 0.1...3600) ?? Double(timeout)
    let needs = reader.nested("needs") { Needs.read(&$0) } ?? Needs()
    reader.finish()
    guard let words, let first = words.first, !first.isEmpty else {
      if words != nil {
        reader.report(
          "command", expected: "a list of words, the program first", found: "an empty list",
          fix: "write [\"program\", \"argument\"]")
      }
      return nil
    }
    return Command(words: words, timeout: .seconds(seconds), needs: needs)
  }

  /// Paths or globs beneath the root: relative, without `..`.
  private static func readPaths(_ key: String, _ reader: inout FieldReader) -> [String]? {
    guard let paths = reader.strings(key) else { return nil }
    for path in paths
    where path.isEmpty || path.hasPrefix("/") || path.split(separator: "/").contains("..") {
      reader.report(
        key, expected: "paths relative to the agent's root, without \"..\"",
        found: "\"\(path)\"", fix: "write the path relative to the folder of the agent")
    }
    return paths
  }

  private static func readTool(_ reader: inout FieldReader) -> Tool? {
    let name = reader.string("name", required: true)
    let version = reader.string("version")
    let check = reader.strings("check") ?? []
    reader.finish()
    return name.map { Tool(name: $0, version: version, check: check) }
  }

  private static func readTunable(_ reader: inout FieldReader) -> Tunable? {
    let anything = -1e15...1e15
    let file = reader.string("file", required: true)
    let pointer = reader.string("pointer", required: true)
    let minimum = reader.number("min", in: anything, required: true)
    let maximum = reader.number("max", in: anything, required: true)
    let step = reader.number("step", in: 1e-9...1e15, required: true)
    reader.finish()
    guard let file, let pointer, let minimum, let maximum, let step else { return nil }
    if minimum > maximum {
      reader.report(
        "min", expected: "at most max (\(maximum))", found: "\(minimum)", fix: "swap them")
    }
    if !pointer.hasPrefix("/") {
      reader.report(
        "pointer", expected: "a JSON pointer such as \"/retries\" (RFC 6901)",
        found: "\"\(pointer)\"", fix: "start it with \"/\"")
    }
    return Tunable(file: file, pointer: pointer, minimum: minimum, maximum: maximum, step: step)
  }
}

extension Needs {
  /// Every need a manifest or a descriptor may name.
  static let names = ["env", "memory_mb", "network", "path", "processes", "read", "write"]

  /// Reads needs; an unknown one is an error, since ignoring it would promise what is not given.
  public static func read(_ reader: inout FieldReader) -> Needs {
    let needs = Needs(
      read: reader.strings("read") ?? [], write: reader.strings("write") ?? [],
      network: reader.strings("network") ?? [], path: reader.strings("path") ?? [],
      environment: reader.strings("env") ?? [],
      memoryMegabytes: reader.integer("memory_mb", in: 1...65_536).map(Int.init),
      processes: reader.integer("processes", in: 1...4096).map(Int.init))
    for key in reader.unasked {
      reader.report(
        key, expected: "one of \(names.joined(separator: ", "))", found: "an unknown need",
        fix: "remove it: a need that is not understood cannot be met")
    }
    for path in needs.read + needs.path where !path.hasPrefix("/") {
      reader.report(
        "read", expected: "absolute paths", found: "\"\(path)\"", fix: "write the whole path")
    }
    if !needs.network.isEmpty {
      reader.report(
        "network", expected: "an empty list: sandboxes have no network in this version",
        found: "\(needs.network)", fix: "remove the hosts")
    }
    return needs
  }
}
