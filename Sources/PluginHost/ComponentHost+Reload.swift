internal import Hashing
internal import Linux
public import Model
import Synchronization

/// What a host remembers from one reload to the next.
struct Reloading {
  /// What was taken up of each unit, by its number; see `BundleScan`.
  var prints: [String: Int] = [:]
  /// Slots that were replaced or removed, and may still have calls.
  var retired: [WeakSlot] = []

  /// A slot that lives as long as its calls.
  struct WeakSlot {
    weak var slot: ComponentSlot?
  }
}

extension ComponentHost {
  /// What came of taking up units.
  struct TakeUp {
    var changes: ComponentChanges
    /// Units whose new version does not work, with why: what ran before runs on.
    var postponed: [String: String] = [:]
  }

  /// Where the host's components are registered.
  var sources: ComponentSources { configuration.sources }

  /// Reads all manifests anew; what has not changed runs on, and running calls end as they began.
  ///
  /// What was left alone for its failures may be called again.
  @discardableResult
  public func reload() -> ComponentChanges {
    for slot in slots.withLock({ Array($0.values) }) { slot.closeBreaker() }
    return reload(isFirst: false)
  }

  /// Reads anew what registers the component `name`, and leaves the others as they are.
  ///
  /// A version that does not work is shown with its fault; what was left alone for its failures may
  /// be called again.
  /// - Throws: `E_UNKNOWN_COMPONENT` for one that no manifest registers and none did before.
  @discardableResult
  public func reload(_ name: String) throws(KaizenError) -> ComponentChanges {
    try reloading.withLock { (reloading) throws(KaizenError) in
      let prints = scan().prints
      let catalogue = Catalogue(sources)
      let before = slots.withLock { $0 }
      let found = catalogue.registrations[name].flatMap { isHosted($0) ? $0 : nil }
      if found == nil, before[name] == nil {
        throw KaizenError(
          "E_UNKNOWN_COMPONENT", "there is no component \"\(name.prefix(140))\"",
          hint: "`kaizen plugins list` shows them; `kaizen plugins reload` reads every manifest")
      }
      before[name]?.closeBreaker()
      var after = before
      after[name] = found.map { slot(for: $0, before: before[name]) }
      // Its unit counts as taken up only where nothing else in it waits for its turn.
      for unit in [found, before[name]?.registration].compactMap(\.?.origin.file) {
        let others = catalogue.registrations.values.filter {
          $0.origin.file == unit && $0.name != name && isHosted($0)
        }
        if others.isEmpty { reloading.prints[unit] = prints[unit] }
      }
      return exchange(after, before, catalogue, &reloading)
    }
  }

  @discardableResult
  func reload(isFirst: Bool) -> ComponentChanges {
    reloading.withLock { reloading in
      // Before anything is read: what changes meanwhile differs from it, and is taken up later.
      let prints = scan().prints
      let catalogue = Catalogue(sources)
      let before = slots.withLock { $0 }
      let after = slots(for: catalogue.registrations.filter { isHosted($0.value) }, before: before)
      reloading.prints = prints
      let changes = exchange(after, before, catalogue, &reloading)
      if isFirst { store.removeUnneeded(keeping: needed(Array(after.values))) }
      return changes
    }
  }

