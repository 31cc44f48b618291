import Approval
import Control
import Feedback
import Glibc
import JSONStream
import Linux
import Model
import Optimization
import PluginHost
import Sandbox
import Telemetry

/// Brings a daemon up in the one order that is safe.
///
/// Lock, settings, databases, components, engine, recovery; the socket opens only after all of it.
struct DaemonStart {
  let home: HomeLayout
  let configFile: String
  /// Whether somebody asked for that file: one that is missing is then no file to do without.
  private let isConfigNamed: Bool
  private let environment: [String: String]
  private var warnings: [String] = []

  init(_ arguments: DaemonArguments, environment: [String: String]) throws(KaizenError) {
    home = try HomeLayout.find(home: arguments.home, environment: environment)
    configFile = arguments.config ?? home.configFile
    isConfigNamed = arguments.config != nil
    self.environment = environment
  }

  /// Makes the folders of the home and takes its lock, which lives as long as the daemon.
  /// - Throws: `E_ALREADY_RUNNING`, `E_HOME`.
  func claim() throws(KaizenError) -> FileDescriptor {
    do {
      for folder in [home.runtime, home.state, home.spool, home.agents, home.plugins] {
        try Files.makeDirectories(folder)
      }
      let lock = try FileDescriptor.open(home.lock, O_RDWR | O_CREAT)
      guard try lock.tryLock() else {
        let holder = String(decoding: try lock.readAll(limit: 64), as: UTF8.self)
        throw KaizenError(
          "E_ALREADY_RUNNING",
          "a daemon serves \(home.configuration) already, as process \(holder)",
          hint: "`kaizen status` asks it; stop it with: kill \(holder)")
      }
      if ftruncate(lock.raw, 0) != 0 { throw SystemError("ftruncate", home.lock) }
      try lock.writeAll("\(OwnProcess.id)".utf8)
      return lock
    } catch let error as KaizenError {
      throw error
    } catch {
      throw KaizenError(
        "E_HOME", "the home \(home.configuration) cannot be used: \(error)",
        hint: "it must be writable and have room; --home DIR or KAIZEN_HOME names another")
    }
  }

  /// Reads what people write, opens what is stored, and builds all parts.
  mutating func build() throws(KaizenError) -> DaemonParts {
    let settings = try readSettings()
    let log = Log(
      level: Log.Level(rawValue: settings.word("log.level")) ?? .info,
      format: settings.word("log.format") == "json" ? .json : .text, source: "kaizend")
    let programs: String
    do {
      programs = try OwnProcess.programFolder()
    } catch {
      throw KaizenError("E_HOME", "the daemon's own program cannot be found: \(error)")
    }
    let registry = MetricsRegistry()
    let meters = Meters(registry)
    let events = EventBus()
    let policy = try readPolicy()
    var opening = StorageOpening(home: home, backups: Self.backups(home, settings))
    let store = try opening.engine()
    let admiral = Admiral(
      database: store.database, policy: policy, refusedUsers: [Self.sandboxUser],
      now: { Instant(nanoseconds: Clock.wallNanoseconds()) })
    var options = FeedbackLoop.Options()
    options.insights = Self.insightRules(settings)
    options.unfinishedAfter = .seconds(settings.integer("feedback.operation_timeout_s"))
    let feedback = try opening.feedback(options)
    let confiner = Confiner(
      program: programs + "/kaizen-confine",
      minimumLevel: SandboxLevel(rawValue: settings.word("sandbox.min_level")) ?? .full)
    let components = try hostComponents(settings, programs, confiner, meters, events)
    var engineParts = OptimizationEngine.Parts(
      store: store, admiral: admiral, feedback: feedback, components: components,
      confiner: confiner, events: events, log: log)
    engineParts.onAnalysis = { meters.countAnalysis($0) }
    let engine = try OptimizationEngine(
      parts: engineParts, limits: Self.limits(settings), storeRoot: home.agents)
    for (id, user) in try engine.disabledComponents() { components.disable(id, by: user) }
    let parts = DaemonParts(
      home: home, settings: settings,
      roles: Roles(
        owner: OwnProcess.user, feedback: Set(settings.userIDs("roles.feedback")),
        operate: Set(settings.userIDs("roles.operate"))),
      startedAt: Instant(nanoseconds: Clock.wallNanoseconds()), storage: opening.state,
      damage: DamageWatch(home: home, opening: opening, log: log),
      storekeeper: Storekeeper(
        feedback: feedback, store: store, backups: opening.backups, storage: opening.state,
        settings: settings, log: log),
      warnings: warnings, feedback: feedback, components: components, confiner: confiner,
      admiral: admiral, engine: engine,
      loop: ContinuousLoop(
        engine: engine, interval: .seconds(settings.integer("analysis.interval_s"))),
      metrics: registry, meters: meters, events: events, log: log)
    connectInsights(parts)
    for warning in warnings { log.warning(warning) }
    for broken in opening.state.degradations { log.error(broken.text) }
    for note in feedback.notes + (components.recorder?.notes ?? []) { log.warning(note) }
    if let note = components.memoryNote { log.warning(note) }
    for status in components.components() where status.fault != nil {
      log.warning("a component is disabled", ["reason": .string(status.fault ?? "")])
    }
    return parts
  }

