import Model
import Telemetry
import Workspace

extension OptimizationEngine {
  /// Removes old generations beyond what the settings keep; failing to harms nothing.
  ///
  /// Done when a new one came, and at the start, since the settings may have changed. The caller holds the agent's lock.
  func collectOldGenerations(of site: TrialSite) {
    let id = site.agent.id
    do {
      let report = try site.workspace.collect(
        RetentionPolicy(
          treeCountMax: limits.generationCountMax, byteCountMax: Int64(limits.generationBytesMax)))
      try site.workspace.emptyTrash()
      if !report.removed.isEmpty {
        let numbers = report.removed.sorted().map { "\($0)" }.joined(separator: ", ")
        parts.events.publish("generation.collected", agent: id, "\(id): files of \(numbers)")
        parts.log.info(
          "old generations are not kept any more",
          ["agent": .string(id.text), "generations": .string(numbers)])
      }
      for number in report.written {
        parts.log.warning(
          "an old generation was written to after it was stored, and is kept",
          ["agent": .string(id.text), "generation": .integer(Int64(number.value))])
      }
    } catch {
      parts.log.warning(
        "old generations stay", ["agent": .string(id.text), "error": .string("\(error)")])
    }
  }
}