  /// Reads the manifests of some units anew and leaves the others alone, half-copied ones too.
  ///
  /// A version that does not work leaves what ran before, unless its unit is among `evenBroken`.
  func takeUp(_ units: [String: Int?], evenBroken: Set<String>) -> TakeUp {
    // Who may write to the folder of bundles decides on every one of them.
    if let folder = sources.bundleDirectory, units[folder] != nil {
      return TakeUp(changes: reload(isFirst: false))
    }
    return reloading.withLock { reloading in
      let catalogue = Catalogue(sources)
      let before = slots.withLock { $0 }
      var postponed: [String: String] = [:]
      // What another unit registered, or nothing any more, runs on until its unit's turn comes.
      var after = before.filter { units[$0.value.registration.origin.file] == nil }
      let due = catalogue.registrations.filter { name, registration in
        // One whose unit has no turn comes up only where what was in its place has gone.
        isHosted(registration)
          && (units[registration.origin.file] != nil || (after[name] == nil && before[name] != nil))
      }
      for (name, made) in slots(for: due, before: before) {
        let unit = made.registration.origin.file
        let fault = made.problem ?? made.loadFailure?.description
        if let fault, let earlier = before[name], earlier.runner != nil,
          earlier.registration.origin.file == unit, !evenBroken.contains(unit)
        {
          postponed[unit] = fault
          after[name] = earlier
        } else {
          after[name] = made
        }
      }
      // A unit with one broken component waits as a whole, as it was.
      after = after.filter { postponed[$0.value.registration.origin.file] == nil }
      for (name, slot) in before where postponed[slot.registration.origin.file] != nil {
        after[name] = slot
      }
      for (unit, print) in units where postponed[unit] == nil { reloading.prints[unit] = print }
      return TakeUp(
        changes: exchange(after, before, catalogue, &reloading), postponed: postponed)
    }
  }

  /// What people's manifests and bundles look like now.
  ///
  /// The files that the home's manifest names are those of the components it registered at last: a
  /// manifest that changes is looked at anyway.
  func scan() -> BundleScan {
    let homeFiles = slots.withLock { Array($0.values) }.flatMap { slot -> [String] in
      let origin = slot.registration.origin
      guard origin.source == .home, let manifest = slot.registration.manifest else { return [] }
      return (manifest.entryFiles + manifest.pins.keys).map { "\(origin.folder)/\($0)" }
    }
    return BundleScan(sources, homeFiles: homeFiles)
  }

  /// The number of each unit as it was last taken up.
  func appliedPrints() -> [String: Int] { reloading.withLock { $0.prints } }

  /// Removes the copies that neither a component nor a running call uses.
  /// - Returns: whether all are gone that are no component's.
  func sweep() -> Bool {
    reloading.withLock { reloading in
      if reloading.retired.isEmpty { return true }
      // No copy is being made meanwhile: that takes the same lock.
      reloading.retired.removeAll { $0.slot == nil }
      let used = reloading.retired.compactMap(\.slot) + slots.withLock { Array($0.values) }
      store.removeUnneeded(keeping: needed(used))
      return reloading.retired.isEmpty
    }
  }

  /// The copies that `slots` run from, earlier versions too, and those of the last good versions.
  private func needed(_ slots: [ComponentSlot]) -> Set<Digest> {
    var digests = inquests?.memory.keptDigests() ?? []
    for slot in slots {
      if let bundle = slot.bundle { digests.insert(bundle.digest) }
      for version in slot.earlier.withLock({ Array($0.values) }) {
        if let bundle = version.bundle { digests.insert(bundle.digest) }
      }
    }
    return digests
  }

  private func isHosted(_ registration: Registration) -> Bool {
    configuration.kind.map { registration.manifest?.kind == $0 } ?? true
  }

  private func exchange(
    _ after: [String: ComponentSlot], _ before: [String: ComponentSlot], _ catalogue: Catalogue,
    _ reloading: inout Reloading
  ) -> ComponentChanges {
    slots.withLock { $0 = after }
    problems.withLock { $0 = catalogue.problems }
    inquests?.memory.registered(after.mapValues { $0.own?.name.digest })
    for (name, slot) in after where before[name] !== slot { slot.tellLoadFailure(configuration) }
    for (name, slot) in before where after[name] !== slot {
      reloading.retired.append(Reloading.WeakSlot(slot: slot))
    }
    return ComponentChanges(from: before, to: after)
  }

