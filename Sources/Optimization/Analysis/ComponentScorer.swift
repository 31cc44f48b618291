import Model
import PluginHost
import Quality
import Sandbox

/// A scorer component, as the Guardian asks for it.
struct ComponentScorer: QualityScorer {
  let manifest: ComponentManifest
  let components: ComponentHost
  /// The files of the tree that count.
  let files: AgentFiles
  let context: CallContext
  /// What ends its calls early.
  var stop: StopToken?

  var id: ComponentID { manifest.id }
  var weight: Double { manifest.weight }
  var dimensions: [String] { manifest.dimensions }

  func score(_ tree: SourceTree) throws(KaizenError) -> ScoreReport {
    let output = try components.score(
      manifest.id, ScoreInput(context: context, files: files, changed: tree.changedFiles),
      stop: stop)
    var findings = output.findings
    if dimensions.count == 1 {
      for index in findings.indices { findings[index].dimension = dimensions[0] }
    }
    return ScoreReport(scores: output.dimensions, findings: findings)
  }
}
