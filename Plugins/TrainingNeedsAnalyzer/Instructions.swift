import KaizenPluginSDK

/// What an agent is told by its own files.
struct Instructions {
  /// Files that are read; the rest is passed over.
  private static let filesMax = 100
  /// Bytes of one file.
  private static let bytesMax = 1 << 20

  /// Where new learnings belong: `AGENTS.md`, or `CLAUDE.md` where only that is there.
  let file: String
  /// The files that were read.
  private(set) var names: [String] = []
  /// Letters and digits of all files, small, with one blank between words.
  private var words = ""
  /// The texts as they are, for ids.
  private var text = ""

  init(_ tree: borrowing Tree, _ host: Host) throws(PluginFailure) {
    let files = tree.files
    file = !files.contains("AGENTS.md") && files.contains("CLAUDE.md") ? "CLAUDE.md" : "AGENTS.md"
    for name in files.filter(Self.isInstruction).prefix(Self.filesMax) {
      try host.checkStop()
      // A link, a file that is gone or too long: what cannot be read instructs nobody here.
      guard let bytes = try? tree.read(name, limit: Self.bytesMax) else { continue }
      names.append(name)
      let content = String(decoding: bytes, as: UTF8.self)
      text += content + "\n"
      words += Self.words(content) + " "
    }
  }

  /// Instructions of known agents, READMEs, and whatever is called a prompt.
  private static func isInstruction(_ path: String) -> Bool {
    let parts = path.lowercased().split(separator: "/")
    guard let name = parts.last else { return false }
    if ["agents.md", "claude.md", "gemini.md", ".cursorrules"].contains(name) { return true }
    if name.hasPrefix("readme") || name.hasPrefix("prompt") || name.hasPrefix("system_prompt") {
      return true
    }
    return name.hasSuffix(".prompt") || parts.dropLast().contains { $0.hasPrefix("prompt") }
  }

  /// Whether the learning is there: by the id that a playbook leaves, or word for word.
  func contain(_ learning: Facts.Learning) -> Bool {
    let marker = "[learning \(learning.id)"
    // The id must end there: `l-1` is not `l-12`.
    if text.contains(marker + ",") || text.contains(marker + "]") { return true }
    let wanted = Self.words(learning.text)
    return !wanted.isEmpty && (" " + words).contains(" " + wanted + " ")
  }

  /// Letters and digits alone, so that line breaks, marks and case do not matter.
  private static func words(_ text: String) -> String {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
  }
}
