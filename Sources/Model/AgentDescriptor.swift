/// What `agent.json` says of an agent.
public struct AgentDescriptor: Hashable, Sendable {
  /// A command of the agent's own, and what it may have while it runs.
  public struct Command: Hashable, Sendable {
    /// The program and its arguments.
    public var words: [String]
    /// When it is killed.
    public var timeout: Duration
    /// What it may reach.
    public var needs: Needs
    /// Makes a command.
    public init(words: [String], timeout: Duration, needs: Needs = Needs()) {
      self.words = words
      self.timeout = timeout
      self.needs = needs
    }
  }

  /// A number in a JSON file that Kaizen may try other values of.
  public struct Tunable: Hashable, Sendable {
    /// The JSON file, relative to the root.
    public var file: String
    /// Where in it (RFC 6901).
    public var pointer: String
    /// The least value to try.
    public var minimum: Double
    /// The greatest value to try.
    public var maximum: Double
    /// The distance between values.
    public var step: Double
  }

  /// A program the agent relies on, the version it declares and how to ask for the one installed.
  public struct Tool: Hashable, Sendable {
    /// The program.
    public var name: String
    /// The version the agent declares.
    public var version: String?
    /// The command that prints the installed version.
    public var check: [String]
  }

  /// The id.
  public var id: AgentID
  /// What the agent does, for people.
  public var description: String
  /// Globs beneath the root; `["**"]` is everything.
  public var paths: [String]
  /// The response time promised.
  public var serviceLevel: Duration?
  /// Its tests; without them nothing is kept unattended.
  public var test: Command?
  /// Says whether the live agent works.
  public var health: Command?
  /// Makes a running agent take up its new files.
  public var reload: Command?
  /// Paths outside generations: never cloned, never rolled back.
  public var state: [String]
  /// Paths bound read-only, never cloned.
  public var shared: [String]
  /// Globs that are no part of generations.
  public var ignore: [String]
  /// Globs no applier may touch; `agent.json` always is one.
  public var protected: [String]
  /// Programs it relies on.
  public var tools: [Tool]
  /// Numbers Kaizen may try other values of.
  public var tunables: [Tunable]
  /// How far the continuous loop goes alone; nil where the settings decide.
  public var autopilot: Autopilot? = nil
}

/// What a command or a component may reach beyond its own files.
public struct Needs: Hashable, Sendable {
  /// Absolute paths to read.
  public var read: [String]
  /// Globs within the clone to write; appliers only.
  public var write: [String]
  /// Hosts to reach; none is supported yet but the empty list.
  public var network: [String]
  /// Directories added to the sandbox's PATH, made readable.
  public var path: [String]
  /// Names of environment variables passed through.
  public var environment: [String]
  /// The most memory, in MiB.
  public var memoryMegabytes: Int?
  /// The most processes and threads.
  public var processes: Int?

  /// Makes needs; nothing by default.
  public init(
    read: [String] = [], write: [String] = [], network: [String] = [], path: [String] = [],
    environment: [String] = [], memoryMegabytes: Int? = nil, processes: Int? = nil
  ) {
    self.read = read
    self.write = write
    self.network = network
    self.path = path
    self.environment = environment
    self.memoryMegabytes = memoryMegabytes
    self.processes = processes
  }
}
