import Model
import PluginHost
import Quality
import Workspace

extension OptimizationEngine {
  /// What the scorers find in the live files; nil without a scorer.
  ///
  /// The Guardian's last scoring of the same bytes by the same scorers counts.
  func findings(
    _ record: AgentRecord, at root: String, manifest: GenerationManifest
  ) throws(KaizenError) -> [Finding]? {
    let key = findingsKey(record, manifest)
    guard let key else { return nil }
    if let known = foundBefore[key] { return known }
    return try rate(record, at: root, manifest: manifest).findings
  }

  /// What findings depend on: the agent, its bytes and the scorers; nil without a scorer.
  func findingsKey(_ record: AgentRecord, _ manifest: GenerationManifest) -> String? {
    let scorers = parts.components.ready(.scorer)
    if scorers.isEmpty { return nil }
    let names = scorers.map { "\($0.id)@\($0.version)\($0.config.text())" }.sorted()
    return ([record.id.text, manifest.digest.hex] + names).joined(separator: "\n")
  }
}
