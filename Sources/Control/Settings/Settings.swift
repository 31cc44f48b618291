public import Model

/// Every setting with its value and where that came from: file < environment.
public struct Settings: Sendable {
  /// A value and its origin: `default`, a file's path, or an environment variable's name.
  public struct Entry: Sendable {
    /// What it is.
    public var value: JSONValue
    /// Who says so.
    public var origin: String
  }

  /// Every setting by its key.
  public private(set) var entries: [String: Entry] = [:]

  /// Settles every setting, and collects every problem instead of stopping at the first.
  ///
  /// - Parameters:
  ///   - document: the config file, or nil where there is none.
  ///   - file: its path, for messages and origins.
  public static func resolve(
    document: JSONValue?, file: String, environment: [String: String]
  ) -> (settings: Settings, problems: [Problem]) {
    var settings = Settings()
    var problems: [Problem] = []
    var written = document.map { flatten($0) } ?? [:]
    if let document, document.object == nil {
      problems.append(
        Problem(
          file: file, key: "", expected: "an object", found: document.shape, fix: "write { … }"))
    }
    for setting in Setting.all {
      var entry = Entry(value: setting.initial, origin: "default")
      if let value = written.removeValue(forKey: setting.key) {
        entry = Entry(value: value, origin: file)
      }
      if let text = environment[setting.environmentName] {
        entry = Entry(value: setting.value(ofText: text), origin: setting.environmentName)
      }
      if !setting.accepts(entry.value) {
        problems.append(
          Problem(
            file: entry.origin, key: setting.key, expected: setting.expected,
            found: entry.value.shape, fix: "correct it; it says: \(setting.help)"))
        entry = Entry(value: setting.initial, origin: "default")
      }
      settings.entries[setting.key] = entry
    }
    for key in written.keys.sorted() {
      problems.append(
        Problem(
          file: file, key: key, expected: "a setting that exists", found: "an unknown key",
          fix: "`kaizen config show` lists them", isWarning: true))
    }
    return (settings, problems)
  }

  /// The value of a setting that is a number.
  public func integer(_ key: String) -> Int { entries[key]?.value.integer.map(Int.init) ?? 0 }
  /// The value of a setting that is a word.
  public func word(_ key: String) -> String { entries[key]?.value.string ?? "" }
  /// The value of a setting that is a port of the loopback address; nil for none.
  public func endpoint(_ key: String) -> LoopbackEndpoint? { LoopbackEndpoint(word(key)) }
  /// The value of a setting that is an object of versions.
  public func versions(_ key: String) -> [String: String] {
    entries[key]?.value.object?.compactMapValues(\.string) ?? [:]
  }
  /// The value of a setting that is a list of user ids.
  public func userIDs(_ key: String) -> [UInt32] {
    entries[key]?.value.array?.compactMap { $0.integer.flatMap { UInt32(exactly: $0) } } ?? []
  }

  /// Nested objects as dotted keys; lists, plain values and settings that are objects end a key.
  private static func flatten(_ value: JSONValue, prefix: String = "") -> [String: JSONValue] {
    var flat: [String: JSONValue] = [:]
    for (key, member) in value.object ?? [:] {
      let name = prefix.isEmpty ? key : "\(prefix).\(key)"
      let isSetting = Setting.all.contains { $0.key == name }
      if member.object != nil, !isSetting {
        flat.merge(flatten(member, prefix: name)) { first, _ in first }
      } else {
        flat[name] = member
      }
    }
    return flat
  }
}
