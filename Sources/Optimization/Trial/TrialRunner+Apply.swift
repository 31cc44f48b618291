public import Model
import PluginHost
import Sandbox
import Workspace

// The appliers' turn. One that fails is left out, and the others go on without it.

extension TrialRunner {
  /// Has each item's applier change the clone.
  ///
  /// What an applier that failed has left nobody can tell from the others' work: the clone is thrown
  /// away, and a new one is made for the items that remain. Each such turn has one item less.
  func apply() throws(KaizenError) -> TrialEvent {
    let stage = try requireStage()
    writable = []
    trial.evidence.notes = []
    for index in trial.plan.items.indices where !trial.evidence.leavesOut(index) {
      let item = trial.plan.items[index]
      guard let manifest = manifest(of: item) else {
        leaveOut(index, Self.missing(item.applier))
        continue
      }
      let history = try engine.history(of: item, for: site.agent.id)
      do throws(KaizenError) {
        writable += manifest.needs.write
        try apply(item, on: stage, history: history)
      } catch {
        if stop.reason != nil { throw error }
        leaveOut(index, error)
        if trial.items.isEmpty { break }
        try workspace.discard(stage)
        self.stage = nil
        say("starting again on a new clone, without it")
        return .again
      }
    }
    return trial.items.isEmpty ? .stopped(nothingLeft) : .done
  }

  /// The applier of an item, where it is there as it was when the plan was made.
  private func manifest(of item: Plan.Item) -> ComponentManifest? {
    engine.parts.components.ready(.applier).first { manifest in
      manifest.id == item.applier && manifest.risk <= trial.plan.strategy.risk
    }
  }

  private func apply(
    _ item: Plan.Item, on stage: Stage, history: JSONValue
  ) throws(KaizenError) {
    say("\(item.applier) acts on: \(item.opportunity.title)")
    let output = try engine.parts.components.apply(
      item.applier,
      ApplyInput(
        context: CallContext(
          agent: site.agent.id, descriptor: site.agent.descriptorJSON,
          serviceLevel: site.agent.descriptor.serviceLevel, generation: base.number),
        item: item, clone: site.files(at: stage.path, base), history: history),
      stop: stop)
    for note in output.remarks.notes {
      trial.evidence.notes.append(
        ["component": .string(item.applier.text), "note": .string(note)])
      say("\(item.applier): \(note)")
    }
  }

  private func leaveOut(_ index: Int, _ error: KaizenError) {
    let item = trial.plan.items[index]
    failures.append(error)
    trial.evidence.leftOut.append(
      LeftOutItem(index: index, code: error.code.rawValue, reason: error.message))
    say("left out: \(item.opportunity.title): \(error.message)")
  }

  /// The ending of a plan of which every item was left out: that of the first failure, all reasons.
  private var nothingLeft: TrialEnding {
    guard let first = failures.first else {
      return TrialEnding(.nothingToDo, code: "nothing_to_do", reason: "the plan has no item")
    }
    var ending = TrialEnding(first)
    if failures.count > 1 {
      let reasons = failures.map(\.message).joined(separator: "; ")
      ending.reason = "none of \(failures.count) items could be applied: \(reasons)"
    }
    return ending
  }

  private static func missing(_ applier: ComponentID) -> KaizenError {
    KaizenError(
      "E_PLUGIN_UNKNOWN", "\(applier) is not there as it was when the plan was made",
      hint: "`kaizen plugins show \(applier)` says why; optimize again")
  }
}

extension TrialRecord {
  /// The items that are acted on: those that were not left out.
  public var items: [Plan.Item] {
    plan.items.indices.filter { !evidence.leavesOut($0) }.map { plan.items[$0] }
  }

  /// What was left out, and why; one sentence each.
  public var leftOutLines: [String] {
    evidence.leftOut.compactMap { left in
      guard plan.items.indices.contains(left.index) else { return nil }
      let item = plan.items[left.index]
      return "left out: \(item.opportunity.title) (\(item.applier)): \(left.reason)"
    }
  }

  /// The plan with the items alone that are acted on.
  var actingPlan: Plan {
    var plan = plan
    plan.items = items
    return plan
  }
}