  private static func insightRules(_ settings: Settings) -> InsightRules {
    var rules = InsightRules()
    rules.frequencyMin = settings.integer("patterns.frequency")
    rules.confidenceMin = Double(settings.integer("patterns.confidence_percent")) / 100
    rules.windowDays = settings.integer("patterns.days")
    rules.learningDays = settings.integer("learnings.expire_days")
    return rules
  }

  /// Joins the feedback loop to those who know what an agent promises and who act on patterns.
  private func connectInsights(_ parts: DaemonParts) {
    let (engine, loop, events, log) = (parts.engine, parts.loop, parts.events, parts.log)
    parts.feedback.setServiceLevels { agent in
      do {
        return try engine.findAgent(agent)?.descriptor.serviceLevel
      } catch {
        log.warning("an agent cannot be read", ["error": .string("\(error)")])
        return nil
      }
    }
    parts.feedback.onPattern { pattern in
      events.publish(
        "pattern.found", agent: pattern.agent,
        "\(pattern.agent): \(pattern.title), \(pattern.frequency) of \(pattern.chances)",
        fields: ["pattern": .string(pattern.id), "type": .string(pattern.kind.rawValue)])
      loop.notice(pattern.agent)
    }
  }

  /// The user that sandboxes of a root daemon run as; it never decides.
  private static let sandboxUser: UInt32 = 61_184

  private static func backups(_ home: HomeLayout, _ settings: Settings) -> BackupStore {
    BackupStore(
      folder: home.backups, countMax: settings.integer("backup.keep"),
      bytesMax: settings.integer("backup.disk_mb") << 20)
  }

  private func hostComponents(
    _ settings: Settings, _ programs: String, _ confiner: Confiner, _ meters: Meters,
    _ events: EventBus
  ) throws(KaizenError) -> ComponentHost {
    var configuration = ComponentHostConfiguration(
      sources: ComponentSources(
        rootManifest: programs + "/manifest.json", homeManifest: home.manifestFile,
        bundleDirectory: home.plugins),
      bundleCopies: home.bundles, workerProgram: programs + "/kaizen-worker", confiner: confiner,
      observer: { meters.count($0) })
    configuration.grace = .milliseconds(settings.integer("plugins.grace_ms"))
    configuration.breakerFailureCount = settings.integer("plugins.breaker_failures")
    configuration.breakerOpenFor = .seconds(settings.integer("plugins.breaker_open_s"))
    configuration.recorder = FlightRecorder(
      folder: home.calls,
      keeping: FlightRecorder.Keeping(rawValue: settings.word("plugins.keep_inputs")) ?? .failed)
    configuration.onBreaker = { change in
      events.publish(
        change.reason == nil ? "plugin.mended" : "plugin.broken",
        "\(change.component)" + (change.reason.map { ": \($0)" } ?? " answers again"),
        fields: ["component": .string(change.component.text)])
    }
    configuration.memoryFile = home.componentMemory
    configuration.onGuilt = { found in
      let guilt = found.guilt
      var fields: [String: JSONValue] = [
        "component": .string(found.component.text), "culprit": .string(guilt.culprit.rawValue),
        "input": .string(guilt.input), "version": .string(guilt.versions.first?.name ?? ""),
      ]
      if let instead = guilt.instead { fields["instead"] = .string(instead.name) }
      events.publish(
        "plugin.guilty", "\(found.component): \(guilt.text(found.component.text))",
        fields: fields)
    }
    return try ComponentHost(configuration)
  }

