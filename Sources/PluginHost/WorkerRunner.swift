internal import Linux
import Model
import Synchronization

/// A component in confined workers of its own.
///
/// A call with files gets a fresh worker whose sandbox shows just those; a worker for calls without
/// files is kept, and leaves by itself when it has been idle too long.
final class WorkerRunner: ComponentRunner {
  private let manifest: ComponentManifest
  private let library: String
  private let bundle: String
  private let program: String
  private let grace: Duration
  private let starter: any ProgramStarter
  private let kept = Mutex<Worker?>(nil)

  init(
    _ manifest: ComponentManifest, library: String, bundle: String, program: String,
    grace: Duration, starter: any ProgramStarter
  ) {
    self.manifest = manifest
    self.library = "\(bundle)/\(library)"
    self.bundle = bundle
    self.program = program
    self.grace = grace
    self.starter = starter
  }

  /// Loads the library in a worker, which is kept for the first call without files.
  func probe() throws(KaizenError) {
    let worker = try start(places: CallRequest.places(bundle: bundle))
    kept.withLock { $0 = worker }
  }

  func run(
    _ request: CallRequest, _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) {
    if request.files == nil, let worker = takeKept() {
      do {
        try worker.run(request, take)
        return keep(worker)
      } catch let error as KaizenError {
        throw error
      } catch {}  // it had left; nothing of the call has begun
    }
    let worker = try start(places: request.places(bundle: bundle))
    do {
      try worker.run(request, take)
    } catch {
      try worker.finish(request)
      throw error as? KaizenError ?? KaizenError("E_PLUGIN_CLOSED", "a new worker left at once")
    }
    if request.files == nil { keep(worker) } else { try worker.finish(request) }
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
      words: [program], directory: "/tmp",
      places: places + [.init(source: program, at: program, isWritable: false)],
      environment: [:], needs: manifest.needs, descriptors: [:], timeout: nil)
    return try Worker(
      manifest, library: library, grace: grace, plan: plan, starter: starter)
  }
}
