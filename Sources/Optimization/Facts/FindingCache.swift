import Model
import Synchronization

/// What the Guardian found lately in trees, by what the findings depend on.
final class FindingCache: Sendable {
  /// Trees remembered.
  private static let treesMax = 256

  private let known = Mutex<[String: [Finding]]>([:])

  subscript(key: String) -> [Finding]? {
    get { known.withLock { $0[key] } }
    set {
      known.withLock { known in
        if known.count >= Self.treesMax { known.removeAll() }
        known[key] = newValue
      }
    }
  }
}
