public import Model

/// Where Kaizen keeps its files, for the daemon and for whoever talks to it.
///
/// `--home`, then `KAIZEN_HOME`, put everything under one root; without them the XDG base
/// directories of the user hold it (https://specifications.freedesktop.org/basedir-spec/0.8/).
public struct HomeLayout: Hashable, Sendable {
  /// `config.json`, `policy.json`, `manifest.json` and `plugins/` lie here.
  public var configuration: String
  /// Databases, bundles and the spool.
  public var state: String
  /// `agents/<id>/`: descriptors and generations.
  public var agents: String
  /// The socket and the lock.
  public var runtime: String

  /// The longest path a Unix socket can have, in bytes: `sun_path` less its end (unix(7)).
  public static let socketPathBytesMax = 107

  /// Everything under one root.
  public init(root: String) {
    configuration = root
    state = root + "/state"
    agents = root + "/agents"
    runtime = root + "/run"
  }

  /// The layout that a flag and the environment ask for.
  /// - Throws: `E_HOME` where neither says where, or a path is not absolute.
  public static func find(
    home: String?, environment: [String: String]
  ) throws(KaizenError) -> HomeLayout {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let root = home ?? variable("KAIZEN_HOME") {
      guard root.hasPrefix("/") else {
        throw KaizenError(
          "E_HOME", "the home \"\(root)\" is no absolute path",
          hint: "write the whole path, from /")
      }
      return HomeLayout(
        root: root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root)
    }
    guard let user = variable("HOME"), user.hasPrefix("/") else {
      throw KaizenError(
        "E_HOME", "neither --home nor KAIZEN_HOME nor HOME says where Kaizen keeps its files",
        hint: "give --home DIR")
    }
    var layout = HomeLayout(root: user)
    layout.configuration = (variable("XDG_CONFIG_HOME") ?? user + "/.config") + "/kaizen"
    layout.state = (variable("XDG_STATE_HOME") ?? user + "/.local/state") + "/kaizen"
    layout.agents = (variable("XDG_DATA_HOME") ?? user + "/.local/share") + "/kaizen/agents"
    layout.runtime = variable("XDG_RUNTIME_DIR").map { $0 + "/kaizen" } ?? layout.state + "/run"
    return layout
  }

  /// The control socket.
  public var socket: String { runtime + "/kaizen.sock" }
  /// Held by the living daemon.
  public var lock: String { runtime + "/kaizend.lock" }
  /// Settings.
  public var configFile: String { configuration + "/config.json" }
  /// The Admiral's rules.
  public var policyFile: String { configuration + "/policy.json" }
  /// Components the user registers.
  public var manifestFile: String { configuration + "/manifest.json" }
  /// Bundles dropped in.
  public var plugins: String { configuration + "/plugins" }
  /// Records written while the daemon was down.
  public var spool: String { state + "/spool" }
  /// Backups of the databases.
  public var backups: String { state + "/backups" }
  /// What is remembered of components: last good versions, and what was found guilty of deaths.
  public var componentMemory: String { state + "/components.json" }
  /// Copies of what components consist of, by digest.
  public var bundles: String { state + "/bundles" }
  /// Records of components' calls, and the inputs of those that failed.
  public var calls: String { state + "/calls" }
}
