// Exported, so that a plugin's file needs one import: the entry's signature is made of C types.
@_exported public import CKaizenPlugin

/// The components of one plugin library, and the way they reach the host.
///
/// A whole plugin is one file (and its entry in a manifest.json):
///
/// ```swift
/// public import KaizenPluginSDK
///
/// struct SlowAnalyzer: Analyzer {
///   static let id = "slow"
///   static let version = "1.0.0"
///   static let emits = ["performance_degradation"]
///   static let isPure = true
///
///   init(config: String, host: Host) throws {}
///
///   func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
///     guard let sla = agent.slaMilliseconds, let mean = agent.now.meanMilliseconds, mean > sla
///     else { return }
///     sink.opportunity(
///       "performance_degradation", title: "mean response time above its SLA", strength: 0.9,
///       evidence: ["mean_ms": .number(mean), "sla_ms": .number(sla)])
///   }
/// }
///
/// private let plugin = Plugin(.analyzer(SlowAnalyzer.self))
///
/// /// The entry of the contract.
/// @c @implementation
/// public func kz_plugin_entry_v1(
///   _ host: UnsafePointer<kz_host>!, _ index: UInt32
/// ) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }
/// ```
///
/// The entry must be `public`, or the optimizer drops it.
public final class Plugin: @unchecked Sendable {
  // Unchecked: the descriptors are written here once, never changed and never freed (rule R3).
  private let descriptors: [UnsafePointer<kz_descriptor>]

  /// A plugin of these components.
  public init(_ components: Registration...) {
    descriptors = components.map { $0.makeDescriptor() }
  }

  /// The descriptor of component `index`, nil past the last.
  public func descriptor(_ index: UInt32) -> UnsafePointer<kz_descriptor>? {
    descriptors.indices.contains(Int(index)) ? descriptors[Int(index)] : nil
  }
}

/// One component as it is registered: its type, its kind and what the manifest says of it too.
public struct Registration {
  let kind: Int
  let id: String
  let version: String
  let topics: [String]
  let isPure: Bool
  let make: @Sendable (String, Host) throws -> Work

  /// Registers an analyzer.
  public static func analyzer<A: Analyzer>(_ type: A.Type) -> Registration {
    Registration(
      kind: KZ_KIND_ANALYZER, id: A.id, version: A.version, topics: A.emits, isPure: A.isPure,
      make: { config, host in .analyzer(try A(config: config, host: host)) })
  }

  /// Registers an applier.
  public static func applier<A: Applier>(_ type: A.Type) -> Registration {
    Registration(
      kind: KZ_KIND_APPLIER, id: A.id, version: A.version, topics: A.handles, isPure: A.isPure,
      make: { config, host in .applier(try A(config: config, host: host)) })
  }

  /// Registers a scorer.
  public static func scorer<S: Scorer>(_ type: S.Type) -> Registration {
    Registration(
      kind: KZ_KIND_SCORER, id: S.id, version: S.version, topics: S.dimensions, isPure: S.isPure,
      make: { config, host in .scorer(try S(config: config, host: host)) })
  }

  /// A descriptor that lives as long as the process, as rule R3 asks.
  func makeDescriptor() -> UnsafePointer<kz_descriptor> {
    let texts = UnsafeMutablePointer<kz_text>.allocate(capacity: max(topics.count, 1))
    for (index, topic) in topics.enumerated() {
      (texts + index).initialize(to: immortalText(topic))
    }
    let descriptor = UnsafeMutablePointer<kz_descriptor>.allocate(capacity: 1)
    descriptor.initialize(
      to: kz_descriptor(
        size: structSize(kz_descriptor.self), kind: UInt32(kind),
        flags: isPure ? UInt32(KZ_FLAG_PURE) : 0, topic_count: UInt32(topics.count), topics: texts,
        id: immortalText(id), version: immortalText(version),
        data: UnsafeRawPointer(Unmanaged.passRetained(Maker(make)).toOpaque()),
        create: createInstance, activate: activateInstance, deactivate: deactivateInstance,
        destroy: destroyInstance, interface: interfaceTable))
    return UnsafePointer(descriptor)
  }
}
