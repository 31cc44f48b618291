import Control
import Glibc
import Linux
import Model
import Telemetry

/// The group whose members may reach the socket: `socket.gid`.
///
/// The folders on the way are the owner's alone unless somebody made them otherwise; the group may
/// pass through them and see no name in them. What each member may ask is up to the roles.
struct SocketGroup {
  /// Its id.
  let id: UInt32
  private let home: HomeLayout
  private let log: Log

  /// Nil where nobody asks for a group: then the socket is the daemon's user's and root's.
  init?(_ parts: DaemonParts) {
    let asked = parts.settings.integer("socket.gid")
    guard asked >= 0, let id = UInt32(exactly: asked) else {
      Self.warnWhereNobodyReaches(parts)
      return nil
    }
    self.id = id
    home = parts.home
    log = parts.log
  }

  /// Lets the group pass through the runtime folder, and through the home where it lies in that.
  /// - Throws: `E_CONFIG` where the daemon's user may not give away to that group.
  func openWay() throws(KaizenError) {
    do throws(SystemError) {
      if home.runtime.hasPrefix(home.configuration + "/") {
        try Files.letPass(id, through: home.configuration)
      }
      try Files.letPass(id, through: home.runtime)
    } catch {
      throw KaizenError(
        "E_CONFIG", "socket.gid: the socket cannot be given to group \(id): \(error)",
        hint: "make the daemon's user a member of that group, or name another one")
    }
    warnOfClosedFolders()
  }

  /// Folders above that are not opened are for their owner to open, who is to know of them.
  private func warnOfClosedFolders() {
    var folder = Files.parent(of: home.runtime)
    while folder != "/" && folder != "." {
      if let found = Files.rights(of: folder), found.mode & 0o001 == 0,
        found.group != id || found.mode & 0o010 == 0
      {
        log.warning(
          "the group in socket.gid cannot pass through a folder above the socket",
          ["folder": .string(folder)])
      }
      folder = Files.parent(of: folder)
    }
  }

  /// Roles are of no use to users who do not reach the socket; that is easily overlooked.
  private static func warnWhereNobodyReaches(_ parts: DaemonParts) {
    var status = stat()
    let users = ["roles.feedback", "roles.operate"].flatMap { parts.settings.userIDs($0) }
    let others = users.filter { $0 != 0 && $0 != OwnProcess.user }
    guard !others.isEmpty, stat(parts.home.runtime, &status) == 0, status.st_mode & 0o011 == 0
    else { return }
    parts.log.warning(
      "users named in roles cannot reach the socket: name a group of theirs in socket.gid",
      ["folder": .string(parts.home.runtime)])
  }
}
