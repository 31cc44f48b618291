internal import Control
internal import Linux
internal import Model
internal import PluginHost
internal import Quality

/// Scores any folder or file without a daemon: the scorers that came with this program, each in a
/// confined worker of its own as the daemon would run it.
enum LocalQuality {
  /// Whether the operand can only mean a path: no agent's id is written so.
  static func isPath(_ operand: String) -> Bool {
    operand == ".." || !Identifier.isValid(operand)
  }

  /// Scores what is at `path`.
  static func assess(_ path: String) throws(KaizenError) -> QualityAnswer {
    let listing: SourceListing
    do throws(SystemError) {
      listing = try SourceListing(at: try Files.resolve(path))
    } catch {
      throw KaizenError(
        "E_PATH", "\(path.prefix(200)) cannot be scored: \(SystemError.text(error.code))",
        hint: "name a folder or file that can be read")
    }
    let files = listing.files
    let folder = try ScratchFolder("kaizen-quality")
    let programs = try LocalHost.programs()
    let host = try LocalHost.host(
      ComponentSources(rootManifest: programs + "/manifest.json"), of: .scorer, in: folder)
    let scorers = host.ready(.scorer)
    if scorers.isEmpty {
      throw KaizenError(
        "E_PLUGIN_MISSING", "no scorer is ready beside this program in \(programs)",
        hint: "build anew: manifest.json and the scorers' libraries belong there")
    }
    // No agent: the context needs an id all the same, and scorers of files never ask for it.
    guard let agent = AgentID("path") else { fatalError("\"path\" is an id") }
    let assessment = Guardian(
      scorers: scorers.map {
        HostedScorer(manifest: $0, host: host, files: files, context: CallContext(agent: agent))
      }
    ).assess(SourceTree(path: files.root))
    var answer = QualityAnswer(path: path, assessment)
    if listing.isCut {
      let message = "only the first \(files.names.count) files were looked at"
      answer.notes.append(ComponentNote(component: path, message: message))
    }
    return answer
  }
}

/// A scorer component, as the Guardian asks for it.
private struct HostedScorer: QualityScorer {
  let manifest: ComponentManifest
  let host: ComponentHost
  let files: AgentFiles
  let context: CallContext

  var id: ComponentID { manifest.id }
  var weight: Double { manifest.weight }
  var dimensions: [String] { manifest.dimensions }

  func score(_ tree: SourceTree) throws(KaizenError) -> ScoreReport {
    let output = try host.score(id, ScoreInput(context: context, files: files))
    return ScoreReport(scores: output.dimensions, findings: output.findings)
  }
}

extension QualityAnswer {
  fileprivate init(path: String, _ assessment: Assessment) {
    let dimensions = assessment.dimensions.sorted { $0.key < $1.key }
    self.init(
      path: path, overall: assessment.overall,
      scores: dimensions.compactMap { name, outcome in
        outcome.score.map { ScoreInfo(DimensionScore(dimension: name, value: $0)) }
      },
      findings: assessment.findings.map(FindingInfo.init),
      notes: dimensions.compactMap { name, outcome in
        outcome.reason.map { ComponentNote(component: name, message: $0) }
      }
        + assessment.absent.sorted { $0.key < $1.key }.flatMap { name, reasons in
          reasons.map { ComponentNote(component: name, message: $0) }
        })
  }
}
