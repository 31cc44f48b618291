public import Model

/// Who may write where the daemon takes its orders from.
///
/// Whoever can write the settings can make themselves an admin, and whoever can write the folder
/// they lie in can put others in their place: both are as good as being the daemon's user.
public enum HomeTrust {
  /// chmod(1): the bit that lets users write who are neither owner nor of the group.
  private static let writableByAll: UInt32 = 0o002

  /// What is wrong with `path`, which has this mode; nil where not everyone can write it.
  public static func problem(_ path: String, mode: UInt32) -> Problem? {
    if mode & writableByAll == 0 { return nil }
    return Problem(
      file: path, key: "", expected: "no write permission for others",
      found: "mode 0" + String(mode & 0o7777, radix: 8), fix: "chmod o-w \(path)")
  }
}

extension HomeLayout {
  /// What is the daemon's user's alone to write, beside the settings in `configFile`.
  public func trusted(configFile: String) -> [String] {
    [configuration, configFile, policyFile, state, agents]
  }
}
