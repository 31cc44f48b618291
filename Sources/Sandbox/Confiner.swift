internal import Glibc
internal import Linux
public import Model
internal import Synchronization

/// Runs commands confined: every one in a sandbox of its own, made by kaizen-confine.
///
/// Fails closed: where the host gives less than the minimum level, nothing runs.
public final class Confiner: Sendable {
  /// How long a set-up may take; it takes milliseconds.
  private static let setUpTimeout = Duration.seconds(10)

  private let program: String
  private let minimumLevel: SandboxLevel
  private let swiftRuntime: String?
  private let found: Mutex<Found?>

  /// What the probe found; made once.
  private struct Found {
    var report: SandboxReport
    var cgroups: Cgroups?
    var failure: ConfineFailure?
  }

  /// Makes a confiner; `program` is the path of kaizen-confine, `swiftRuntime` the folder of
  /// libswiftCore.so, shown in every sandbox: nil is the one this process has loaded.
  public init(
    program: String, minimumLevel: SandboxLevel = .full, swiftRuntime: String? = nil
  ) {
    self.program = program
    self.minimumLevel = minimumLevel
    self.swiftRuntime = swiftRuntime ?? SwiftRuntime.folder
    found = Mutex(nil)
  }

  /// What this host can do, found out by doing it once.
  public func probe() -> SandboxReport { examine().report }

  /// Runs a command to its end, or to the end of its time, and collects what it writes.
  ///
  /// `outputLimit` is in bytes, for stdout and stderr each. The command may read `stdin`. `stop` ends
  /// it early; whoever asks for that looks at the token afterwards.
  public func run(
    _ words: [String], _ confinement: Confinement, timeout: Duration,
    outputLimit: Int = 1 << 20, stdin: [UInt8] = [], stop: StopToken? = nil
  ) throws(KaizenError) -> CommandOutcome {
    let began = Clock.monotonic()
    let scratch = try PrivateDirectory.where(try level() != .full)
    return try Self.translating(words) {
      let out = try DescriptorPair.pipe()
      let errors = try DescriptorPair.pipe()
      let input = try MemoryFile.sealed(name: "stdin", stdin)
      let descriptors: [Int32: Int32] = [0: input.raw, 1: out.second.raw, 2: errors.second.raw]
      let process = try launch(
        words, confinement, timeout: timeout, scratch: scratch?.path, descriptors)
      _ = consume out.second
      _ = consume errors.second
      stop?.onStop { process.kill() }
      defer { stop?.onStop(nil) }
      var collector = OutputCollector(limit: outputLimit)
      try collector.collect(
        out.first, errors.first, until: process.pidDescriptor,
        timeout: timeout + ConfinedProcess.stopGrace)
      let end = try process.stop()
      guard let end else {
        throw KaizenError("E_SANDBOX_SETUP", "\"\(words[0])\" could not be ended")
      }
      return CommandOutcome(
        end: end, stdout: collector.stdout, stderr: collector.stderr,
        duration: Clock.monotonic() - began, level: process.level)
    }
  }

  /// Starts a command that stays, such as a worker, and returns when its program is executed.
  ///
  /// `inheriting` gives its descriptors, number there → number here, lent; of 0, 1 and 2 those not
  /// given are /dev/null. Every other one is closed. The numbers are at most 255. It is ended when
  /// `timeout` is over, whatever becomes of the owner.
  public func start(
    _ words: [String], _ confinement: Confinement, inheriting: [Int32: Int32] = [:],
    timeout: Duration? = nil
  ) throws(KaizenError) -> ConfinedProcess {
    if try level() != .full, confinement.environment["TMPDIR"] == nil {
      throw KaizenError(
        "E_SANDBOX_REQUEST", "below level A a lasting command has no /tmp of its own",
        hint: "give it a writable tree and name that in TMPDIR and HOME")
    }
    return try Self.translating(words) {
      let null = try FileDescriptor.open("/dev/null", O_RDWR)
      var descriptors: [Int32: Int32] = [0: null.raw, 1: null.raw, 2: null.raw]
      descriptors.merge(inheriting) { $1 }
      return try launch(words, confinement, timeout: timeout, scratch: nil, descriptors)
    }
  }

  /// Runs `body` and makes of whatever it throws an error that names the command.
  private static func translating<R>(
    _ words: [String], _ body: () throws -> R
  ) throws(KaizenError) -> R {
    do {
      return try body()
    } catch let error as KaizenError {
      throw error
    } catch let failure as ConfineFailure {
      throw failure.error(running: words)
    } catch {
      throw KaizenError("E_SANDBOX_SETUP", "no sandbox for \"\(words[0])\": \(error)")
    }
  }

  /// Why nothing is run confined on this host, with the fix; nil where it is.
  public var obstacle: KaizenError? {
    do throws(KaizenError) {
      _ = try level()
      return nil
    } catch {
      return error
    }
  }

  /// The level commands run at, or the reason why they do not.
  private func level() throws(KaizenError) -> SandboxLevel {
    let found = examine()
    if found.report.level >= minimumLevel { return found.report.level }
    let reason = found.failure.map { ": \($0.text)" } ?? ""
    let fix = found.failure.flatMap { $0.fix.isEmpty ? nil : $0.fix }
    throw KaizenError(
      "E_SANDBOX_UNAVAILABLE",
      "need level \(minimumLevel.rawValue), have \(found.report.level.rawValue)\(reason)",
      hint: fix ?? "see kaizen doctor, or lower the minimum level")
  }

