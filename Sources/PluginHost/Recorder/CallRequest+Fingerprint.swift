internal import Glibc
internal import Linux
import Model

extension CallRequest {
  /// SHA-256, in hexadecimal, of all that this call gives a component but the time and the random
  /// numbers, which the host answers anew each time.
  ///
  /// Files count by name, size and time of change: their bytes would cost more to hash than most
  /// calls take, and a clone keeps those three. Taken of an applier's call it must be before the
  /// call, which changes them. The component's own config is no part of it: that belongs to the
  /// component's version, see `ComponentManifest.configFingerprint`.
  /// - Complexity: O(n) for n bytes of descriptor, facts and evidence and one lstat(2) a file; the
  ///   window is hashed once for all calls of its analysis.
  var fingerprint: String {
    var writer = FingerprintWriter()
    writer.add(kind.rawValue)
    context.add(to: &writer)
    writer.add(files) { writer, files in files.add(to: &writer) }
    switch work {
    case .analyze(let input):
      writer.add(input.trend) { writer, trend in
        writer.add(trend.slopePerDay)
        writer.add(trend.pValue)
        writer.add(trend.dayCount)
      }
      writer.add(input.window) { writer, window in writer.add(window.digest) }
      writer.add(input.facts)
    case .apply(let input):
      input.item.add(to: &writer)
      writer.add(input.history)
    case .score(let input):
      writer.add(input.changed)
    }
    return writer.finish()
  }
}

extension ComponentManifest {
  /// SHA-256 of the component's config, in hexadecimal.
  var configFingerprint: String {
    var writer = FingerprintWriter()
    writer.add(config)
    return writer.finish()
  }
}

extension CallContext {
  fileprivate func add(to writer: inout FingerprintWriter) {
    writer.add(agent.text)
    writer.add(descriptor)
    writer.add(serviceLevel) { writer, level in writer.add(level.nanoseconds) }
    writer.add(generation) { writer, generation in writer.add(generation.value) }
    metrics.add(to: &writer)
    writer.add(previous) { writer, metrics in metrics.add(to: &writer) }
  }
}

extension AgentMetrics {
  fileprivate func add(to writer: inout FingerprintWriter) {
    for count in [recordCount, operationCount, successCount, failureCount, errorCount] {
      writer.add(count)
    }
    for value in [
      meanMilliseconds, medianMilliseconds, p95Milliseconds, quality, memoryMegabytes, cpuPercent,
    ] {
      writer.add(value) { writer, value in writer.add(value) }
    }
    writer.add(errors.count)
    for error in errors {
      writer.add(error.type)
      writer.add(error.count)
    }
  }
}

extension Plan.Item {
  fileprivate func add(to writer: inout FingerprintWriter) {
    writer.add(opportunityID)
    writer.add(applier.text)
    writer.add(opportunity.type.rawValue)
    writer.add(opportunity.severity.rawValue)
    writer.add(opportunity.agent.text)
    writer.add(opportunity.component.text)
    writer.add(opportunity.title)
    writer.add(opportunity.strength)
    writer.add(opportunity.evidence)
  }
}

extension AgentFiles {
  /// Where they lie on disk is no part: a component never sees it.
  fileprivate func add(to writer: inout FingerprintWriter) {
    writer.add(pathInside)
    writer.add(names.count)
    for name in names.sorted() {
      writer.add(name)
      var status = stat()
      if lstat("\(root)/\(name)", &status) != 0 {
        writer.add(-errno)
        continue
      }
      writer.add(status.st_mode)
      writer.add(status.st_size)
      writer.add(status.st_mtim.tv_sec)
      writer.add(status.st_mtim.tv_nsec)
    }
  }
}
