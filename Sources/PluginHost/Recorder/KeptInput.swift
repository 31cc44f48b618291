public import Model

/// The whole input of one call, as it was kept in a folder of its own.
///
///     <number>-<key>/
///       input.json   what follows; written last but one, read first
///       window       the feedback window, laid out as plugin_window.h says; where there was one
///       files/…      the agent's files that the call could read; where there were any
///
/// `input.json` is an object: `kaizen_input` 1 · `call` the number · `component` its `id`, `kind`,
/// `version`, `digest`, `pure` and `config` · `host` and `loaded` what the host answered, each a
/// `now_ns` and a `seed` (as text: it has 64 bits) · `fingerprint` · `context` the agent and its
/// numbers · for an analyzer `facts` and `trend`, for an applier `item` and `history`, for a scorer
/// `changed` · `window` its `rows` and `sha256` · `files` the agent's `path_inside`, the `entries`
/// (`path`, `mode`, `mtime_ns`, `bytes` and `sha256`, or a `link`'s target) and the `unreadable`.
/// Digests are checked when the input is restored.
public struct KeptInput: Sendable {
  /// What the call was given.
  public enum Input: Sendable {
    /// An analyzer's.
    case analysis(AnalysisInput)
    /// An applier's.
    case application(ApplyInput)
    /// A scorer's.
    case scoring(ScoreInput)
  }

  /// The version of the format that is written and read.
  static let format: Int64 = 1

  /// What inputs may have.
  public enum Limit {
    /// Bytes of one input, its files and its window together.
    public static let bytes = 32 << 20
    /// Files of one input.
    public static let fileCount = 4096
    /// Bytes of one `input.json`.
    public static let jsonBytes = 16 << 20
    /// Inputs kept.
    public static let count = 32
    /// Bytes of all inputs kept.
    public static let totalBytes = 256 << 20
  }

  /// The folder it lies in.
  public let folder: String
  /// The number of the call.
  public let number: UInt64
  /// The component that was called.
  public let component: ComponentID
  /// What it is.
  public let kind: ComponentKind
  /// Its version then.
  public let version: String
  /// The digest of the copy that ran; nil for a program of the system's.
  public let digest: Digest?
  /// Whether equal calls were to give equal answers.
  public let isPure: Bool
  /// Its config then.
  public let config: JSONValue
  /// What the host answered during the call.
  public let host: HostAnswers
  /// What the host answered while the component was loaded.
  public let loaded: HostAnswers?
  /// The call's fingerprint.
  public let fingerprint: Digest

  let context: CallContext
  let work: Work
  let window: Window?
  let files: Listing?

  /// What differs from kind to kind.
  enum Work: Sendable {
    case analyze(Trend?, facts: JSONValue)
    case apply(Plan.Item, history: JSONValue)
    case score(changed: [String])
  }

  /// What is said of the window.
  struct Window: Sendable {
    var rowCount: Int
    var digest: Digest
  }

  /// What is said of the files.
  struct Listing: Sendable {
    var pathInside: String
    var entries: [Entry]
    /// Files listed that could not be read.
    var unreadable: [String]
  }

  /// What is said of one file.
  struct Entry: Sendable {
    var path: String
    var mode: UInt32
    var modifiedNanoseconds: Int64
    /// Of a regular file.
    var digest: Digest?
    /// Of a link.
    var link: String?
  }
}