  private func launch(
    _ words: [String], _ confinement: Confinement, timeout: Duration?, scratch: String?,
    _ descriptors: [Int32: Int32]
  ) throws -> ConfinedProcess {
    let found = examine()
    let setting = ConfineRequest.Setting(
      level: try level(), cgroups: found.cgroups, swiftRuntime: swiftRuntime, scratch: scratch)
    return try launch(words, confinement, setting, timeout: timeout, descriptors)
  }

  private func launch(
    _ words: [String], _ confinement: Confinement, _ setting: ConfineRequest.Setting,
    timeout: Duration?, _ descriptors: [Int32: Int32]
  ) throws -> ConfinedProcess {
    guard let word = words.first, !word.isEmpty else {
      throw KaizenError("E_SANDBOX_REQUEST", "a command without a program")
    }
    let request = try ConfineRequest(
      words: words, confinement: confinement, setting: setting, timeout: timeout,
      kept: descriptors.keys.sorted())
    let file = try MemoryFile.sealed(name: "confine", request.bytes)
    let channel = try DescriptorPair.packetSockets()
    let above = max(2, descriptors.keys.max() ?? 2)
    let all = descriptors.merging([above + 1: file.raw, above + 2: channel.second.raw]) { $1 }
    // A session of its own: Ctrl-C at the daemon's terminal is the daemon's to handle.
    let supervisor = try ChildProcess(
      ChildCommand(
        words: [program, "\(above + 1)", "\(above + 2)"], environment: [:], descriptors: all,
        workingDirectory: "/", newSession: true))
    _ = consume channel.second
    let process = ConfinedProcess(
      supervisor: supervisor, channel: channel.first, level: setting.level,
      cgroups: setting.cgroups)
    try process.waitUntilRunning(timeout: Self.setUpTimeout)
    return process
  }

  // MARK: - Probe

  private func examine() -> Found {
    found.withLock { found in
      if let found { return found }
      let made = tryLevels()
      found = made
      return made
    }
  }

  /// Makes the highest level that works, with a throw-away tree as a trial has.
  private func tryLevels() -> Found {
    let cgroups = Cgroups.find()
    cgroups.found?.sweep()
    PrivateDirectory.sweep()
    var features: [SandboxReport.Feature] = []
    var first: ConfineFailure?
    for level in [SandboxLevel.full, .restricted] {
      do {
        let notes = try attempt(level, cgroups.found)
        features.append(.init(name: "level \(level.rawValue)", state: "ok"))
        return found(level, features, notes, cgroups, first)
      } catch {
        let failure = error as? ConfineFailure ?? ConfineFailure(error)
        first = first ?? failure
        features.append(
          .init(
            name: "level \(level.rawValue)", state: "no", reason: failure.text,
            fix: failure.fix.isEmpty ? nil : failure.fix))
      }
    }
    return found(.none, features, [], cgroups, first)
  }

  private func attempt(
    _ level: SandboxLevel, _ cgroups: Cgroups?
  ) throws -> [(feature: String, state: String, reason: String)] {
    let directory = try PrivateDirectory()
    // Whoever the command is; it is confined to this directory, and so are its links.
    chmod(directory.path, 0o777)
    let tree = Confinement.Tree(
      directory.path, access: level == .full ? .throwaway : .writable)
    let null = try FileDescriptor.open("/dev/null", O_RDWR)
    let setting = ConfineRequest.Setting(
      level: level, cgroups: cgroups, swiftRuntime: swiftRuntime, scratch: nil)
    let process = try launch(
      ["/bin/sh", "-c", "echo works > probe"],
      Confinement(trees: [tree], workingDirectory: directory.path), setting,
      timeout: Self.setUpTimeout, [0: null.raw, 1: null.raw, 2: null.raw])
    guard let end = try process.wait(timeout: Self.setUpTimeout), end.succeeded else {
      throw ConfineFailure(
        call: "write", code: EACCES, subject: directory.path + "/probe",
        fix: "look at the kernel's log")
    }
    return process.notes
  }

  private func found(
    _ level: SandboxLevel, _ features: [SandboxReport.Feature],
    _ notes: [(feature: String, state: String, reason: String)],
    _ cgroups: (found: Cgroups?, reason: String), _ failure: ConfineFailure?
  ) -> Found {
    var features = features
    for note in notes where note.feature != "limits" {
      features.append(
        .init(
          name: note.feature, state: note.state, reason: note.reason.isEmpty ? nil : note.reason))
    }
    var usable = cgroups.found
    var reason = cgroups.reason
    if let note = notes.first(where: { $0.feature == "limits" }) {
      usable = nil  // it could be found, but not used
      reason = note.reason
    }
    let limits =
      switch usable {
      case .version1: "cgroup v1"
      case .version2: "cgroup v2"
      case nil: "rlimit"
      }
    features.append(
      .init(
        name: "limits", state: limits, reason: reason.isEmpty ? nil : reason,
        fix: usable == nil ? "run the daemon as a service with Delegate=yes" : nil))
    return Found(
      report: SandboxReport(level: level, limits: limits, features: features), cgroups: usable,
      failure: failure)
  }
}
