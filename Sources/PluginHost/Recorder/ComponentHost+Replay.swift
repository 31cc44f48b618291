internal import Glibc
internal import Linux
public import Model
import Synchronization

extension ComponentHost {
  /// Runs a recorded call of a pure component again, in a fresh worker, with the same clock, random
  /// numbers and reads, and compares.
  ///
  /// It is recorded nowhere, counts in no statistics and closes or opens no breaker.
  /// - Parameter current: run the version there is now instead of the one that was called.
  /// - Throws: `E_UNKNOWN_CALL`, `E_CALL_RUNNING`, `E_CALL_IMPURE`, `E_CALL_INPUT` where the input
  ///   was not kept or is kept no more, `E_CALL_VERSION` where the version has gone.
  public func replay(
    _ number: UInt64, withCurrent current: Bool
  ) throws(KaizenError) -> ReplayOutcome {
    let record = try replayable(number)
    let input = try keptInput(of: record)
    // One at a time: it must not take the place of the calls that work.
    return try replays.alone(record.component) { () throws(KaizenError) in
      let slot = try current ? currentSlot(record) : recordedSlot(record)
      return try run(record, input, slot)
    }
  }

  // MARK: - Whether it can be

  private func replayable(_ number: UInt64) throws(KaizenError) -> CallRecord {
    guard let record = configuration.recorder?.record(number) else {
      throw KaizenError(
        "E_UNKNOWN_CALL", "no call \(number) is on record",
        hint: "`kaizen plugins calls` lists the latest; older ones have made room for them")
    }
    if record.end == .running {
      throw KaizenError(
        "E_CALL_RUNNING", "call \(number) of \(record.component) has not ended yet",
        hint: "wait for its end, at the latest its deadline")
    }
    if !record.isPure {
      throw KaizenError(
        "E_CALL_IMPURE",
        "call \(number) cannot be repeated: \(record.component) \(record.version) is not pure",
        hint: "say \"pure\": true in its manifest, and in a library's flags, where time, random "
          + "numbers and reads come from the host alone")
    }
    return record
  }

  private func keptInput(of record: CallRecord) throws(KaizenError) -> KeptInput {
    let what = "the input of call \(record.number) of \(record.component)"
    switch record.kept {
    case .no where record.end == .lost:
      throw KaizenError(
        "E_CALL_INPUT", "\(what) was not kept: the daemon ended before the call did",
        hint:
          "look at those that failed before: `kaizen plugins calls \(record.component) --failed`")
    case .no:
      throw KaizenError(
        "E_CALL_INPUT", "\(what) was not kept: only those of failing calls are",
        hint: "set plugins.keep_inputs to all while you develop, and have it called again")
    case .failed(let reason):
      throw KaizenError(
        "E_CALL_INPUT", "\(what) was not kept: \(reason)",
        hint: "`kaizen plugins try` runs a component on a smaller folder")
    case .under(let kept):
      if let folder = configuration.recorder?.inputFolder(of: record) {
        return try KeptInput(folder: folder)
      }
      throw KaizenError(
        "E_CALL_INPUT",
        "\(what), kept as that of call \(kept), has made room for those of later failures",
        hint: "replay a later call: `kaizen plugins calls \(record.component) --failed`")
    }
  }

  // MARK: - What runs

  /// The component as it is now.
  private func currentSlot(_ record: CallRecord) throws(KaizenError) -> ComponentSlot {
    guard let slot = slots.withLock({ $0[record.component.text] }), slot.runner != nil,
      let manifest = slot.registration.manifest, manifest.kind == record.kind
    else {
      throw KaizenError(
        "E_CALL_VERSION", "there is no \(record.kind.rawValue) \(record.component) to run now",
        hint: "`kaizen plugins list` shows what there is")
    }
    if !manifest.isPure {
      throw KaizenError(
        "E_CALL_IMPURE",
        "call \(record.number) cannot be repeated: \(record.component) \(manifest.version), the "
          + "version there is now, is not pure", hint: "leave --current out")
    }
    return try fresh(slot.registration, slot.bundle)
  }

