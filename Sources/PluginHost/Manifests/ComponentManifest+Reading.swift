import Model

/// What the place of a manifest allows and gives to its components.
struct ManifestContext {
  /// Only the daemon's own build may place code in the daemon.
  var allowsInProcess: Bool
  /// The version of components that do not say theirs.
  var version: String
  /// The pins of the manifest as a whole.
  var pins: [String: Digest]
}

extension ComponentManifest {
  /// The component that `reader` stands on; nil where a problem is no warning.
  static func read(
    _ reader: inout FieldReader, _ context: ManifestContext
  ) -> ComponentManifest? {
    let id = readID(&reader)
    let kind = reader.word("kind", ComponentKind.self, required: true)
    let version = reader.string("version") ?? context.version
    let description = reader.string("description") ?? ""
    var entry = reader.nested("entry", required: true) { readEntry(&$0) }
    let emits = kind == .analyzer ? readTypes("emits", &reader) : []
    let handles = kind == .applier ? readTypes("handles", &reader) : []
    var dimensions: [String] = []
    if case .function(let found) = entry {
      let function = completed(found, kind, &reader)
      entry = .function(function)
      dimensions = [function.output.dimension]
    } else if kind == .scorer {
      dimensions = readDimensions(&reader)
    }
    let risk = kind == .applier ? reader.word("risk", Risk.self) : nil
    let weight = kind == .scorer ? reader.number("weight", in: 0...100) : nil
    let config = readConfig(&reader)
    let deadline = reader.integer("deadline_ms", in: Limit.deadlineMilliseconds)
    let isPure = reader.bool("pure") ?? false
    let needs = reader.nested("needs") { Needs.read(&$0) } ?? Needs()
    let pins = readPins(&reader)
    let placement = readPlacement(&reader, kind, entry, needs, context)
    if kind != .scorer, case .command(let command) = entry, command.output == .sarif {
      reader.report(
        "entry.output", expected: "\"jsonl\" or \"none\": findings are for scorers to give",
        found: "\"sarif\"", fix: "make it a scorer")
    }
    if kind != .applier, !needs.write.isEmpty {
      reader.report(
        "needs.write", expected: "nothing: only appliers write", found: "\(needs.write)",
        fix: "remove it")
    }
    reader.finish()
    guard reader.isUsable, let id, let kind, let entry else { return nil }
    return ComponentManifest(
      id: id, kind: kind, version: version, description: description, entry: entry, emits: emits,
      handles: handles, dimensions: dimensions, config: config,
      deadline: .milliseconds(deadline ?? Limit.defaultDeadlineMilliseconds),
      placement: placement, isPure: isPure,
      risk: risk ?? .high,  // an applier that does not say is taken for the riskiest
      weight: weight ?? 1, needs: needs, pins: context.pins.merging(pins) { _, own in own })
  }

  private static func readID(_ reader: inout FieldReader) -> ComponentID? {
    guard let text = reader.string("id", required: true) else { return nil }
    if let id = ComponentID(text) { return id }
    reader.report(
      "id", expected: Identifier.form, found: "\"\(text.prefix(140))\"",
      fix: "give the component an id of that form")
    return nil
  }

  /// A list of opportunity types that is not empty.
  private static func readTypes(_ key: String, _ reader: inout FieldReader) -> [OpportunityType] {
    guard let words = reader.strings(key, required: true) else { return [] }
    let known = OpportunityType.allCases.map(\.rawValue).joined(separator: ", ")
    if words.isEmpty {
      reader.report(
        key, expected: "at least one of \(known)", found: "an empty list", fix: "name one")
    }
    return words.compactMap { word in
      if let type = OpportunityType(rawValue: word) { return type }
      reader.report(key, expected: "some of \(known)", found: "\"\(word)\"", fix: "correct it")
      return nil
    }
  }

  private static func readDimensions(_ reader: inout FieldReader) -> [String] {
    guard let names = reader.strings("dimensions", required: true) else { return [] }
    if !(1...Limit.dimensionCount).contains(names.count) {
      reader.report(
        "dimensions", expected: "1 to \(Limit.dimensionCount) names", found: "\(names.count)",
        fix: "name the dimensions it scores")
    }
    for name in names where !Identifier.isValid(name) {
      reader.report(
        "dimensions", expected: Identifier.form, found: "\"\(name.prefix(140))\"",
        fix: "write a name of that form")
    }
    return names
  }

  private static func readConfig(_ reader: inout FieldReader) -> JSONValue {
    let config = JSONValue.object(reader.object("config") ?? [:])
    let count = config.text().utf8.count
    if count > Limit.configBytes {
      reader.report(
        "config", expected: "at most \(Limit.configBytes) bytes", found: "\(count) bytes",
        fix: "keep long settings in a file of the bundle")
    }
    return config
  }

  private static func readPlacement(
    _ reader: inout FieldReader, _ kind: ComponentKind?, _ entry: Entry?, _ needs: Needs,
    _ context: ManifestContext
  ) -> ComponentPlacement {
    if case .command = entry { return .command }  // a "placement" beside a command is unknown
    guard let word = reader.string("placement"), word != ComponentPlacement.worker.rawValue else {
      return .worker
    }
    let reason: String? =
      if word != ComponentPlacement.inProcess.rawValue {
        "\"\(word.prefix(60))\""
      } else if !context.allowsInProcess {
        "\"in-process\" outside the daemon's own manifest"
      } else if kind != .analyzer {
        "\"in-process\" for a component that is no analyzer"
      } else if needs != Needs() {
        "\"in-process\" with needs, which only a sandbox can meet"
      } else {
        nil
      }
    guard let reason else { return .inProcess }
    reader.report(
      "placement",
      expected: "\"worker\", or \"in-process\" for analyzers of the daemon's own manifest",
      found: reason, fix: "write \"worker\" or leave it out")
    return .worker
  }

  /// The object `sha256`: file → 64 hexadecimal digits.
  static func readPins(_ reader: inout FieldReader) -> [String: Digest] {
    guard let members = reader.object("sha256") else { return [:] }
    if members.count > Limit.pinCount {
      reader.report(
        "sha256", expected: "at most \(Limit.pinCount) files", found: "\(members.count)",
        fix: "pin fewer files")
    }
    var pins: [String: Digest] = [:]
    for (file, value) in members.sorted(by: { $0.key < $1.key }) {
      let path = readPath(file, "sha256", &reader)
      if let digest = value.string.flatMap({ Digest(hex: $0.lowercased()) }) {
        if let path { pins[path] = digest }
      } else {
        reader.report(
          "sha256.\(file)", expected: "64 hexadecimal digits", found: value.shape,
          fix: "write what `sha256sum \(file)` prints")
      }
    }
    return pins
  }

  /// The normal form of a path within the manifest's folder; reports one that leads out of it.
  static func readPath(_ path: String, _ key: String, _ reader: inout FieldReader) -> String? {
    if let normal = RelativePath.normal(path) { return normal }
    reader.report(
      key, expected: "a path relative to the manifest's folder, without \"..\"",
      found: "\"\(path.prefix(140))\"", fix: "put the file beside the manifest")
    return nil
  }
}
