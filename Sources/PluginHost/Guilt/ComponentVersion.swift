internal import Hashing
internal import Linux
import Model
import Synchronization

/// One version of a component, as it is called: its manifest, its copy, and how it fares.
final class ComponentVersion: Sendable {
  let manifest: ComponentManifest
  /// The copy that runs.
  let bundle: BundleStore.Bundle?
  let runner: any ComponentRunner
  /// What it is called in evidence, and known by.
  let name: ComponentGuilt.Version
  /// Whether its copy is all that is needed to call it again, its manifest included.
  let isKept: Bool
  let breaker: Mutex<Breaker>

  init(
    _ manifest: ComponentManifest, bundle: BundleStore.Bundle?, isWhole: Bool,
    runner: any ComponentRunner, breaker: Breaker.Rules
  ) {
    self.manifest = manifest
    self.bundle = bundle
    self.runner = runner
    self.breaker = Mutex(Breaker(breaker))
    isKept = isWhole && bundle != nil
    name = ComponentGuilt.Version(
      name: manifest.version, digest: Self.digest(manifest, bundle, isWhole: isWhole))
  }

  /// A bundle's copy has the manifest in it; of others what is registered counts as well.
  private static func digest(
    _ manifest: ComponentManifest, _ bundle: BundleStore.Bundle?, isWhole: Bool
  ) -> String {
    if isWhole, let bundle { return bundle.digest.hex }
    let pins = manifest.pins.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.hex)" }
    let parts = [
      bundle?.digest.hex ?? "", manifest.version, "\(manifest.entry)", manifest.config.text(),
      "\(manifest.needs)", "\(manifest.deadline)", pins.joined(separator: "\n"),
    ]
    return SHA256.hex(of: parts.joined(separator: "\0"))
  }

  /// Set while it is left alone.
  var opening: Breaker.Opening? { breaker.withLock { $0.opening } }

  /// Lets it be called again at once, as if it had never failed.
  func closeBreaker() { breaker.withLock { $0 = Breaker($0.rules) } }
}
