import JSONStream
import Linux
import Model

/// What attaching an agent did to its folder, so that detaching can undo it.
struct Attachment: Hashable, Sendable {
  /// One `state` path and what became of it.
  struct State: Hashable, Sendable {
    enum Origin: String, CaseIterable, Sendable {
      /// It was there, and moved to the store.
      case moved
      /// It was not there: an empty folder was made.
      case madeFolder = "made_folder"
      /// It was not there: the link waits for the file.
      case awaited
      /// It is a link to the store already: the folder was attached before, and moved meanwhile.
      case linked
      /// It is a link of the owner's, or the folder it should be in is missing.
      case left
    }
    var path: TreePath
    var origin: Origin
  }

  var root: String
  /// How it is attached, or is about to be.
  var mode: AttachMode
  /// False while attaching, or detaching, is under way.
  var isComplete: Bool
  var state: [State]
  /// Which files are the agent's, for whoever cannot ask the daemon; nil where an older one wrote it.
  var paths: PathSet?

  var json: JSONValue {
    .object([
      "attachment": 1, "root": .string(root), "mode": .string(mode.rawValue),
      "complete": .bool(isComplete), "paths": paths?.json ?? .null,
      "state": .array(
        state.map {
          .object(["path": .string($0.path.text), "origin": .string($0.origin.rawValue)])
        }),
    ])
  }

  init(
    root: String, mode: AttachMode, isComplete: Bool, state: [State], paths: PathSet? = nil
  ) {
    self.paths = paths
    self.root = root
    self.mode = mode
    self.isComplete = isComplete
    self.state = state
  }

  /// Longest attachment that is read, in bytes.
  private static let byteCountMax = 1 << 20

  /// The attachment at `path`; nil where there is none.
  static func read(_ path: String) throws(KaizenError) -> Attachment? {
    guard Files.exists(path) else { return nil }
    let bytes = try io(path, "reading") { () throws(SystemError) in
      try Files.read(path, limit: byteCountMax)
    }
    func bad(_ why: String) -> KaizenError {
      KaizenError(
        "E_MANIFEST_BAD", "\"\(path)\" does not say what attaching did\(why)",
        hint: "restore it from a backup, or remove the agent and add it again")
    }
    let json: JSONValue
    do { json = try JSONDocument.parse(bytes) } catch { throw bad(": \(error.message)") }
    guard let root = json["root"]?.string, let isComplete = json["complete"]?.bool,
      let values = json["state"]?.array
    else { throw bad("") }
    return Attachment(
      root: root,
      // Written before there was another mode.
      mode: json["mode"]?.string.flatMap(AttachMode.init(rawValue:)) ?? .directory,
      isComplete: isComplete,
      state: values.compactMap { value in
        guard let path = value["path"]?.string.flatMap({ TreePath(text: $0) }),
          let origin = value["origin"]?.string.flatMap(State.Origin.init(rawValue:))
        else { return nil }
        return State(path: path, origin: origin)
      }, paths: json["paths"].flatMap(PathSet.init(json:)))
  }

  /// Writes it, durable on return.
  func write(_ path: String) throws(KaizenError) {
    try io(path, "writing") { () throws(SystemError) in
      try Files.replace(path, with: json.text(indent: 2).utf8)
    }
  }
}
