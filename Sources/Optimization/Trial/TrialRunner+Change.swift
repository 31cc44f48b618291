import Hashing
import Model
import PluginHost
import Quality
import Workspace

// Everything up to the change as the trial itself computes it.

extension TrialRunner {
  func clone() throws(KaizenError) -> TrialEvent {
    guard var intent = trial.switchIntent else {
      fatalError("a trial that clones has an intent that says so")
    }
    let made = try workspace.clone(base, as: intent.new)
    stage = made
    trial.evidence.remarks.append("cloned generation \(base.number) by \(made.method.rawValue)")
    trial.evidence.remarks += made.warnings
    intent.newRoot = made.root
    trial.intent = intent.json
    return .done
  }

  /// The base's tests and scores, taken on the clone while it still equals the base.
  func proveBase() throws(KaizenError) -> TrialEvent {
    // Of a plan that goes on without an item: the base is the one that was proven.
    if baseAssessment != nil { return .done }
    let stage = try requireStage()
    let report = try engine.baseReport(site, base: base, at: stage.path)
    trial.evidence.baseTests = report
    if TestJudgement.judge(base: report, clone: report) == .baseFails {
      return .stopped(
        TrialEnding(
          .inconclusive, code: "base_tests_fail",
          reason: "the tests fail on the base as it is: \(report.summary); "
            + site.agent.adviceOnTests(report)))
    }
    baseAssessment = engine.guardian(
      site.agent, files: site.files(at: stage.path, base), stop: stop
    ).assess(.init(path: stage.path, agent: site.agent.id))
    return .done
  }

  /// Seals the clone, computes what changed, and holds it against what was allowed.
  func inspect() throws(KaizenError) -> TrialEvent {
    let stage = try requireStage()
    let manifest = try workspace.seal(stage)
    sealed = manifest
    let diff = try workspace.diff(stage, manifest)
    change = diff
    trial.evidence.changes = diff.changes.map(\.evidence)
    trial.evidence.diff = diff.text
    trial.evidence.digest = Self.digest(of: diff, for: trial.actingPlan).hex
    try ChangeRules(
      descriptor: site.agent.descriptor, allowed: writable,
      lineCountMax: trial.plan.strategy.lineCountMax,
      fileCountMax: engine.limits.changedFileCountMax
    ).check(diff)
    return .done
  }

  func requireStage() throws(KaizenError) -> Stage {
    guard let stage else { fatalError("every state after cloning has a stage") }
    return stage
  }

  /// The digest of exactly what is approved: for which agent, on whose account, which bytes.
  ///
  /// The base is not in it, so that the same change on a base that moved elsewhere is the same.
  static func digest(of diff: TreeDiff, for plan: Plan) -> Digest {
    let changes: [JSONValue] = (diff.json["changes"]?.array ?? []).map { change in
      var members = change.object ?? [:]
      members["lines_added"] = nil
      members["lines_removed"] = nil
      return .object(members)
    }
    return digest(of: ["changes": .array(changes), "plan": summary(of: plan)])
  }

  /// The digest of a plan that is to be approved before anything is tried.
  static func digest(of plan: Plan) -> Digest { digest(of: ["plan": summary(of: plan)]) }

  private static func summary(of plan: Plan) -> JSONValue {
    [
      "agent": .string(plan.agent.text),
      "items": .array(
        plan.items.map { item in
          [
            "type": .string(item.opportunity.type.rawValue),
            "title": .string(item.opportunity.title),
            "component": .string(item.opportunity.component.text),
            "applier": .string(item.applier.text),
          ]
        }),
    ]
  }

  private static func digest(of json: JSONValue) -> Digest {
    guard let digest = Digest(hex: SHA256.hex(of: Array(json.text().utf8))) else {
      fatalError("SHA256 always gives 64 hexadecimal digits")
    }
    return digest
  }
}

extension TreeDiff.Change {
  /// The change as evidence shows it: path, kind, lines.
  var evidence: JSONValue {
    [
      "path": .string(path.text), "change": .string(kind.rawValue),
      "added": .integer(Int64(addedLineCount)), "removed": .integer(Int64(removedLineCount)),
    ]
  }
}
