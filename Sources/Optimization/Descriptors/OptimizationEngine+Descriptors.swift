import Approval
import Glibc
import JSONStream
import Linux
public import Model
import Synchronization
import Telemetry

/// The descriptor of an agent that is to be added, and where it stands.
struct FoundDescriptor {
  var descriptor: AgentDescriptor
  /// As it is written.
  var json: JSONValue
  /// Warnings.
  var problems: [Problem]
  /// The file in the home; nil where the agent's folder has its own.
  var kept: String?
  /// Why it says what it does, where it was made just now.
  var made: String?
}

extension OptimizationEngine {
  /// Bytes of the longest `agent.json`.
  private static let descriptorBytesMax = 1 << 20

  /// Where Kaizen keeps the descriptor of an agent whose folder has none.
  func keptDescriptor(of id: AgentID) -> String { "\(storeRoot)/\(id)/agent.json" }

  /// The descriptor for the folder at `path`; nothing is written yet.
  ///
  /// Its own `agent.json`, else the one that the home keeps of that id, else a new one, guessed from
  /// the folder's files.
  func descriptor(at path: String, id: String?) throws(KaizenError) -> FoundDescriptor {
    let file = path + "/agent.json"
    guard path.hasPrefix("/") else {
      throw KaizenError(
        "E_PATH_RELATIVE", "\"\(path)\" is not an absolute path", hint: "write the whole path")
    }
    if let own = try Self.readDescriptor(file) { return try found(own, file, id) }
    if !Files.isDirectory(path) {
      throw KaizenError(
        "E_PATH_MISSING", "there is no folder \"\(path)\"", hint: "check the path's spelling")
    }
    let name = id ?? Files.name(of: path)
    guard let valid = AgentID(name) else { return try found([:], file, name) }
    let kept = keptDescriptor(of: valid)
    if let json = try Self.readDescriptor(kept) {
      var known = try found(json, kept, name)
      known.kept = kept
      return known
    }
    let guess = DescriptorGuess(of: path, id: name)
    var made = try found(guess.json, kept, name)
    made.kept = kept
    made.made = guess.testReason ?? "no tests were found"
    return made
  }

  private func found(
    _ value: JSONValue, _ file: String, _ id: String?
  ) throws(KaizenError) -> FoundDescriptor {
    var json = value
    if let id, var members = json.object {
      members["id"] = .string(id)
      json = .object(members)
    }
    let folder = Files.name(of: Files.parent(of: file))
    let (descriptor, problems) = AgentDescriptor.read(json, file: file, fallbackID: folder)
    guard let descriptor else {
      throw KaizenError(
        "E_DESCRIPTOR", problems.filter { !$0.isWarning }.map(\.description).joined(separator: "\n")
      )
    }
    return FoundDescriptor(descriptor: descriptor, json: json, problems: problems)
  }

  /// Nil where there is no file.
  private static func readDescriptor(_ file: String) throws(KaizenError) -> JSONValue? {
    var status = stat()
    if lstat(file, &status) != 0 { return nil }
    if status.st_mode & S_IFMT != S_IFREG {
      throw KaizenError("E_DESCRIPTOR", "\(file) is no regular file", hint: "replace it with one")
    }
    let bytes: [UInt8]
    do {
      bytes = try Files.read(file, limit: descriptorBytesMax)
    } catch {
      throw KaizenError("E_DESCRIPTOR", "\(file) cannot be read: \(error)")
    }
    do {
      return try JSONDocument.parse(bytes)
    } catch {
      throw KaizenError(
        "E_DESCRIPTOR", "\(file): \(error.message)", hint: error.hint ?? "correct the file")
    }
  }

  /// Writes a descriptor that was made, for a person to read and correct.
  ///
  /// Where the folder's own was taken, one that the home has is set aside: else it would be in
  /// force as soon as the agent removes the folder's.
  func keep(_ found: FoundDescriptor) throws(KaizenError) {
    guard let file = found.kept else {
      let stale = keptDescriptor(of: found.descriptor.id)
      if rename(stale, stale + ".old") == 0 { return }
      let error = SystemError("rename", stale)
      if error.code == ENOENT { return }
      throw KaizenError("E_DESCRIPTOR", "\(stale) cannot be set aside: \(error)")
    }
    if found.made == nil { return }
    do throws(SystemError) {
      try Files.makeDirectories(Files.parent(of: file))
      try Files.replace(file, with: (found.json.text(indent: 2) + "\n").utf8)
    } catch {
      throw KaizenError("E_DESCRIPTOR", "\(file) cannot be written: \(error)")
    }
  }

  /// The agent with the descriptor as a person has left it in the home.
  ///
  /// Where the agent's folder has an `agent.json`, the one that was read when it was added stays in
  /// force: whatever writes there gives nobody more freedom. The home is its owner's alone. What
  /// cannot be taken up is told of, and the descriptor stays as it was.
  public func described(_ agent: AgentRecord) throws(KaizenError) -> AgentRecord {
    let file = keptDescriptor(of: agent.id)
    if !Files.exists(file) || Files.exists(agent.root + "/agent.json") { return agent }
    let new: FoundDescriptor
    do {
      guard let json = try Self.readDescriptor(file) else { return agent }
      if json == agent.descriptorJSON {
        descriptorProblems.withLock { $0[agent.id] = nil }
        return agent
      }
      new = try found(json, file, agent.id.text)
      try Self.requireSamePlaces(new.descriptor, as: agent.descriptor, file)
    } catch {
      noteProblem(of: agent.id, error)
      return agent
    }
    descriptorProblems.withLock { $0[agent.id] = nil }
    if new.json == agent.descriptorJSON { return agent }
    let act = AuditEntry.Act("agent.described", by: .daemon, agent: agent.id, subject: file)
    let keepsTests = new.descriptor.test == agent.descriptor.test
    try parts.store.setDescriptor(new.json, of: agent.id, keepsTests: keepsTests) { connection in
      try parts.admiral.audit.append(act, on: connection)
    }
    parts.events.publish("agent.described", agent: agent.id, "\(agent.id): \(file) was edited")
    var fresh = agent
    fresh.descriptor = new.descriptor
    fresh.descriptorJSON = new.json
    if !keepsTests { fresh.baseTests = nil }
    return fresh
  }

  /// What of an agent's descriptor could not be taken up.
  public func descriptorProblem(of id: AgentID) -> String? {
    descriptorProblems.withLock { $0[id] }
  }

  private func noteProblem(of id: AgentID, _ error: KaizenError) {
    let text = error.description
    let isNew = descriptorProblems.withLock { problems in
      defer { problems[id] = text }
      return problems[id] != text
    }
    if isNew { parts.log.warning("a descriptor is not in force", ["error": .string(text)]) }
  }

  /// Generations were made of these; other ones need another attachment.
  static func requireSamePlaces(
    _ new: AgentDescriptor, as old: AgentDescriptor, _ file: String
  ) throws(KaizenError) {
    let changed = [
      ("paths", new.paths != old.paths), ("state", new.state != old.state),
      ("shared", new.shared != old.shared), ("ignore", new.ignore != old.ignore),
    ].filter(\.1).map(\.0)
    if changed.isEmpty { return }
    throw KaizenError(
      "E_DESCRIPTOR",
      "\(file): \(changed.joined(separator: ", ")) cannot change while it is attached",
      hint: "remove the agent and add it again: kaizen agent remove \(old.id)")
  }
}
