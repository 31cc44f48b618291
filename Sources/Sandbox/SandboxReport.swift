/// What sandbox this host can give, found out by making one.
public struct SandboxReport: Hashable, Sendable {
  /// One part of it.
  public struct Feature: Hashable, Sendable {
    /// Which: `level A`, `level B`, `limits`, `landlock`.
    public var name: String
    /// What there is of it: `ok`, `no`, `cgroup v1`, an ABI version.
    public var state: String
    /// Why it is no better; the call that failed.
    public var reason: String?
    /// What to do about it.
    public var fix: String?
  }

  /// The highest level that works.
  public var level: SandboxLevel
  /// What limits memory and processes: `cgroup v2`, `cgroup v1` or `rlimit`.
  public var limits: String
  /// The parts, for people.
  public var features: [Feature]
}
