public import Glibc
public import Linux
import Synchronization

/// A real `kaizend` on a home of its own, and `kaizen` to talk to it.
///
/// Any number of them run at once: each has its own home, socket and log. The daemon goes with its
/// owner, by SIGKILL, and the home with it.
public final class DaemonUnderTest: Sendable {
  /// What could not be had, with the end of the daemon's log.
  public struct Failure: Error, CustomStringConvertible {
    /// What happened.
    public var description: String

    /// Makes a failure.
    public init(_ description: String) { self.description = description }
  }

  /// What the home lies in; beside it is room for agents and whatever else a test needs.
  ///
  /// Beneath /tmp whatever `$TMPDIR` says: a socket's path has at most 107 bytes.
  public let directory: TemporaryDirectory
  /// `KAIZEN_HOME`.
  public var home: String { directory.path + "/home" }
  /// The control socket.
  public var socket: String { home + "/run/kaizen.sock" }
  /// What the daemon says on stdout and stderr, over all its starts.
  public var logFile: String { directory.path + "/kaizend.log" }

  private let child = Mutex<ChildProcess?>(nil)
  private let environment: [String: String]

  /// How long a start may take until the socket answers.
  private static let startTimeout = Duration.seconds(20)
  /// How long a stop may take: the daemon waits 25 s for runs under way.
  private static let stopTimeout = Duration.seconds(40)
  /// Between two attempts to connect.
  private static let connectInterval = Duration.milliseconds(2)
  /// Looks at whether a stopped process has stopped: a thread in fsync(2) takes as long as that.
  private static let stopPollCountMax = 20
  /// Bytes of the log's end that a failure shows.
  private static let logTailBytes = 8 << 10

  /// Makes an empty home; `start()` starts the daemon on it.
  ///
  /// `environment` comes on top of a PATH and nothing else, for the daemon and for `kaizen`.
  public init(environment: [String: String] = [:]) throws {
    directory = try TemporaryDirectory("kz", in: "/tmp")
    self.environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
      .merging(environment) { _, new in new }
    // Sandboxes look through it at agents beside the home; mkdtemp(3) makes it for its owner alone.
    chmod(directory.path, 0o755)
    try Files.makeDirectories(home)
    try Self.rootManifest.get()
  }

  /// The daemon's process id; nil while none runs.
  public var pid: Int32? { child.withLock { $0?.pid } }

  /// Writes a file beneath the home, such as `policy.json` or `plugins/flip/manifest.json`.
  @discardableResult
  public func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
    try directory.write("home/" + name, text, mode: mode)
  }

  /// Starts the daemon and waits until its socket answers: by then it has recovered.
  public func start() throws {
    try launch()
    try awaitService()
  }

  /// Starts the daemon and returns at once, for tests that end it while it starts.
  public func launch() throws {
    let log = try FileDescriptor.open(logFile, O_WRONLY | O_CREAT | O_APPEND)
    let started = try ChildProcess(
      ChildCommand(
        words: [try BuildProducts.path("kaizend"), "--home", home], environment: environment,
        descriptors: [1: log.raw, 2: log.raw], workingDirectory: directory.path))
    child.withLock { $0 = started }
  }

  /// Waits until the socket of a daemon that was launched answers.
  public func awaitService() throws {
    guard let started = child.withLock({ $0 }) else { throw failure("no daemon runs") }
    let end = ContinuousClock.now + Self.startTimeout
    while true {
      if (try? UnixSocket.connect(socket, timeout: .seconds(1))) != nil { return }  // not yet
      // The wait between two attempts ends early where the daemon does.
      if let exit = try started.wait(timeout: Self.connectInterval) {
        child.withLock { $0 = nil }
        throw failure("the daemon ended before it served: \(exit.status)")
      }
      if ContinuousClock.now > end {
        throw failure("the daemon does not serve after \(Self.startTimeout)")
      }
    }
  }

  /// Stops it as a service manager does, by SIGTERM, and says how it ended.
  @discardableResult
  public func stop() throws -> ChildExit.Status {
    guard let running = child.withLock({ $0 }) else { throw failure("no daemon runs") }
    try running.signal(SIGTERM)
    guard let exit = try running.wait(timeout: Self.stopTimeout) else {
      throw failure("the daemon does not stop within \(Self.stopTimeout)")
    }
    child.withLock { $0 = nil }
    return exit.status
  }

  /// Ends it as a crash does, by SIGKILL, and returns once it is gone.
  ///
  /// It is stopped for an instant before, so that what it had started is known: those must go too.
  /// - Parameter instant: how long to let it run before; no longer than it does by itself.
  /// - Returns: its children and theirs, at that instant.
  @discardableResult
  public func killHard(after instant: Duration = .zero) throws -> [ProcessSnapshot] {
    guard let running = child.withLock({ $0.take() }) else { throw failure("no daemon runs") }
    if let exit = try running.wait(timeout: instant) {
      throw failure("the daemon ended by itself: \(exit.status)")
    }
    try running.signal(SIGSTOP)
    for _ in 0..<Self.stopPollCountMax {
      let state = ProcessSnapshot(running.pid)?.state
      if state == "T" || state == "Z" { break }
      if try running.wait(timeout: Self.connectInterval) != nil { break }
    }
    let family = try ProcessSnapshot.descendants(of: running.pid)
    _ = try running.killAndWait()
    return family
  }

  /// Runs `kaizen` against this home to its end, whether the daemon runs or not.
  @discardableResult
  public func kaizen(
    _ words: String..., input: String? = nil, timeout: Duration = .seconds(60)
  ) throws -> FinishedProgram {
    try kaizen(words, input: input, timeout: timeout)
  }

  /// Runs `kaizen` with these words.
  @discardableResult
  public func kaizen(
    _ words: [String], input: String? = nil, timeout: Duration = .seconds(60)
  ) throws -> FinishedProgram {
    let program = try startKaizen(words, input: input)
    guard let finished = try program.finish(timeout: timeout) else {
      throw failure("`kaizen \(words.joined(separator: " "))` did not end within \(timeout)")
    }
    return finished
  }

  /// Starts `kaizen` and leaves it running, for tests that do something meanwhile.
  public func startKaizen(_ words: [String], input: String? = nil) throws -> StartedProgram {
    try StartedProgram(
      [try BuildProducts.path("kaizen")] + words,
      environment: environment.merging(["KAIZEN_HOME": home]) { $1 }, input: input, in: directory)
  }

  /// The end of the daemon's log, to be shown where something fails.
  public var log: String {
    // For a failure's message: a log that cannot be read is said to be none.
    guard let bytes = try? Files.read(logFile, limit: 1 << 26) else { return "(no log)" }
    let tail = String(decoding: bytes.suffix(Self.logTailBytes), as: UTF8.self)
    return bytes.count > Self.logTailBytes ? "…" + tail : tail
  }

  private func failure(_ what: String) -> Failure {
    Failure("\(what); the log of kaizend ends with:\n\(log)")
  }

  /// The root manifest is read beside `kaizend`; `make` puts it there, `swift build` does not.
  ///
  /// Once a process, and never half-written: other daemons may be starting.
  private static let rootManifest = Result<Void, any Error> {
    let source = try Files.read(Compiler.packageRoot + "/manifest.json", limit: 1 << 20)
    let target = try BuildProducts.path("manifest.json")
    let there = try? Files.read(target, limit: 1 << 20)  // missing is the usual case
    if there != source { try Files.replace(target, with: source, mode: 0o644) }
  }
}
