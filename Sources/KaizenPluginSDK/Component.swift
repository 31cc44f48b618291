/// What analyzers, appliers and scorers have in common.
///
/// One instance is never called twice at once, but from different threads: a component with state
/// is a class, and needs no lock. What it throws ends the call as failed, with the error's text.
public protocol Component: SendableMetatype {
  /// As in the manifest: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`.
  static var id: String { get }
  /// As in the manifest.
  static var version: String { get }
  /// Whether rule R7 holds: time, randomness and reads come from the host alone, and nothing is
  /// kept from call to call. As the manifest's `pure`; false by default.
  static var isPure: Bool { get }

  /// Makes an instance. `config` is the manifest's `config`, a JSON object; keep `host`.
  init(config: String, host: Host) throws
  /// Gets ready for calls; does nothing by default.
  func activate() throws
  /// The reverse of `activate`; does nothing by default.
  func deactivate()
}

extension Component {
  /// False.
  public static var isPure: Bool { false }
  /// Does nothing.
  public func activate() throws {}
  /// Does nothing.
  public func deactivate() {}
}

/// Finds what could be better about an agent.
public protocol Analyzer: Component {
  /// The opportunity types it emits, as the manifest's `emits`.
  static var emits: [String] { get }
  /// Looks at one agent; nothing found is a fine answer.
  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws
}

/// Changes the files of a clone.
public protocol Applier: Component {
  /// The opportunity types it handles, as the manifest's `handles`.
  static var handles: [String] { get }
  /// Acts on one opportunity; nothing changed means that there is nothing to do.
  func apply(_ item: borrowing PlanItem, _ sink: borrowing ApplierSink) throws
}

/// Judges a tree of files.
public protocol Scorer: Component {
  /// Its dimensions, as the manifest's `dimensions`.
  static var dimensions: [String] { get }
  /// Judges the tree.
  func score(_ tree: borrowing Tree, _ sink: borrowing ScorerSink) throws
}

/// Why a call ends without success.
///
/// Any other error does as well; its description is the message.
public struct PluginFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened, for people.
  public var description: String
  let isStop: Bool

  /// A failure: name the file or value, what was found and what was expected.
  public init(_ message: String) {
    description = message
    isStop = false
  }

  private init(stop message: String) {
    description = message
    isStop = true
  }

  /// The call ends early because `host.shouldStop` said so.
  public static let stopped = PluginFailure(stop: "stopped")
}
