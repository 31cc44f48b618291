/// How a command ends, for whoever called it.
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
  /// The number.
  public let rawValue: Int32
  /// The status of that number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Done, whatever the verdict.
  public static let done = ExitStatus(rawValue: 0)
  /// Refused or failed.
  public static let failed = ExitStatus(rawValue: 1)
  /// The command line was not understood.
  public static let usage = ExitStatus(rawValue: 2)
  /// The daemon cannot be reached.
  public static let unreachable = ExitStatus(rawValue: 3)
  /// `--require` asked for another verdict.
  public static let otherVerdict = ExitStatus(rawValue: 4)
  /// `exec` itself failed.
  public static let execFailed = ExitStatus(rawValue: 125)
  /// `exec` found the command, and it could not be run.
  public static let execRefused = ExitStatus(rawValue: 126)
  /// `exec` did not find the command.
  public static let execMissing = ExitStatus(rawValue: 127)
}
