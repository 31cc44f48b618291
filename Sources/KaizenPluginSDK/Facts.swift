/// What is known of an agent beside its numbers and files.
///
/// A list that is nil is not known, which is not the same as empty.
public struct Facts: Sendable {
  /// A lesson drawn from the agent's feedback.
  public struct Learning: Hashable, Sendable {
    /// Its id.
    public var id: String
    /// What sort of lesson it is, such as `error_avoidance`.
    public var type: String
    /// One line for people.
    public var title: String
    /// What to do.
    public var text: String
    /// How much following it may change, in [0, 1].
    public var impact: Double
    /// When it lapses, RFC 3339.
    public var expires: String?
    /// How many operations show what it was drawn from.
    public var evidenceCount: Int?
  }

  /// What a scorer found in a file.
  public struct Finding: Hashable, Sendable {
    /// The quality dimension it belongs to; empty where its scorer has several.
    public var dimension: String
    /// The rule that was broken.
    public var rule: String
    /// `note`, `warning` or `error`.
    public var level: String
    /// The file, relative to the root.
    public var file: String
    /// The line from 1; nil for the file as a whole.
    public var line: Int?
    /// What is wrong.
    public var message: String
  }

  /// A tool in the versions that are known of it.
  public struct Tool: Hashable, Sendable {
    /// The tool.
    public var name: String
    /// The version the agent's descriptor declares.
    public var declared: String?
    /// The version its own check printed.
    public var installed: String?
    /// The version the operator's catalogue names.
    public var latest: String?
    /// Why `installed` is not known although there is a check.
    public var error: String?
  }

  /// What failed operations said.
  public struct ErrorText: Hashable, Sendable {
    /// One of the texts that are alike.
    public var text: String
    /// Its error type.
    public var type: String?
    /// Operations that ended with it.
    public var count: Int
  }

  /// Lessons that hold, the most impact first.
  public var learnings: [Learning]?
  /// What scorers found, the worst first.
  public var findings: [Finding]?
  /// Tools, those the agent declares first.
  public var tools: [Tool]?
  /// Texts of errors, the most frequent first.
  public var errorTexts: [ErrorText]?

  /// Knows nothing.
  init() {}

  /// Reads what the host sent; an element without its name is passed over.
  init(_ node: JSONNode) {
    learnings = Self.list(node["learnings"]) { item in
      guard let id = item["id"]?.string, let text = item["text"]?.string else { return nil }
      return Learning(
        id: id, type: item["type"]?.string ?? "", title: item["title"]?.string ?? "", text: text,
        impact: item["impact"]?.number ?? 0, expires: item["expires"]?.string,
        evidenceCount: Self.whole(item, "evidence_count"))
    }
    findings = Self.list(node["findings"]) { item in
      guard let rule = item["rule"]?.string, let file = item["file"]?.string else { return nil }
      return Finding(
        dimension: item["dimension"]?.string ?? "", rule: rule,
        level: item["level"]?.string ?? "warning", file: file,
        line: Self.whole(item, "line"),
        message: item["message"]?.string ?? "")
    }
    tools = Self.list(node["tools"]) { item in
      guard let name = item["name"]?.string else { return nil }
      return Tool(
        name: name, declared: item["declared"]?.string, installed: item["installed"]?.string,
        latest: item["latest"]?.string, error: item["error"]?.string)
    }
    errorTexts = Self.list(node["error_texts"]) { item in
      guard let text = item["text"]?.string else { return nil }
      return ErrorText(
        text: text, type: item["type"]?.string,
        count: Self.whole(item, "count") ?? 1)
    }
  }

  /// A whole number.
  ///
  /// Not inlined: in the closures above it fails the optimizer of Swift 6.3.1.
  @inline(never)
  private static func whole(_ node: JSONNode, _ key: String) -> Int? {
    guard let number = node[key]?.number else { return nil }
    return Int(exactly: number)
  }

  private static func list<T>(_ node: JSONNode?, _ read: (JSONNode) -> T?) -> [T]? {
    node.map { $0.elements.compactMap(read) }
  }
}
