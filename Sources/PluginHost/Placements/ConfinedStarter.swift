internal import Glibc
internal import Linux
import Model
internal import Sandbox
import Synchronization

/// Starts programs in sandboxes that show the places of their plan and nothing else.
struct ConfinedStarter: ProgramStarter {
  /// Processes and threads of one component where its manifest does not say.
  static let defaultProcessCount = 64

  let confiner: Confiner

  func start(_ plan: ProgramPlan) throws(KaizenError) -> any RunningProgram {
    var limits = Confinement.Limits()
    limits.processes = plan.needs.processes ?? Self.defaultProcessCount
    if let megabytes = plan.needs.memoryMegabytes { limits.memoryBytes = megabytes << 20 }
    var environment = plan.environment
    for name in plan.needs.environment {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    let confinement = Confinement(
      trees: plan.places.map {
        Confinement.Tree($0.source, at: $0.at, access: $0.isWritable ? .writable : .readOnly)
      },
      readPaths: plan.readable + plan.needs.read, pathDirectories: plan.needs.path,
      environment: environment, workingDirectory: plan.directory, limits: limits)
    return ConfinedProgram(
      try confiner.start(plan.words, confinement, inheriting: plan.descriptors))
  }
}

/// A program in a sandbox of its own.
private final class ConfinedProgram: RunningProgram {
  private let process: ConfinedProcess
  private let used = Mutex<ProgramUsage?>(nil)

  init(_ process: ConfinedProcess) { self.process = process }

  deinit { kill() }

  var usage: ProgramUsage? { used.withLock { $0 } }

  /// `stop` returns when everything is gone, and so does the end of its owner: both happen on a
  /// thread of their own, so that no caller ever waits for a process that cannot be killed.
  func kill() {
    let process = process
    let body: @Sendable () -> Void = {
      _ = try? process.stop()  // a failure has been reported by whoever waits for the end
    }
    if (try? BlockingThread(name: "kz-stop", body)) == nil { body() }  // no thread: wait after all
  }

  func end(within timeout: Duration) -> ProgramEnd? {
    // A wait that fails is a process nothing is known of: not ended.
    guard let end = try? process.wait(timeout: timeout) else { return nil }
    used.withLock {
      $0 = ProgramUsage(
        processorTime: end.processorTime, peakMemoryBytes: end.peakMemoryBytes)
    }
    switch end.status {
    case .exited(let status): return .exited(status)  // it may have survived a child's end
    case .signaled(let signal): return end.outOfMemory ? .outOfMemory : .signaled(signal)
    case .timedOut, .stopped: return .stopped
    }
  }
}
