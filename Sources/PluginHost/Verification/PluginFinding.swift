/// One thing that a look at a plugin found, in the words its author needs to change it.
public struct PluginFinding: Hashable, Sendable {
  /// How much it matters.
  public enum Severity: String, CaseIterable, Sendable {
    /// It cannot work, or will not everywhere.
    case error
    /// It may not work, or could not be looked at.
    case warning
    /// Good to know; nothing has to be changed.
    case note
  }

  /// How much it matters.
  public var severity: Severity
  /// What it falls under: `library.entry`.
  public var rule: String
  /// What was found.
  public var found: String
  /// What to change; nil where nothing has to be.
  public var fix: String?

  /// Makes a finding.
  public init(_ severity: Severity, _ rule: String, _ found: String, fix: String? = nil) {
    self.severity = severity
    self.rule = rule
    self.found = found
    self.fix = fix
  }
}
