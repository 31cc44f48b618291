public import Model

/// The daemon at a glance.
public struct StatusAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a status"
  /// Its version.
  public var version: String
  /// Its process.
  public var pid: Int
  /// Its user.
  public var uid: Int
  /// The root of its files.
  public var home: String
  /// Where it listens.
  public var socket: String
  /// When it started.
  public var startedAt: Instant
  /// How long it has been up.
  public var uptimeSeconds: Double
  /// Whether recovery has ended.
  public var isReady: Bool
  /// Attached agents.
  public var agents: Int
  /// Observed agents.
  public var observed: Int
  /// Components that are ready.
  public var components: Int
  /// Components that are disabled, by their own fault or by a person.
  public var disabled: Int
  /// What the calls of each came to.
  public var use: [ComponentUse]
  /// Feedback records stored.
  public var records: Int
  /// Runs under way.
  public var runs: Int
  /// Requests that wait for a person.
  public var approvals: Int
  /// The sandbox level of this host: A, B or C.
  public var level: String
  /// What limits memory and processes there.
  public var limits: String?
  /// Its resident memory, in MiB.
  public var rssMegabytes: Double?
  /// What a person should mend; one line each.
  public var problems: [String]
  /// What may not change for now: all agents, or one each.
  public var freezes: [FreezeInfo]

  /// Makes the value from its parts.
  public init(
    version: String, pid: Int, uid: Int, home: String, socket: String, startedAt: Instant,
    uptimeSeconds: Double, isReady: Bool, agents: Int, observed: Int, components: Int,
    disabled: Int, records: Int, runs: Int, approvals: Int, level: String, limits: String? = nil,
    rssMegabytes: Double? = nil, problems: [String] = [], use: [ComponentUse] = [],
    freezes: [FreezeInfo] = []
  ) {
    self.version = version
    self.pid = pid
    self.uid = uid
    self.home = home
    self.socket = socket
    self.startedAt = startedAt
    self.uptimeSeconds = uptimeSeconds
    self.isReady = isReady
    self.agents = agents
    self.observed = observed
    self.components = components
    self.disabled = disabled
    self.records = records
    self.runs = runs
    self.approvals = approvals
    self.level = level
    self.limits = limits
    self.rssMegabytes = rssMegabytes
    self.problems = problems
    self.freezes = freezes
    self.use = use
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    version = reader.text("version")
    pid = reader.count("pid")
    uid = reader.count("uid")
    home = reader.text("home")
    socket = reader.text("socket")
    startedAt = reader.moment("started_at")
    uptimeSeconds = reader.real("uptime_s")
    isReady = reader.flag("ready")
    agents = reader.count("agents")
    observed = reader.count("observed")
    components = reader.count("components")
    disabled = reader.count("disabled")
    records = reader.count("records")
    runs = reader.count("runs")
    approvals = reader.count("approvals")
    level = reader.text("level")
    limits = reader.string("limits")
    rssMegabytes = reader.optionalReal("rss_mb")
    problems = reader.texts("problems")
    freezes = reader.items("freezes", FreezeInfo.self)
    use = reader.items("component_use", ComponentUse.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "version": JSONValue(version),
      "pid": JSONValue(pid),
      "uid": JSONValue(uid),
      "home": JSONValue(home),
      "socket": JSONValue(socket),
      "started_at": JSONValue(startedAt),
      "uptime_s": JSONValue(uptimeSeconds),
      "ready": JSONValue(isReady),
      "agents": JSONValue(agents),
      "observed": JSONValue(observed),
      "components": JSONValue(components),
      "disabled": JSONValue(disabled),
      "records": JSONValue(records),
      "runs": JSONValue(runs),
      "approvals": JSONValue(approvals),
      "level": JSONValue(level),
      "limits": JSONValue(limits),
      "rss_mb": JSONValue(rssMegabytes),
      "problems": JSONValue(problems),
      "freezes": JSONValue(freezes),
      "component_use": JSONValue(use),
    ]
  }
}
