internal import CPluginRuntime
internal import JSONStream
import Model

extension Answer {
  /// An opportunity that a library emitted.
  /// - Throws: `E_PLUGIN_VALUE` where its evidence is no JSON object.
  init(_ found: kz_opportunity, of component: ComponentID) throws(KaizenError) {
    let severity: Severity? =
      switch Int(found.severity) {
      case Int(KZ_SEVERITY_LOW): .low
      case Int(KZ_SEVERITY_MEDIUM): .medium
      case Int(KZ_SEVERITY_HIGH): .high
      case Int(KZ_SEVERITY_CRITICAL): .critical
      default: nil
      }
    var evidence: JSONValue = [:]
    if found.evidence_json.length > 0 {
      let text = found.evidence_json.string
      do {
        evidence = try JSONDocument.parse(Array(text.utf8))
      } catch {
        throw Self.noObject(component, error.message)
      }
      if evidence.object == nil { throw Self.noObject(component, "found \(evidence.shape)") }
    }
    self = .opportunity(
      OpportunityAnswer(
        type: found.type.string, severity: severity, title: found.title.string,
        strength: found.strength, evidence: evidence))
  }

  private static func noObject(_ component: ComponentID, _ found: String) -> KaizenError {
    KaizenError(
      "E_PLUGIN_VALUE",
      "component \"\(component)\" answered evidence that is no JSON object: \(found)",
      hint: "its results of this call are dropped; correct the component")
  }

  /// A finding that a library emitted.
  init(_ finding: kz_finding) {
    let level: Finding.Level =
      switch Int(finding.level) {
      case Int(KZ_LEVEL_NOTE): .note
      case Int(KZ_LEVEL_ERROR): .error
      default: .warning
      }
    self = .finding(
      Finding(
        rule: finding.rule.string, level: level, file: finding.file.string,
        line: finding.line == 0 ? nil : Int(finding.line), message: finding.message.string))
  }

  /// A line that a library logged.
  init(level: UInt32, message: kz_text) {
    let level: ComponentLog.Level =
      switch Int(level) {
      case Int(KZ_LOG_DEBUG): .debug
      case Int(KZ_LOG_WARNING): .warning
      case Int(KZ_LOG_ERROR): .error
      default: .info
      }
    self = .log(ComponentLog(level: level, message: message.string))
  }
}

extension ComponentKind {
  /// The kind as kaizen_plugin.h numbers it.
  var number: UInt32 {
    switch self {
    case .analyzer: UInt32(KZ_KIND_ANALYZER)
    case .applier: UInt32(KZ_KIND_APPLIER)
    case .scorer: UInt32(KZ_KIND_SCORER)
    }
  }
}

extension ComponentManifest {
  /// The opportunity types or dimensions that the library has to name as well.
  var topics: [String] {
    switch kind {
    case .analyzer: emits.map(\.rawValue)
    case .applier: handles.map(\.rawValue)
    case .scorer: dimensions
    }
  }

  /// Holds what the library says of itself against this manifest.
  /// - Throws: `E_PLUGIN_MISMATCH`, which names every difference.
  func check(_ description: kzr_description) throws(KaizenError) {
    var differences: [String] = []
    func compare(_ key: String, _ manifest: String, _ library: String) {
      if manifest != library {
        differences.append("\(key): \(manifest) in the manifest, \(library) in the library")
      }
    }
    compare("id", "\"\(id)\"", "\"\(description.id.string)\"")
    compare("kind", kind.rawValue, String(cString: kzr_kind_name(description.kind)))
    compare("version", "\"\(version)\"", "\"\(description.version.string)\"")
    compare("pure", "\(isPure)", "\(description.flags & UInt32(KZ_FLAG_PURE) != 0)")
    let told = UnsafeBufferPointer(
      start: description.topics, count: Int(description.topic_count))
    let key =
      switch kind {
      case .analyzer: "emits"
      case .applier: "handles"
      case .scorer: "dimensions"
      }
    compare(
      key, Set(topics).sorted().joined(separator: ", "),
      Set(told.map(\.string)).sorted().joined(separator: ", "))
    if differences.isEmpty { return }
    throw KaizenError(
      "E_PLUGIN_MISMATCH",
      "component \"\(id)\" differs from its manifest in " + differences.joined(separator: "; "),
      hint: "correct the manifest or build the library anew")
  }
}
