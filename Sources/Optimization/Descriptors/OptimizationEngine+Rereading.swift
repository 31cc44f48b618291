import Approval
import Hashing
import JSONStream
import Linux
import Model
import Sandbox
import Synchronization
import Telemetry
import Workspace

// What agent.json says holds as a person had it read, and not as it lies in the folder: the agent
// itself can write there, and the file names commands that are run and files that they may read.

extension OptimizationEngine {
  /// Whether `path` is the folder that the agent is attached at; in mode managed a link leads there.
  func isFolder(_ path: String, of agent: AgentRecord) -> Bool {
    // What cannot be resolved is compared as it is written, here and below: try? says so.
    func resolve(_ path: String) -> String { (try? Files.resolve(path)) ?? path }
    return resolve(path) == agent.root || resolve(path) == resolve(agent.root)
  }

  /// Takes over what a person changed in `agent.json` since it was read, and proves the base anew.
  /// - Throws: `E_DESCRIPTOR` where it says of other files than before that they are the agent's.
  func reread(
    _ known: AgentRecord, as found: FoundDescriptor, mode: AttachMode?, user: UInt32
  ) throws(KaizenError) -> AgentAddition {
    if let mode, mode.rawValue != known.mode {
      throw KaizenError(
        "E_AGENT_EXISTS", "agent \"\(known.id)\" is attached already, in mode \(known.mode)",
        hint: "to change that, remove it first: kaizen agent remove \(known.id)")
    }
    try Self.requireSamePlaces(
      found.descriptor, as: known.descriptor, found.kept ?? known.root + "/agent.json")
    if let run = runs.active(known.id) {
      throw KaizenError(
        "E_AGENT_BUSY", "\(known.id) is being optimized by run \(run.id)",
        hint: "wait for it to end, or: kaizen cancel \(run.id)")
    }
    let stop = try claim(known.root)
    defer { release(known.root) }
    let (site, lock) = try locked(known, "agent add")
    defer { withExtendedLifetime(lock) {} }
    try endInterrupted(site)
    var record = site.agent
    (record.descriptor, record.descriptorJSON, record.baseTests) = (
      found.descriptor, found.json, nil
    )
    let base = try site.workspace.base()
    // What was proved of these files, was by the commands of before.
    provenBases.withLock { proven in proven = proven.filter { !$0.key.hasPrefix("\(known.id) ") } }
    let warnings =
      found.problems.map(\.description)
      + (try prove(&record, base: base, workspace: site.workspace, stop))
    if let reason = stop.reason { throw reason }
    try keep(found)
    try parts.store.update(record)
    descriptorProblems.withLock { $0[known.id] = nil }
    audit(
      "agent.updated", by: .user(user), agent: record.id, subject: record.root,
      ["descriptor": .string(SHA256.hex(of: found.json.text().utf8))])
    parts.events.publish(
      "agent.updated", agent: record.id, "\(record.id): agent.json was read anew")
    try rate(record, at: site.workspace.livePath, manifest: base)
    let report = parts.confiner.probe()
    return AgentAddition(
      agent: record, level: report.level.rawValue, limits: report.limits, warnings: warnings,
      descriptorFile: found.kept, guess: found.made, wasKnown: true)
  }

  /// What its owner should know where `agent.json` is not any more what holds; nil where it is.
  public func descriptorNote(_ agent: AgentRecord) -> String? {
    if !Files.exists(agent.root + "/agent.json") { return nil }
    let found: JSONValue
    do throws(KaizenError) {
      found = try descriptor(at: agent.root, id: agent.id.text).json
    } catch {
      return error.code == "E_DESCRIPTOR" ? "\(error); until then what was read before holds" : nil
    }
    // Added with --id or by the folder's name: the id may not have stood in it.
    var held = agent.descriptorJSON.object ?? [:]
    held["id"] = .string(agent.id.text)
    if found == .object(held) { return nil }
    return "agent.json was edited since it was read, and what was read holds: "
      + "`kaizen agent add \(agent.root) --id \(agent.id)` reads it anew"
  }
}
