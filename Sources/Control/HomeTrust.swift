public import Model

/// Who may write where the daemon takes its orders from.
///
/// Whoever can write the settings can make themselves an admin, and whoever can write the folder
/// they lie in can put others in their place: both are as good as being the daemon's user.
public enum HomeTrust {
  /// chmod(1): the bit that lets users write who are neither owner nor of the group.
  private static let writableByAll: UInt32 = 0o002

  /// The same of the group, which is not to be trusted where it is the socket's.
  private static let writableByGroup: UInt32 = 0o020
  /// In such a folder, as /tmp, only owners replace files.
  static let sticky: UInt32 = 0o1000

  /// What is wrong with `path`, which has this mode; nil where not everyone can write it.
  public static func problem(
    _ path: String, mode: UInt32, isSocketGroups: Bool = false
  ) -> Problem? {
    if isSocketGroups && mode & writableByGroup != 0 {
      return Problem(
        file: path, key: "", expected: "no write permission for the group in socket.gid",
        found: "mode 0" + String(mode & 0o7777, radix: 8), fix: "chmod g-w \(path)")
    }
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

  /// What is wrong with that, and with the folder `configFolder` of the settings.
  /// - Parameters:
  ///   - socketGroup: the value of `socket.gid`; -1 for none, or where it is not known yet.
  ///   - rights: the mode and the group of a path; nil where nothing is.
  public func trustProblems(
    configFile: String, configFolder: String, socketGroup: Int,
    rights: (String) -> (mode: UInt32, group: UInt32)?
  ) -> [Problem] {
    var problems: [Problem] = []
    for path in trusted(configFile: configFile) {
      guard let found = rights(path) else { continue }
      let isSocketGroups = Int(found.group) == socketGroup
      if let problem = HomeTrust.problem(path, mode: found.mode, isSocketGroups: isSocketGroups) {
        problems.append(problem)
      }
    }
    guard configFolder != configuration, let found = rights(configFolder),
      found.mode & HomeTrust.sticky == 0,
      let problem = HomeTrust.problem(
        configFolder, mode: found.mode, isSocketGroups: Int(found.group) == socketGroup)
    else { return problems }
    return problems + [problem]
  }
}
