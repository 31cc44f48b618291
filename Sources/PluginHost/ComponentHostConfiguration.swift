internal import Linux
internal import Model
public import Sandbox

/// What a component host works with.
public struct ComponentHostConfiguration: Sendable {
  /// Where components are registered.
  public var sources: ComponentSources
  /// The folder for the copies that run: `state/bundles` of the home.
  public var bundleCopies: String
  /// The path of `kaizen-worker`.
  public var workerProgram: String
  /// The file that remembers guilty inputs and good versions: `state/components.json` of the home.
  ///
  /// Without it breakers alone protect from components that die.
  public var memoryFile: String?
  /// The only kind that is hosted; nil for all.
  public var kind: ComponentKind?
  /// Whether components that ask for it run in this process; else they get a worker like the rest.
  public var loadsLibraries = true
  /// Whether each library is loaded once when it is registered; else its first call loads it.
  public var loadsAtOnce = true
  /// How long a component that was asked to stop may go on before its process is killed.
  public var grace: Duration = .milliseconds(500)
  /// How long a worker that is kept waits for its next call before it leaves.
  public var workerIdle: Duration = .seconds(30)
  /// Is told of each call that has ended, on the caller's thread.
  public var observer: @Sendable (ComponentCall) -> Void
  /// Records each call; nil for none.
  public var recorder: FlightRecorder?
  /// Is told of each breaker that opens or closes, on the caller's thread.
  public var onBreaker: @Sendable (BreakerChange) -> Void = { _ in }
  /// Is told of what was found guilty, on the caller's thread or one that found it out.
  public var onGuilt: @Sendable (GuiltFound) -> Void = { _ in }
  /// Failures in a row, each of them the component's death, after which it is left alone.
  public var breakerFailureCount: Int {
    get { breaker.failureCount }
    set { breaker.failureCount = max(1, newValue) }
  }
  /// How long it is left alone.
  public var breakerOpenFor: Duration {
    get { breaker.openFor }
    set { breaker.openFor = newValue }
  }
  /// When components are left alone, and for how long.
  var breaker = Breaker.Rules()
  /// What breakers go by.
  var breakerClock = BreakerClock()
  /// Starts workers and commands.
  var starter: any ProgramStarter

  /// Makes a configuration.
  public init(
    sources: ComponentSources, bundleCopies: String, workerProgram: String, confiner: Confiner,
    observer: @escaping @Sendable (ComponentCall) -> Void = { _ in }
  ) {
    self.init(
      sources: sources, bundleCopies: bundleCopies, workerProgram: workerProgram,
      starter: ConfinedStarter(confiner: confiner), observer: observer)
  }

  init(
    sources: ComponentSources, bundleCopies: String, workerProgram: String,
    starter: any ProgramStarter, observer: @escaping @Sendable (ComponentCall) -> Void
  ) {
    self.sources = sources
    self.bundleCopies = bundleCopies
    self.workerProgram = workerProgram
    self.starter = starter
    self.observer = observer
  }

  /// What runs the component `manifest`, whose copy is `bundle`.
  func runner(
    for manifest: ComponentManifest, _ bundle: BundleStore.Bundle?, _ watch: DeadlineWatch
  ) throws(KaizenError) -> any ComponentRunner {
    switch (manifest.entry, manifest.placement) {
    case (.command(let command), _):
      return CommandRunner(
        manifest: manifest, command: command, bundle: bundle?.path, starter: starter)
    case (.library(let library), .inProcess) where loadsLibraries:
      return try InProcessRunner(
        manifest, library: "\(Self.path(bundle))/\(library)", watch: watch)
    case (.library(let library), _):
      return worker(manifest, library: library, bundle: Self.path(bundle), watch)
    case (.function(let function), _):
      return worker(manifest, library: function.library, bundle: bundle?.path, watch)
    }
  }

  private func worker(
    _ manifest: ComponentManifest, library: String, bundle: String?, _ watch: DeadlineWatch
  ) -> WorkerRunner {
    WorkerRunner(
      manifest, library: library, bundle: bundle,
      words: [workerProgram, "\(max(1, workerIdle.nanoseconds / 1_000_000))"], grace: grace,
      starter: starter, watch: watch, idleMax: workerIdle + Self.leavingMax)
  }

  /// How long a worker may take to leave by itself when it has been idle too long.
  private static let leavingMax: Duration = .seconds(1)

  private static func path(_ bundle: BundleStore.Bundle?) -> String {
    guard let bundle else { fatalError("a library entry names a file, so it has a copy") }
    return bundle.path
  }
}