  private static func limits(_ settings: Settings) -> OptimizationEngine.Limits {
    var limits = OptimizationEngine.Limits()
    limits.autopilot = Autopilot(rawValue: settings.word("autopilot.mode")) ?? .propose
    limits.coolDown = .seconds(settings.integer("autopilot.cooldown_h") * 3600)
    limits.days = settings.integer("analysis.days")
    limits.minDataPoints = settings.integer("analysis.min_data_points")
    limits.windowRowCountMax = settings.integer("analysis.window_rows")
    limits.generationCountMax = settings.integer("generations.keep")
    limits.generationBytesMax = settings.integer("generations.disk_mb") << 20
    limits.changedFileCountMax = settings.integer("trial.files_max")
    limits.toolCatalogue = settings.versions("tools.catalogue")
    limits.testOutputBytesMax = settings.integer("trial.output_kb") << 10
    return limits
  }

  /// Goes by nobody's orders where everybody can give them.
  private func requireTrust(socketGroup: Int = -1) throws(KaizenError) {
    let problems = home.trustProblems(
      configFile: configFile, configFolder: Files.parent(of: configFile),
      socketGroup: socketGroup, rights: { Files.rights(of: $0) })
    if problems.isEmpty { return }
    throw KaizenError("E_UNSAFE", problems.map(\.description).joined(separator: "\n"))
  }

  private mutating func readSettings() throws(KaizenError) -> Settings {
    try requireTrust()
    var document: JSONValue?
    if isConfigNamed, !Files.exists(configFile) {
      throw KaizenError(
        "E_CONFIG", "there is no file \"\(configFile)\", which --config names",
        hint: "correct the path, or leave --config out for \(home.configFile)")
    }
    if let bytes = try readFile(configFile, "E_CONFIG") {
      document = try Self.parse(bytes, configFile)
    }
    let (settings, problems) = Settings.resolve(
      document: document, file: configFile, environment: environment)
    try take(problems, "E_CONFIG")
    try requireTrust(socketGroup: settings.integer("socket.gid"))
    return settings
  }

  /// The policy; without a file the shipped one.
  private mutating func readPolicy() throws(KaizenError) -> Policy {
    guard let bytes = try readFile(home.policyFile, "E_POLICY") else { return .shipped }
    let (policy, problems) = Policy.read(bytes, file: home.policyFile)
    try take(problems, "E_POLICY")
    return policy ?? .shipped
  }

  /// Errors stop the start, all of them at once: to go on with other rules than were written is
  /// worse than not to go on.
  private mutating func take(_ problems: [Problem], _ code: KaizenError.Code) throws(KaizenError) {
    let errors = problems.filter { !$0.isWarning }
    if !errors.isEmpty {
      let all = errors + problems.filter(\.isWarning)
      throw KaizenError(code, all.map(\.description).joined(separator: "\n"))
    }
    warnings += problems.map(\.description)
  }

  private func readFile(
    _ path: String, _ code: KaizenError.Code
  ) throws(KaizenError) -> [UInt8]? {
    if !Files.exists(path) { return nil }
    do {
      return try Files.read(path, limit: Self.settingsBytesMax)
    } catch {
      throw KaizenError(
        code, "\(path) cannot be read: \(SystemError.text(error.code))",
        hint: "it must be a regular file of at most 1 MiB that uid \(OwnProcess.user) can read")
    }
  }

  /// Bytes of the longest file of settings or rules.
  private static let settingsBytesMax = 1 << 20

  private static func parse(_ bytes: [UInt8], _ file: String) throws(KaizenError) -> JSONValue {
    do {
      return try JSONDocument.parse(bytes)
    } catch {
      throw KaizenError(
        "E_CONFIG", "\(file): \(error.message)", hint: error.hint ?? "correct the file")
    }
  }
}
