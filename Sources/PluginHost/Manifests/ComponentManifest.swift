public import Model

/// What a manifest says of one component: all that is known of it before its code runs.
public struct ComponentManifest: Hashable, Sendable {
  /// The code behind a component.
  public enum Entry: Hashable, Sendable {
    /// A shared library with the plugin contract's entry symbol; relative to the manifest.
    case library(String)
    /// Any program.
    case command(Command)
    /// A function of any shared library.
    case function(Function)
  }

  /// A program, how its answer is read and which exits are success.
  public struct Command: Hashable, Sendable {
    /// The program and its arguments; a program with a slash is relative to the manifest.
    public var words: [String]
    /// How its standard output is read.
    public var output: CommandOutput
    /// The exit statuses that are success.
    public var okExits: [Int32]
    /// Makes a command.
    public init(words: [String], output: CommandOutput = .jsonl, okExits: [Int32] = [0]) {
      self.words = words
      self.output = output
      self.okExits = okExits
    }
  }

  /// The id; of one id the manifest read last wins.
  public var id: ComponentID
  /// What it does.
  public var kind: ComponentKind
  /// Its version, or its manifest's.
  public var version: String
  /// What it does, for people.
  public var description: String
  /// Its code.
  public var entry: Entry
  /// The opportunities an analyzer may emit.
  public var emits: [OpportunityType]
  /// The opportunities an applier may be given.
  public var handles: [OpportunityType]
  /// The dimensions a scorer may score.
  public var dimensions: [String]
  /// Its settings, an object.
  public var config: JSONValue
  /// How long one call may take.
  public var deadline: Duration
  /// Where it runs.
  public var placement: ComponentPlacement
  /// Whether clock, randomness and reads come from the host alone.
  public var isPure: Bool
  /// What an applier may break.
  public var risk: Risk
  /// How much a scorer's dimensions count.
  public var weight: Double
  /// What it may reach beyond its input.
  public var needs: Needs
  /// Files that must have these digests, by their path relative to the manifest.
  public var pins: [String: Digest]
}

extension ComponentManifest {
  /// What manifests may say, with units.
  public enum Limit {
    /// Bytes of one manifest.
    public static let manifestBytes = 1 << 20
    /// Components of one manifest.
    public static let componentCount = 256
    /// Bytes of one component's `config` as text: it travels with every call.
    public static let configBytes = 16 << 10
    /// Words of one command.
    public static let wordCount = 64
    /// Milliseconds of one call.
    public static let deadlineMilliseconds: ClosedRange<Int64> = 1...600_000
    /// Milliseconds of one call where the manifest does not say.
    public static let defaultDeadlineMilliseconds: Int64 = 5000
    /// Dimensions of one scorer.
    public static let dimensionCount = 16
    /// Bytes of a function's name.
    public static let symbolBytes = 1024
    /// Bytes of the name of a function's library.
    public static let libraryBytes = 4000
    /// Pinned files of one manifest.
    public static let pinCount = 1024
  }

  /// The function behind it, where it is one.
  var function: Function? {
    if case .function(let function) = entry { function } else { nil }
  }

  /// The files its entry names, relative to the manifest.
  var entryFiles: [String] {
    switch entry {
    case .library(let file): return [file]
    case .function(let function):
      guard RelativePath.isBundled(function.library) else { return [] }
      return RelativePath.normal(function.library).map { [$0] } ?? []
    case .command(let command):
      guard let program = command.words.first, RelativePath.isBundled(program) else { return [] }
      return RelativePath.normal(program).map { [$0] } ?? []
    }
  }
}