  /// The component as it was called: the one there is, or the copy of a bundle that is still there.
  private func recordedSlot(_ record: CallRecord) throws(KaizenError) -> ComponentSlot {
    if let slot = slots.withLock({ $0[record.component.text] }), slot.runner != nil,
      slot.bundle?.digest == record.digest, let manifest = slot.registration.manifest,
      manifest.version == record.version, manifest.configFingerprint == record.config.hex
    {
      return try fresh(slot.registration, slot.bundle)
    }
    if let digest = record.digest, let copy = store.kept(digest) {
      let origin = ComponentOrigin(
        source: .bundle, file: copy.path + "/manifest.json", folder: copy.path)
      let found = ManifestFile(origin, name: record.component.text).registrations
        .first { $0.name == record.component.text }
      if let found, found.manifest?.configFingerprint == record.config.hex {
        return try fresh(found, copy)
      }
    }
    let what = record.digest.map { "\(record.version) (\($0.short))" } ?? record.version
    throw KaizenError(
      "E_CALL_VERSION",
      "\(record.component) \(what), which call \(record.number) was made to, is not there any more",
      hint: "`kaizen plugins replay \(record.number) --current` runs the version there is now")
  }

  /// A slot for one call, in a worker whatever its placement: its copy is not removed meanwhile.
  private func fresh(
    _ registration: Registration, _ bundle: BundleStore.Bundle?
  ) throws(KaizenError) -> ComponentSlot {
    guard var manifest = registration.manifest else {
      fatalError("a slot that runs, and a registration looked at, has its manifest")
    }
    if manifest.placement == .inProcess { manifest.placement = .worker }
    let runner = try configuration.runner(for: manifest, bundle, watch)
    var registration = registration
    registration.manifest = manifest
    let version = ComponentVersion(
      manifest, bundle: bundle, isWhole: registration.origin.source == .bundle, runner: runner,
      breaker: .off)
    let slot = ComponentSlot(
      registration, bundle: bundle, own: version, problem: nil, statistics: CallStatistics(),
      clock: configuration.breakerClock, inquests: nil, lastGood: nil, loadFailure: nil)
    reloading.withLock { $0.retired.append(Reloading.WeakSlot(slot: slot)) }
    return slot
  }

  // MARK: - Running

  private func run(
    _ record: CallRecord, _ input: KeptInput, _ slot: ComponentSlot
  ) throws(KaizenError) -> ReplayOutcome {
    guard let manifest = slot.registration.manifest, let runner = slot.runner,
      let recorder = configuration.recorder
    else { fatalError("made for this call") }
    let place = "\(recorder.folder)/\(FlightRecorder.replayPrefix)\(getpid())-\(record.number)"
    FileTree.remove(place)
    defer { FileTree.remove(place) }
    var request = try CallRequest(work: input.restored(to: place + "/files").work)
    var notes = Self.notes(input)
    if request.fingerprint != record.input.hex {
      notes.append("its files changed while it ran: they are kept as they were at its end")
    }
    request.host = record.host
    request.loading = record.loaded
    let start = Clock.monotonic()
    var collector = AnswerCollector(
      manifest, agent: request.context.agent, pathInside: request.files?.pathInside)
    var failure: KaizenError?
    do throws(KaizenError) {
      try runner.run(request) { (answer) throws(KaizenError) in try collector.take(answer) }
    } catch {
      failure = error
    }
    let answers = CallRecord.Answers(collector)
    return ReplayOutcome(
      call: record, version: manifest.version, digest: slot.bundle?.digest, failure: failure,
      answers: answers, lines: ReplayOutcome.lines(collector), remarks: collector.remarks,
      duration: Clock.monotonic() - start, notes: notes,
      differences: ReplayOutcome.differences(record, failure, answers))
  }

  private static func notes(_ input: KeptInput) -> [String] {
    guard let files = input.files, !files.unreadable.isEmpty else { return [] }
    return ["not there, as when it was kept: " + files.unreadable.joined(separator: ", ")]
  }
}

extension KeptInput.Input {
  fileprivate var work: CallRequest.Work {
    switch self {
    case .analysis(let input): .analyze(input)
    case .application(let input): .apply(input)
    case .scoring(let input): .score(input)
    }
  }
}
