/// Something an agent needed and did not have, as an error's text tells it.
struct CapabilityGap: Hashable {
  /// What was missing.
  enum Category: String, CaseIterable {
    case module, command, tool, permission
  }

  var category: Category
  /// Its name; for a permission, to what.
  var name: String

  /// Longest name, in bytes.
  private static let nameBytesMax = 100

  /// What `text` says is missing; nil where it says nothing of the sort.
  init?(_ text: String) {
    for (category, mark) in Self.after {
      guard let range = text.firstRange(of: mark),
        let name = Self.firstName(text[range.upperBound...]),
        Self.isGap(category, name, text)
      else { continue }
      self.init(category, name)
      return
    }
    for (category, mark) in Self.before {
      guard let range = text.firstRange(of: mark),
        let name = Self.lastName(text[..<range.lowerBound]), Self.isGap(category, name, text)
      else { continue }
      self.init(category, name)
      return
    }
    return nil
  }

  /// A file that is missing has a path or an ending; a command that is has neither.
  private static func isGap(_ category: Category, _ name: String, _ text: String) -> Bool {
    guard category == .command else { return true }
    let isMissing = ["not found", "ENOENT", "No such file"].contains { text.contains($0) }
    return isMissing && !name.contains("/") && !name.contains(".")
  }

  private init(_ category: Category, _ name: String) {
    self.category = category
    self.name = name
  }

  /// The name stands after these words: Python, Node.js, Ruby, Swift; agents' own tools.
  private static let after: [(Category, String)] = [
    (.module, "No module named "), (.module, "Cannot find module "), (.module, "no such module "),
    (.module, "cannot load such file -- "), (.module, "there is no package called "),
    (.tool, "unknown tool "), (.tool, "Unknown tool "), (.tool, "no such tool "),
    (.tool, "tool not found: "),
    (.permission, "Permission denied: "), (.permission, "permission denied, open "),
    (.permission, "permission denied to "), (.permission, "Operation not permitted: "),
    (.command, "command not found: "), (.command, "spawn "), (.command, "exec: "),
    (.command, "No such file or directory: "),
  ]

  /// The name stands before these: shells and what is run from them.
  private static let before: [(Category, String)] = [
    (.command, ": command not found"), (.command, ": not found"),
    (.permission, ": Permission denied"), (.permission, ": Operation not permitted"),
  ]

  /// The first word, without quotes.
  private static func firstName(_ rest: Substring) -> String? {
    var rest = rest
    if let quote = rest.first, "'\"`".contains(quote) {
      rest = rest.dropFirst().prefix { $0 != quote }
    } else {
      rest = rest.prefix { $0 != " " && $0 != "," && $0 != ";" }
      while let last = rest.last, ".:)".contains(last) { rest.removeLast() }
    }
    return isName(rest) ? String(rest) : nil
  }

  /// The last part between colons: `bash: line 3: jq` → `jq`.
  private static func lastName(_ rest: Substring) -> String? {
    guard let part = rest.split(separator: ":").last else { return nil }
    let name = part.trimmingSpaces
    return isName(name) ? String(name) : nil
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= nameBytesMax && !text.contains(" ")
  }
}

extension CapabilityGap {
  /// The gap a failed operation tells of: by its text, or by what `kaizen exec` could not start.
  init?(text: String?, errorType: String?, tool: String?) {
    if errorType == "command_not_found", let tool {
      self.init(.command, tool)
      return
    }
    guard let text, let gap = CapabilityGap(text) else { return nil }
    self = gap
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