  /// The slots of `registrations`, several made at a time: most of it is waiting for a worker.
  ///
  /// One after the other where they run in the daemon, whose libraries may share what only one
  /// life cycle at a time may touch.
  private func slots(
    for registrations: [String: Registration], before: [String: ComponentSlot]
  ) -> [String: ComponentSlot] {
    let sorted = registrations.sorted { $0.key < $1.key }
    let here = sorted.filter { $0.value.manifest?.placement == .inProcess }
    let elsewhere = sorted.filter { $0.value.manifest?.placement != .inProcess }
    var made = Parallel.map(
      elsewhere, threadCountMax: Self.probeThreadCountMax, name: "kz-probe"
    ) { [self] in slot(for: $0.value, before: before[$0.key]) }
    made += here.map { slot(for: $0.value, before: before[$0.key]) }
    return Dictionary(uniqueKeysWithValues: zip((elsewhere + here).map(\.key), made))
  }

  /// Components that are tried at once: while one waits for its sandbox another one starts.
  private static let probeThreadCountMax = 4

  private func slot(for registration: Registration, before: ComponentSlot?) -> ComponentSlot {
    let statistics = before?.status.statistics ?? CallStatistics()
    var problem = registration.problem
    var isUnavailable = false
    var bundle: BundleStore.Bundle?
    var own: ComponentVersion?
    var loadFailure: KaizenError?
    if let manifest = registration.manifest {
      do throws(KaizenError) {
        bundle = try install(manifest, registration)
        if let before, before.isSame(as: registration, bundle) { return before }
        let made = ComponentVersion(
          manifest, bundle: bundle, isWhole: registration.origin.source == .bundle,
          runner: try configuration.runner(for: manifest, bundle, watch),
          breaker: configuration.breaker)
        if configuration.loadsAtOnce || made.runner is CommandRunner {
          loadFailure = try probe(made)
        }
        own = made
      } catch {
        isUnavailable = error.code == CommandRunner.unavailable
        // People know the file they wrote, not the copy of it that was looked at.
        problem = error.description.replacing(
          bundle?.path ?? registration.origin.folder, with: registration.origin.folder)
      }
    }
    return ComponentSlot(
      registration, bundle: bundle, own: own, problem: problem, isUnavailable: isUnavailable,
      statistics: statistics, clock: configuration.breakerClock, inquests: inquests,
      lastGood: before?.lastGood, loadFailure: loadFailure)
  }

  /// Disables a component for its own faults only: a sandbox that cannot be set up or a thread that
  /// was not to be had now may be there at the call, which says so itself if not.
  /// - Returns: how it died, where an earlier version that worked can stand in for it.
  private func probe(_ version: ComponentVersion) throws(KaizenError) -> KaizenError? {
    do throws(KaizenError) {
      try version.runner.probe()
      return nil
    } catch {
      if !error.code.rawValue.hasPrefix("E_PLUGIN_") { return nil }
      let record = inquests?.memory.record(version.manifest.id.text)
      if !Breaker.counts(error) || record?.lastGood(otherThan: version.name.digest) == nil {
        throw error
      }
      return error
    }
  }

  /// The copy of what the component needs: a bundle as a whole, of other manifests what they name.
  private func install(
    _ manifest: ComponentManifest, _ registration: Registration
  ) throws(KaizenError) -> BundleStore.Bundle? {
    let origin = registration.origin
    let isBundle = origin.source == .bundle
    let names = Set(manifest.entryFiles).union(isBundle ? [] : Array(manifest.pins.keys))
    if !isBundle, names.isEmpty { return nil }
    let bundle = try store.install(
      from: origin.folder, names: isBundle ? nil : Array(names), pins: manifest.pins,
      pinned: isBundle ? registration.pinnedFiles : [], trust: origin.trust)
    for file in manifest.entryFiles where !Files.exists("\(bundle.path)/\(file)") {
      throw KaizenError(
        "E_PLUGIN_MISSING",
        "\(origin.file): \"\(manifest.id)\" names the file \"\(file)\", "
          + "found none in \(origin.folder)",
        hint: "put it there or correct its name in the manifest")
    }
    return bundle
  }
}
