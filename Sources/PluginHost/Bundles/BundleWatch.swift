public import Linux
internal import Synchronization

/// Takes up what people drop in, replace and remove, on a thread of its own.
///
/// inotify(7) only wakes it; what changed is found out by looking, so that no lost event costs more
/// than time. Where there is no inotify it looks every half second.
public final class BundleWatch: Sendable {
  /// What came of something dropped in.
  public enum Event: Sendable {
    /// Components came, changed or went.
    case changed(ComponentChanges)
    /// Something is not whole yet, or does not work: it is waited for, for that reason.
    case waits(String)
    /// Something was waited for in vain; it stands among the components as it is.
    case gaveUp(String)
  }

  /// Between two looks where nothing wakes it in between.
  static let pollInterval: Duration = .milliseconds(500)
  /// Between two looks where inotify would wake it.
  static let idleInterval: Duration = .seconds(10)
  /// Between two looks at the least: a copy under way wakes it with every write.
  static let lookInterval: Duration = .milliseconds(40)
  /// Between two looks whether a copy of a removed bundle is still used.
  static let sweepInterval: Duration = .seconds(1)

  private let stopping: StopPipe
  private let thread: BlockingThread

  /// Starts at once; `onEvent` is told on the watch's thread.
  public init(
    _ host: ComponentHost, usesInotify: Bool = true,
    onEvent: @escaping @Sendable (Event) -> Void
  ) throws(SystemError) {
    let stopping = try StopPipe()
    self.stopping = stopping
    thread = try BlockingThread(name: "kz-bundles") {
      // Without inotify it polls.
      let folders = usesInotify ? try? FolderWatch() : nil
      var looker = Looker(host: host, folders: folders, onEvent: onEvent)
      while !stopping.isStopped(within: .zero) {
        looker.wait(until: looker.look(), stopping)
      }
    }
  }

  /// Returns when the thread has ended.
  public func stop() {
    stopping.stop()
    thread.join()
  }
}

/// A pipe whose closed end wakes whoever polls the other.
private final class StopPipe: Sendable {
  private let pair: DescriptorPair
  init() throws(SystemError) { pair = try DescriptorPair.pipe() }

  var raw: Int32 { pair.first.raw }

  func stop() {
    // One byte fits into an empty pipe.
    try? pair.second.writeAll([1])
  }

  func isStopped(within timeout: Duration) -> Bool {
    var interests = [Poll.Interest(raw, .read)]
    // A poll that fails would fail again at once: the thread ends then.
    return ((try? Poll.wait(&interests, timeout: timeout)) ?? 1) > 0
  }
}

/// The state of the watch's thread.
private struct Looker {
  let host: ComponentHost
  let folders: FolderWatch?
  let onEvent: @Sendable (BundleWatch.Event) -> Void
  var settling = Settling()
  var watches: Set<Int32> = []

  init(
    host: ComponentHost, folders: FolderWatch?,
    onEvent: @escaping @Sendable (BundleWatch.Event) -> Void
  ) {
    self.host = host
    self.folders = folders
    self.onEvent = onEvent
  }

  /// Looks once, takes up what is ripe, and says when to look again at the latest.
  mutating func look() -> Duration {
    let (scan, isWatched) = scan()
    let step = settling.step(
      found: scan.prints, applied: host.appliedPrints(), now: Clock.monotonic()
    ) { BundleLack.find($0, in: host.sources) }
    for (unit, lack) in step.waiting.sorted(by: { $0.key < $1.key })
    where host.waiting.withLock({ $0[unit] }) != lack { onEvent(.waits(lack)) }
    host.waiting.withLock { $0 = step.waiting }
    if !step.ripe.isEmpty {
      let result = host.takeUp(step.ripe, evenBroken: Set(step.givenUp.keys))
      for (unit, reason) in result.postponed { settling.postpone(unit, reason) }
      for reason in step.givenUp.values.sorted() { onEvent(.gaveUp(reason)) }
      if !result.changes.isEmpty { onEvent(.changed(result.changes)) }
    }
    let hasMore = !host.sweep()
    let now = Clock.monotonic()
    var next = now + (isWatched ? BundleWatch.idleInterval : BundleWatch.pollInterval)
    if hasMore { next = min(next, now + BundleWatch.sweepInterval) }
    // Postponed ones have another time than the step knew of.
    if !step.ripe.isEmpty { next = now }
    return min(next, step.wakeAt ?? next)
  }

  /// What is there, seen after every folder of it was watched.
  private mutating func scan() -> (BundleScan, isWatched: Bool) {
    folders?.drain()
    var scan = host.scan()
    guard folders != nil else { return (scan, false) }
    // Twice is enough: what appears in between wakes the watch of the folder that it appears in.
    for _ in 0..<2 {
      var found: Set<Int32> = []
      var failures = 0
      for folder in scan.folders {
        do {
          if let number = try folders?.watch(folder) { found.insert(number) }
        } catch {
          failures += 1
        }
      }
      let isNew = !found.isSubset(of: watches)
      watches = found
      if !isNew { return (scan, failures == 0 && scan.hasAllFolders) }
      scan = host.scan()
    }
    return (scan, scan.hasAllFolders)
  }

  func wait(until time: Duration, _ stopping: StopPipe) {
    if stopping.isStopped(within: BundleWatch.lookInterval) { return }
    var interests = [
      Poll.Interest(stopping.raw, .read), Poll.Interest(folders?.raw ?? -1, .read),
    ]
    let left = max(.zero, time - Clock.monotonic())
    // A wait that fails is a look too early; the one before it has kept it from spinning.
    _ = try? Poll.wait(&interests, timeout: left)
  }
}
