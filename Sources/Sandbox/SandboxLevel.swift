/// How much stands between a command and the host.
public enum SandboxLevel: String, Hashable, Sendable, Comparable, CaseIterable {
  /// C: nothing but limits; only where someone asked for it.
  case none = "C"
  /// B: Landlock, seccomp and limits; files keep their places.
  case restricted = "B"
  /// A: everything of B in namespaces of its own, files shown where they are wanted.
  case full = "A"

  private var strength: Int {
    switch self {
    case .none: 0
    case .restricted: 1
    case .full: 2
    }
  }

  /// Weaker than the other.
  public static func < (one: SandboxLevel, other: SandboxLevel) -> Bool {
    one.strength < other.strength
  }
}
