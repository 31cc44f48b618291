import Control
import Feedback
import Glibc
import HTTP
import Linux
import Model
import Optimization
import PluginHost
import Telemetry

/// `kaizend`: starts, serves until a signal, stops in the reverse order.
public enum DaemonProgram {
  /// The version of this build.
  public static let version = "0.1.0"
  /// How long a stop waits for runs under way; a run cut short is recovered at the next start.
  private static let stopTimeout = Duration.seconds(25)
  /// How long a stop waits for requests that are being answered.
  private static let connectionGrace = Duration.seconds(3)
  /// How often what waits for people is looked through.
  private static let housekeepingInterval = Duration.seconds(10)

  /// Runs the daemon with the words of the command line; returns never.
  public static func main() -> Never {
    signal(SIGPIPE, SIG_IGN)
    // Whoever started this may have ignored it; a daemon that begins anew does.
    signal(DamageWatch.signal, SIG_DFL)
    exit(run(Array(CommandLine.arguments.dropFirst())))
  }

  private static func run(_ words: [String]) -> Int32 {
    do throws(KaizenError) {
      let arguments = try DaemonArguments(words)
      if arguments.showsHelp { return say(DaemonArguments.usage) }
      if arguments.showsVersion { return say("kaizend \(version)") }
      if try serve(arguments) { return beginAnew() }
      return 0
    } catch {
      let hint = error.hint.map { "\n  \($0)" } ?? ""
      complain("kaizend: \(error.code.rawValue): \(error.message)\(hint)")
      return error.code == "E_USAGE" ? 2 : 1
    }
  }

