import SourceCode

/// Files and folders of the tree, for links to lead to.
struct KnownPaths {
  private var paths: Set<String>

  init(_ files: [String]) {
    paths = Set(files)
    for file in files {
      var rest = file[...]
      while let slash = rest.lastIndex(of: "/") {
        rest = rest[..<slash]
        if !paths.insert(String(rest)).inserted { break }
      }
    }
  }

  /// Whether a link of `file` leads to something in the tree; nil where it leads out of it.
  func leads(_ link: String, from file: String) -> Bool? {
    var parts = file.split(separator: "/").dropLast().map(String.init)
    if link.hasPrefix("/") { return nil }  // relative to what, nobody can say
    for part in link.split(separator: "/") {
      if part == "." { continue }
      if part == ".." {
        if parts.popLast() == nil { return nil }
      } else {
        parts.append(String(part))
      }
    }
    return parts.isEmpty || paths.contains(parts.joined(separator: "/"))
  }
}

/// A page: its title, the order of its headings and its links.
enum MarkdownSubjects {
  /// A page up to this many lines needs no title.
  private static let shortLinesMax = 10

  static func all(in source: SourceText, file: String, _ known: KnownPaths) -> [Subject] {
    var subjects: [Subject] = []
    var level = 0
    var hasTitle = source.lines.count <= shortLinesMax
    var hasJump: Subject?
    for index in source.lines.indices {
      let code = source.code(index)
      if let depth = heading(code) {
        hasTitle = true
        if level > 0, depth > level + 1, hasJump == nil {
          hasJump = .missing(
            "heading-jump", index + 1, "a heading of level \(depth) stands under one of \(level)")
        }
        level = depth
      } else if isUnderline(code) && index > 0 || hasHTMLHeading(code) {
        hasTitle = true
      }
      for link in links(code) where known.leads(link, from: file) != nil {
        let isThere = known.leads(link, from: file) ?? true
        subjects.append(
          isThere
            ? .good : .missing("broken-link", index + 1, "\"\(link.prefix(100))\" leads nowhere"))
      }
    }
    subjects.append(hasTitle ? .good : .missing("no-title", 1, "the page has no heading"))
    subjects.append(hasJump ?? .good)
    return subjects
  }

  /// The level of `## heading`, with at most three blanks before it.
  private static func heading(_ code: [UInt8]) -> Int? {
    let rest = code.drop { $0 == 0x20 }
    let marks = rest.prefix { $0 == UInt8(ascii: "#") }.count
    guard code.count - rest.count <= 3, (1...6).contains(marks) else { return nil }
    let next = rest.dropFirst(marks).first
    return next == nil || next == 0x20 ? marks : nil
  }

  /// `=====` under a heading.
  private static func isUnderline(_ code: [UInt8]) -> Bool {
    code.count >= 2 && code.allSatisfy { $0 == UInt8(ascii: "=") || $0 == 0x20 }
      && code.first == UInt8(ascii: "=")
  }

  private static func hasHTMLHeading(_ code: [UInt8]) -> Bool {
    ["<h1", "<H1", "<h2"].contains { code.firstRange(of: $0.utf8) != nil }
  }

  /// The targets of `[text](target)` that are paths, without anchors and titles.
  private static func links(_ code: [UInt8]) -> [String] {
    var links: [String] = []
    var rest = code[...]
    while let begin = rest.firstRange(of: "](".utf8) {
      rest = rest[begin.upperBound...]
      guard let end = rest.firstIndex(of: UInt8(ascii: ")")) else { break }
      var target = rest[..<end].drop { $0 == 0x20 || $0 == UInt8(ascii: "<") }
      target = target.prefix { !" >#?".utf8.contains($0) }
      rest = rest[(end + 1)...]
      let text = String(decoding: target, as: UTF8.self).replacing("%20", with: " ")
      // A scheme, a template's variable or an empty target is no path; nor is the rest of one with
      // brackets in it.
      let isPath = !text.contains(":") && !text.contains("{") && !text.contains("(")
      let looksLikeFile = text.contains(".") || text.contains("/")
      if !text.isEmpty, isPath, looksLikeFile { links.append(text) }
    }
    return links
  }
}
