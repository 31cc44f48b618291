/// What a confined command sees, and how much it may use.
public struct Confinement: Hashable, Sendable {
  /// What may be done with a tree.
  public enum Access: String, Hashable, Sendable {
    /// Read.
    case readOnly = "read-only"
    /// Read and written for good.
    case writable
    /// Read and written, but what is written is gone afterwards.
    case throwaway
    /// An empty directory of its own, gone afterwards.
    case empty
  }

  /// Files of the host, shown at a place of the sandbox.
  ///
  /// Under a root daemon the files of the tree's owner belong to the command; on disk they stay
  /// the owner's.
  public struct Tree: Hashable, Sendable {
    /// Where the files are; empty for `.empty`.
    public var source: String
    /// Where the command sees them.
    public var at: String
    /// What it may do there.
    public var access: Access

    /// Shows `source`, at its own path where `at` is nil.
    public init(_ source: String, at: String? = nil, access: Access) {
      self.source = source
      self.at = at ?? source
      self.access = access
    }

    /// An empty directory at `at`.
    public static func empty(at: String) -> Tree { Tree("", at: at, access: .empty) }
  }

  /// The most a command may use.
  public struct Limits: Hashable, Sendable {
    /// Memory of all its processes; of each one where only rlimits are to be had.
    public var memoryBytes: Int
    /// Processes and threads at a time.
    public var processes: Int
    /// The largest file.
    public var fileBytes: Int
    /// Open files of one process.
    public var openFiles: Int
    /// Processor time of one process.
    public var processorTime: Duration
    /// All that is written to /tmp, $HOME, throw-away and empty trees together.
    public var scratchBytes: Int

    /// Limits; the defaults suit a test suite.
    public init(
      memoryBytes: Int = 1 << 30, processes: Int = 256, fileBytes: Int = 256 << 20,
      openFiles: Int = 1024, processorTime: Duration = .seconds(600),
      scratchBytes: Int = 256 << 20
    ) {
      self.memoryBytes = memoryBytes
      self.processes = processes
      self.fileBytes = fileBytes
      self.openFiles = openFiles
      self.processorTime = processorTime
      self.scratchBytes = scratchBytes
    }
  }

  /// Folders of the search path that every sandbox has.
  public static let systemPath = [
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
  ]
  /// What is readable in every sandbox, besides the Swift runtime.
  public static let systemRoots = [
    "/usr", "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
  ]
  /// Where $HOME is at level A; fresh and empty.
  public static let home = "/run/home"

  /// The trees shown.
  public var trees: [Tree]
  /// Further paths, readable where they are by what their modes say.
  public var readPaths: [String]
  /// Folders searched for programs before the system's; made readable too.
  public var pathDirectories: [String]
  /// Variables beside PATH, HOME, TMPDIR, LANG, USER and LOGNAME, or in their place.
  public var environment: [String: String]
  /// Where the command starts, as the command sees it.
  public var workingDirectory: String
  /// The most it may use.
  public var limits: Limits

  /// Makes a confinement; by default there is the system and nothing else.
  public init(
    trees: [Tree] = [], readPaths: [String] = [], pathDirectories: [String] = [],
    environment: [String: String] = [:], workingDirectory: String = "/",
    limits: Limits = Limits()
  ) {
    self.trees = trees
    self.readPaths = readPaths
    self.pathDirectories = pathDirectories
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.limits = limits
  }

  /// The folders searched for a program.
  public var searchPath: [String] { pathDirectories + Self.systemPath }
}
