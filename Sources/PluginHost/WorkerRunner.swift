internal import Linux
import Model
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
  private let kept = Mutex<Worker?>(nil)

  init(
    _ manifest: ComponentManifest, library: String, bundle: String?, words: [String],
    grace: Duration, starter: any ProgramStarter
  ) {
    self.manifest = manifest
    self.library =
      manifest.entryFiles.isEmpty ? library : bundle.map { "\($0)/\(library)" } ?? library
    self.bundle = bundle
    self.words = words
    self.grace = grace
    self.starter = starter
  }

  /// Loads the library in a worker, which is kept for the first call without files.
  func probe() throws(KaizenError) {
    let worker = try start(places: [])
    kept.withLock { $0 = worker }
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
        worker = try start(places: places)
      }
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

  private func takeKept() -> Worker? {
    kept.withLock { kept in
      defer { kept = nil }
      return kept
    }
  }

  private func keep(_ worker: Worker) { kept.withLock { $0 = worker } }

  private func start(places: [ProgramPlan.Place]) throws(KaizenError) -> Worker {
    let plan = ProgramPlan(
      words: words, directory: "/tmp", places: places,
      readable: (bundle.map { [$0] } ?? []) + words.prefix(1),
      environment: [:], needs: manifest.needs, descriptors: [:])
    return try Worker(
      manifest, library: library, grace: grace, plan: plan, starter: starter)
  }
}
