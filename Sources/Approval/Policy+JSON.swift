internal import JSONStream
public import Model

extension Policy {
  /// The version of the file's form.
  static let version: Int64 = 1
  /// Longest file, in bytes.
  public static let bytesMax = 1 << 20

  /// The policy that the bytes of a `policy.json` say, with every problem found.
  ///
  /// It is nil where one of them is more than a warning: a policy is understood as a whole or not
  /// at all, for half of one lets through what the other half holds.
  public static func read(
    _ bytes: [UInt8], file: String
  ) -> (policy: Policy?, problems: [Problem]) {
    do throws(KaizenError) {
      return read(try JSONDocument.parse(bytes, limits: JSONLimits(bytesMax: bytesMax)), file: file)
    } catch {
      return (
        nil,
        [
          Problem(
            file: file, key: "", expected: "JSON", found: error.message,
            fix: error.hint ?? "correct the text")
        ]
      )
    }
  }

  /// The policy that `value` says, with every problem found.
  public static func read(
    _ value: JSONValue, file: String
  ) -> (policy: Policy?, problems: [Problem]) {
    var reader = FieldReader(value, file: file)
    _ = reader.integer("policy", in: version...version, required: true)
    let fourEyes = reader.bool("four_eyes") ?? false
    let rules = reader.list("rules", required: true, readRule) ?? []
    if rules.count > ruleCountMax {
      reader.report(
        "rules", expected: "at most \(ruleCountMax) rules", found: "\(rules.count)",
        fix: "join rules that ask for the same")
    }
    reader.finish()
    return (reader.isUsable ? Policy(fourEyes: fourEyes, rules: rules) : nil, reader.problems)
  }

  private static func readRule(_ reader: inout FieldReader) -> Rule? {
    let name = reader.string("name", required: true)
    let match = reader.nested("match", readMatch) ?? Match()
    let count = reader.integer("approvals", in: 0...Int64(approvalCountMax), required: true)
    let approvers = readApprovers(&reader)
    let stage = reader.word("stage", Stage.self) ?? .beforePromotion
    let hours = reader.number("expires_h", in: 0.01...8760)
    if stage == .beforeTrial && match.needsChange {
      reader.report(
        "stage", expected: "before_promotion", found: "before_trial",
        fix: "paths, lines_over and files_over are known after the trial only")
    }
    if case .users(let uids) = approvers, let count, Int64(uids.count) < count {
      reader.report(
        "by", expected: "at least \(count) uids, as many as approvals", found: "\(uids.count)",
        fix: "name more uids or ask for fewer approvals")
    }
    reader.finish()
    guard let name, let count else { return nil }
    return Rule(
      name: name, match: match, approvalCount: Int(count), approvers: approvers, stage: stage,
      expiry: hours.map { .seconds($0 * 3600) } ?? expiry)
  }

  private static func readMatch(_ reader: inout FieldReader) -> Match? {
    let large = Int64(1_000_000_000)
    let match = Match(
      severity: reader.word("severity", Severity.self),
      types: reader.words("type", OpportunityType.allCases),
      agents: reader.strings("agent")?.map { PathPattern($0) },
      // A plan never has the strategy `auto`: it stands for one of the others by then.
      strategies: reader.words("strategy", Strategy.Name.allCases.filter { $0 != .auto }),
      appliers: reader.strings("applier")?.map { PathPattern($0) },
      paths: reader.strings("paths")?.map { PathPattern($0) },
      linesOver: reader.integer("lines_over", in: 0...large).map(Int.init),
      filesOver: reader.integer("files_over", in: 0...large).map(Int.init))
    for key in reader.unasked {
      reader.report(
        key, expected: "a condition of this version", found: "an unknown one",
        fix: "remove it: a rule that is half understood would match too much")
    }
    return match
  }

  private static func readApprovers(_ reader: inout FieldReader) -> Approvers {
    guard let value = reader.value("by"), value.string != "any" else { return .anyone }
    let uids = value.array?.compactMap { $0.integer.flatMap { UInt32(exactly: $0) } }
    if let uids, uids.count == value.array?.count, !uids.isEmpty { return .users(Set(uids)) }
    reader.report(
      "by", expected: "\"any\" or a list of uids", found: value.shape,
      fix: "write [1000] for the user with uid 1000; `id -u` shows yours")
    return .anyone
  }

  /// The policy as its file says it.
  public var json: JSONValue {
    [
      "policy": .integer(Self.version), "four_eyes": .bool(fourEyes),
      "rules": .array(rules.map(\.json)),
    ]
  }
}

extension Policy.Rule {
  fileprivate var json: JSONValue {
    let hours = expiry.milliseconds / 3_600_000
    return [
      "name": .string(name), "match": match.json, "approvals": .integer(Int64(approvalCount)),
      "by": approvers.json, "stage": .string(stage.rawValue),
      "expires_h": Int64(exactly: hours).map(JSONValue.integer) ?? .number(hours),
    ]
  }
}

extension Policy.Approvers {
  /// `"any"` or the uids in order.
  var json: JSONValue {
    switch self {
    case .anyone: "any"
    case .users(let uids): .array(uids.sorted().map { .integer(Int64($0)) })
    }
  }
}

extension Policy.Match {
  fileprivate var json: JSONValue {
    func texts<T>(_ values: [T]?, _ text: (T) -> String) -> JSONValue? {
      values.map { .array($0.map { .string(text($0)) }) }
    }
    let members: [String: JSONValue?] = [
      "severity": severity.map { .string($0.rawValue) }, "type": texts(types, \.rawValue),
      "agent": texts(agents, \.text), "strategy": texts(strategies, \.rawValue),
      "applier": texts(appliers, \.text), "paths": texts(paths, \.text),
      "lines_over": linesOver.map { .integer(Int64($0)) },
      "files_over": filesOver.map { .integer(Int64($0)) },
    ]
    return .object(members.compactMapValues { $0 })
  }
}

extension FieldReader {
  /// A list of words, each one of `allowed`.
  fileprivate mutating func words<W: RawRepresentable>(
    _ key: String, _ allowed: [W]
  ) -> [W]? where W.RawValue == String {
    guard let texts = strings(key) else { return nil }
    let known = Dictionary(uniqueKeysWithValues: allowed.map { ($0.rawValue, $0) })
    for text in texts where known[text] == nil {
      report(
        key, expected: "any of \(allowed.map(\.rawValue).joined(separator: ", "))",
        found: "\"\(text)\"", fix: "correct its spelling")
    }
    return texts.compactMap { known[$0] }
  }
}
