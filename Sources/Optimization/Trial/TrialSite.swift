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

extension AgentRecord {
  /// Where its files are.
  var layout: AgentLayout {
    get throws(KaizenError) {
      AgentLayout(id: id, root: root, store: store, mode: try AttachMode(named: mode))
    }
  }
}

extension OptimizationEngine {
  /// The site of an agent.
  func site(_ agent: AgentRecord) throws(KaizenError) -> TrialSite {
    let layout = try agent.layout
    let workspace = GenerationStore(layout: layout, paths: PathSet(agent.descriptor))
    return TrialSite(
      agent: agent, workspace: workspace,
      commands: AgentCommands(
        confiner: parts.confiner, agent: agent, layout: layout,
        livePath: { workspace.livePath },
        outputBytesMax: limits.testOutputBytesMax))
  }
}
