internal import Linux
public import Model
internal import Sandbox

/// Keeps a small record of every call, and the whole input of those that fail, outside the workers.
///
/// It survives the end of the daemon, SIGKILL included: a call that took the daemon with it stands
/// there as lost. It does not survive a power cut for sure, since nothing is synced: a call costs
/// two writes into the page cache.
public final class FlightRecorder: Sendable {
  /// Which calls' inputs are kept.
  public enum Keeping: String, CaseIterable, Sendable {
    /// Those that fail.
    case failed
    /// All; for who develops a component.
    case all
  }

  /// The folder it keeps everything in, for its owner alone.
  let folder: String
  private let keeping: Keeping
  private let ring: CallRing
  private let inputs: KeptInputStore
  private let notesOfStart: [String]

  /// Takes up what lies in `folder`; where that cannot be used, records live in memory alone.
  public convenience init(folder: String, keeping: Keeping = .failed) {
    self.init(folder: folder, keeping: keeping, slotCount: CallRing.Limit.recordCount)
  }

  init(
    folder: String, keeping: Keeping = .failed, slotCount: Int,
    bounds: KeptInputStore.Bounds = KeptInputStore.Bounds()
  ) {
    self.folder = folder
    self.keeping = keeping
    inputs = KeptInputStore(folder: folder + "/inputs", bounds: bounds)
    var notes: [String] = []
    do throws(SystemError) {
      try Files.makeDirectories(folder + "/inputs")
    } catch {
      notes.append("the flight recorder keeps no inputs: \(error)")
    }
    // What a replay of a daemon that was killed left.
    for name in (try? Files.names(in: folder)) ?? [] where name.hasPrefix(Self.replayPrefix) {
      FileTree.remove("\(folder)/\(name)")  // a folder that cannot be listed has none
    }
    ring = CallRing(
      path: folder + "/ring", slotCount: slotCount, after: inputs.lastNumber())
    notesOfStart = notes + ring.notes
  }

  /// Names of folders of replays begin so.
  static let replayPrefix = "replay-"

  /// What is odd about it, for people: records cut short, a disk that takes no more.
  public var notes: [String] {
    notesOfStart
      + (ring.failure.map { ["the flight recorder writes its records no more: \($0)"] } ?? [])
  }

  // MARK: - What is there

  /// The latest calls, the newest first.
  /// - Parameter component: only its calls; nil for all.
  public func calls(of component: ComponentID?, failedOnly: Bool, limit: Int) -> [CallRecord] {
    let all = ring.records { record in
      (component == nil || record.component == component) && (!failedOnly || record.isFailure)
    }
    return Array(all.prefix(limit))
  }

  /// The record of one call; nil where it has made room for later ones.
  func record(_ number: UInt64) -> CallRecord? { ring.record(number) }

  /// The folder of the input that is kept of `record`'s call; nil where it has gone.
  public func inputFolder(of record: CallRecord) -> String? {
    guard case .under(let number) = record.kept else { return nil }
    return inputs.place(of: number)
  }

  // MARK: - Recording

  /// A call under way.
  struct Flight {
    var record: CallRecord
    /// What an applier is about to change.
    var clone: Result<KeptFiles, KeptFiles.Refusal>?
  }

  /// Notes that a call begins: until it ends it stands there as running, and if the daemon ends
  /// first, as lost.
  /// - Parameter fingerprint: the request's, where it is known already; else empty.
  func begin(
    _ request: CallRequest, _ manifest: ComponentManifest, _ digest: Digest?,
    fingerprint known: String = ""
  ) -> Flight {
    // A component in process is shown no files.
    let hides = manifest.placement == .inProcess && request.files != nil
    let fingerprint =
      hides
      ? request.withoutFiles.fingerprint : known.isEmpty ? request.fingerprint : known
    guard let input = Digest(hex: fingerprint),
      let config = Digest(hex: manifest.configFingerprint)
    else { fatalError("a SHA-256 always has 64 hexadecimal digits") }
    var record = CallRecord(
      number: 0, component: manifest.id, version: manifest.version, digest: digest,
      kind: manifest.kind, placement: manifest.placement, isPure: manifest.isPure,
      agent: request.context.agent, generation: request.context.generation, input: input,
      config: config, host: request.host, start: Instant(nanoseconds: Clock.wallNanoseconds()),
      end: .running)
    ring.begin(&record)
    return Flight(
      record: record, clone: manifest.kind == .applier ? kept(request.files) : nil)
  }

  /// Notes how the call ended.
  /// - Parameter hostNoteCount: the first notes among the answers, which are the host's own.
  func end(
    _ flight: Flight, _ request: CallRequest, _ manifest: ComponentManifest,
    _ answers: AnswerCollector, _ failure: KaizenError?, _ duration: Duration,
    hostNoteCount: Int = 0
  ) {
    var record = flight.record
    record.duration = duration
    let known = request.trace.known
    record.loaded = known.loaded
    record.processorTime = known.usage?.processorTime
    record.peakMemoryBytes = known.usage?.peakMemoryBytes
    record.answers = CallRecord.Answers(answers, hostNoteCount: hostNoteCount)
    record.end = failure.map { .failed($0.code, message: $0.message) } ?? .good
    if failure != nil, request.stop?.reason != nil { record.end = .stopped }
    if record.isFailure || keeping == .all {
      record.kept = inputs.keep(request, config: manifest.config, of: record) {
        manifest.placement == .inProcess ? nil : flight.clone ?? kept(request.files)
      }
    }
    ring.update(record)
  }

  private func kept(_ files: AgentFiles?) -> Result<KeptFiles, KeptFiles.Refusal>? {
    guard let files else { return nil }
    return Result { () throws(KeptFiles.Refusal) in
      try KeptFiles(
        reading: files, limit: inputs.fileBytesMax, countMax: KeptInput.Limit.fileCount)
    }
  }
}