  /// Becomes the same program with the same words, as the same process.
  ///
  /// Descriptors are closed by that, each having FD_CLOEXEC; see execve(2).
  private static func beginAnew() -> Int32 {
    OwnProcess.endChildren()
    var words = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &words)
    complain("kaizend: E_INTERNAL: cannot begin anew: \(SystemError("execv", "/proc/self/exe"))")
    return 1
  }

  private static func say(_ text: String) -> Int32 {
    print(text)
    return 0
  }

  /// Says on stderr why it does not start; where nobody listens there, the status says so too.
  private static func complain(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(2, bytes, bytes.count)
  }

  /// Serves until a signal; whether the daemon is to begin anew.
  private static func serve(_ arguments: DaemonArguments) throws(KaizenError) -> Bool {
    // Before the first thread: all inherit the mask, and the signals wait for `next()`.
    let signals: SignalQueue
    do {
      signals = try SignalQueue([SIGTERM, SIGINT, DamageWatch.signal])
    } catch {
      throw KaizenError("E_INTERNAL", "signals cannot be awaited: \(error)")
    }
    var start = try DaemonStart(arguments, environment: OwnProcess.environment())
    let lock = try start.claim()
    let parts = try start.build()
    // From a backup nobody knows which switch was under way: the files stay as they are.
    let isEngineSound = parts.storage.of(.engine) == nil
    if isEngineSound { try parts.engine.recover() }
    let spool = SpoolTaker(
      folder: parts.home.spool, feedback: parts.feedback, storage: parts.storage, log: parts.log,
      count: { parts.meters.count($0) })
    spool.run()
    let handler = RequestHandler(parts: parts)
    let scrapes = try listen(handler)
    let group = SocketGroup(parts)
    try group?.openWay()
    let server = try HTTPServer(
      socketPath: parts.home.socket, group: group?.id, service: handler)
    let housekeepers = try keepHouse(parts, spool)
    let bundles = try parts.watchBundles()
    do {
      if parts.storage.degradations.isEmpty { try parts.loop.start() }
    } catch {
      throw KaizenError("E_INTERNAL", "no thread for the continuous loop: \(error)")
    }
    parts.log.info(
      "ready",
      ["socket": .string(parts.home.socket), "pid": .integer(Int64(OwnProcess.id))])
    let isAnew = waitForSignal(signals, parts)
    bundles.stop()
    parts.events.close()
    parts.loop.stop()
    let ended = parts.engine.stop(timeout: stopTimeout)
    if !ended { parts.log.warning("a run is cut short; the next start recovers it") }
    server.stop(grace: connectionGrace)
    scrapes?.stop(grace: connectionGrace)
    parts.storekeeper.stop()
    for housekeeper in housekeepers { housekeeper.stop() }
    parts.feedback.close()
    _ = consume lock
    parts.log.info("stopped")
    // A stop that was asked for meanwhile goes before; this look also keeps the queue until here.
    return !isStopAsked(signals) && isAnew
  }

  /// Serves what `metrics.listen` asks for; nil where it asks for nothing.
  private static func listen(_ handler: RequestHandler) throws(KaizenError) -> HTTPServer? {
    guard let endpoint = handler.parts.settings.endpoint("metrics.listen") else { return nil }
    do throws(KaizenError) {
      let server = try HTTPServer(
        loopback: endpoint.host == .v6 ? .v6 : .v4, port: endpoint.port,
        limits: ScrapeService.limits,
        service: ScrapeService(handler: handler, endpoint: endpoint))
      handler.parts.log.info("serving metrics", ["address": .string("http://\(endpoint)/metrics")])
      return server
    } catch {
      throw KaizenError(error.code, "metrics.listen: \(error.message)", hint: error.hint)
    }
  }

  /// Waits until a stop is asked for, or broken storage asks to begin anew: then true.
  private static func waitForSignal(_ signals: SignalQueue, _ parts: DaemonParts) -> Bool {
    do {
      var interests = [Poll.Interest(signals.raw, .read)]
      while true {
        while let arrival = try signals.next() {
          let isOwn = arrival.number == DamageWatch.signal
          // From anyone else it means nothing.
          if isOwn && !parts.damage.isRestartWanted { continue }
          parts.log.info("stopping")
          return isOwn
        }
        _ = try Poll.wait(&interests, timeout: nil)
      }
    } catch {
      parts.log.error("signals cannot be awaited", ["error": .string(error.description)])
      return false
    }
  }

  /// Whether a stop was asked for since the last look; leaves no signal waiting.
  private static func isStopAsked(_ signals: SignalQueue) -> Bool {
    // Waiting ones go with that, and a late one does not end the process.
    signal(DamageWatch.signal, SIG_IGN)
    var isAsked = false
    // try? because a queue that cannot be read knows of no stop.
    while let arrival = try? signals.next() {
      if arrival.number != DamageWatch.signal { isAsked = true }
    }
    return isAsked
  }

  /// Searches what came in since the last time.
  private static func lookForPatterns(_ parts: DaemonParts) {
    do {
      try parts.feedback.learnFromNews()
    } catch {
      parts.log.warning("no look for patterns", ["error": .string(error.description)])
    }
  }

  /// Lets requests for approval lapse in time, and looks after what is stored: each on a thread of
  /// its own, since a backup takes longer than a decision may wait.
  private static func keepHouse(
    _ parts: DaemonParts, _ spool: SpoolTaker
  ) throws(KaizenError) -> [Housekeeper] {
    do {
      var keepers = [
        try Housekeeper(every: housekeepingInterval) {
          parts.damage.look()
          parts.storekeeper.run()
        },
        try Housekeeper(every: housekeepingInterval) { spool.run() },
      ]
      if parts.storage.of(.feedback) == nil {
        let interval = Duration.seconds(parts.settings.integer("patterns.interval_s"))
        keepers.append(try Housekeeper(every: interval) { lookForPatterns(parts) })
      }
      if parts.storage.of(.engine) == nil {
        keepers.append(
          try Housekeeper(every: housekeepingInterval) { parts.engine.settleWaiting() })
      }
      return keepers
    } catch {
      throw KaizenError("E_INTERNAL", "no thread for housekeeping: \(error)")
    }
  }
}
