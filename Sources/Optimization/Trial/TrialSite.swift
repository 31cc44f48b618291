import Linux
import Model
import PluginHost
import Workspace

/// The place of one agent's trials: its record, its files and its commands.
struct TrialSite: Sendable {
  let agent: AgentRecord
  let workspace: GenerationStore
  var commands: AgentCommands

  var layout: AgentLayout { workspace.layout }

  /// The agent's files that lie beneath `root`, shown to components at the agent's own path.
  func files(at root: String, _ manifest: GenerationManifest) -> AgentFiles {
    AgentFiles(
      root: root, pathInside: layout.root,
      names: manifest.entries.filter { $0.kind == .file }.map(\.path.text))
  }
}

extension OptimizationEngine {
  /// The site of an agent.
  func site(_ agent: AgentRecord) throws(KaizenError) -> TrialSite {
    let layout = AgentLayout(id: agent.id, root: agent.root, store: agent.store)
    let workspace = GenerationStore(layout: layout, paths: PathSet(agent.descriptor))
    return TrialSite(
      agent: agent, workspace: workspace,
      commands: AgentCommands(
        confiner: parts.confiner, agent: agent, layout: layout,
        outputBytesMax: limits.testOutputBytesMax))
  }
}
