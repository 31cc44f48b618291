internal import Linux
import Model
internal import Sandbox
import Synchronization

/// A component in confined workers of its own.
///
/// A call with files gets a fresh worker whose sandbox shows just those; a worker for calls without
/// files is kept, and leaves by itself when it has been idle too long.
final class WorkerRunner: ComponentRunner {
  /// Workers tried for one call where each leaves, idle, before the call reaches it.
  private static let workerCountMax = 4

  private let manifest: ComponentManifest
  private let library: String
  private let bundle: String?
  private let words: [String]
  private let grace: Duration
  private let starter: any ProgramStarter
  private let watch: DeadlineWatch?
  private let idleMax: Duration
  private let kept = Mutex(Kept())

  /// The worker for calls without files, between two of them.
  private struct Kept {
    var worker: Worker?
    /// When its last call ended.
    var since: Duration = .zero
    /// Whether the watch will look after it.
    var isWatched = false
  }

  /// - Parameters:
  ///   - watch: ends the kept worker once `idleMax` has gone by without a call: one that has left by
  ///     itself would remain as a dead process and open descriptors until the next call. Nil for
  ///     never.
  init(
    _ manifest: ComponentManifest, library: String, bundle: String?, words: [String],
    grace: Duration, starter: any ProgramStarter, watch: DeadlineWatch? = nil,
    idleMax: Duration = .seconds(31)
  ) {
    self.manifest = manifest
    self.library =
      manifest.entryFiles.isEmpty ? library : bundle.map { "\($0)/\(library)" } ?? library
    self.bundle = bundle
    self.words = words
    self.grace = grace
    self.starter = starter
    self.watch = watch
    self.idleMax = idleMax
  }

  /// Loads the library in a worker, which is kept for the first call without files.
  func probe() throws(KaizenError) {
    keep(try start(places: [], .fresh()))
  }

  func run(
    _ request: CallRequest, _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) {
    // A function of numbers sees no files, whatever the call is about.
    let places = manifest.function?.input.needsFiles == false ? [] : request.places
    var kept = places.isEmpty ? takeKept() : nil
    for _ in 0..<Self.workerCountMax {
      let worker: Worker
      if let first = kept {
        worker = first
        kept = nil
      } else {
        worker = try start(places: places, request.loading ?? .fresh(), stop: request.stop)
      }
      request.trace.note(loaded: worker.loaded)
      do {
        try worker.run(request, take)
      } catch let error as KaizenError {
        try worker.kill(request)
        throw error
      } catch {
        continue  // it had left before the call reached it: nothing of it has begun
      }
      if places.isEmpty { keep(worker) } else { try worker.finish(request) }
      return
    }
    throw KaizenError(
      "E_PLUGIN_CLOSED",
      "\(Self.workerCountMax) workers of component \"\(manifest.id)\" left before their call began",
      hint: "give workers a longer idle time")
  }

  private func takeKept() -> Worker? { kept.withLock { $0.worker.take() } }

  private func keep(_ worker: Worker) {
    let isWatched = kept.withLock { kept in
      kept.worker = worker
      kept.since = Clock.monotonic()
      defer { kept.isWatched = true }
      return kept.isWatched
    }
    if !isWatched { lookAgain(after: idleMax) }
  }

  private func lookAgain(after delay: Duration) {
    _ = watch?.add(after: delay) { [weak self] in self?.endIdle() }
  }

  /// Ends a worker that nobody has called for too long; looks again later at one that was called.
  private func endIdle() {
    let now = Clock.monotonic()
    let (idle, left) = kept.withLock { kept -> (Worker?, Duration) in
      let left = kept.since + idleMax - now
      if kept.worker != nil, left > .zero { return (nil, left) }
      kept.isWatched = false  // one that is in a call is watched again after it
      return (kept.worker.take(), .zero)
    }
    if left > .zero { lookAgain(after: left) }
    _ = idle  // its end is a thread's of its own, not the watch's
  }

  private func start(
    places: [ProgramPlan.Place], _ loading: HostAnswers, stop: StopToken? = nil
  ) throws(KaizenError) -> Worker {
    let plan = ProgramPlan(
      words: words, directory: "/tmp", places: places,
      readable: (bundle.map { [$0] } ?? []) + words.prefix(1),
      environment: [:], needs: manifest.needs, descriptors: [:])
    return try Worker(
      manifest, library: library, grace: grace, plan: plan, loading: loading, starter: starter,
      stop: stop)
  }
}
