import Glibc
import Linux
import Model

/// The owner's command that tells a running agent that its files are new.
///
/// It acts on the system, so it is not confined; but it gets nothing of the daemon's: neither its
/// environment nor, where the agent's folder is another user's, the rights of root.
struct ReloadCommand: Sendable {
  /// Where programs are looked up.
  static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  // Of util-linux: https://man7.org/linux/man-pages/man1/setpriv.1.html
  private static let setpriv = "/usr/bin/setpriv"
  /// Longest entry of the user database, in bytes.
  private static let accountByteCountMax = 16 << 10

  let command: AgentDescriptor.Command
  /// The agent's folder, where the command starts.
  let root: String
  /// The live tree, whose owner it runs as; a managed agent's path is a link, which may be root's.
  let tree: String

  /// Runs it; nil where it ended with 0 in time.
  func problem() -> String? {
    do throws(SystemError) {
      let null = try FileDescriptor.open("/dev/null", O_RDONLY)
      let (words, user) = try wordsAndUser()
      let child = try ChildProcess(
        ChildCommand(
          words: words, environment: Self.environment(of: user),
          descriptors: [0: null.raw, 1: 1, 2: 2], workingDirectory: root, newSession: true))
      guard let exit = try child.wait(timeout: command.timeout) else {
        _ = try child.killSession()
        return "the reload command was ended after \(command.timeout.milliseconds) ms"
      }
      return exit.status == .exited(0) ? nil : "the reload command ended with \(exit.status)"
    } catch {
      return "the reload command could not be run: \(error)"
    }
  }

  /// What is executed, and as whom.
  private func wordsAndUser() throws(SystemError) -> ([String], uid_t) {
    var status = stat()
    if lstat(tree, &status) != 0 { throw SystemError("lstat", tree) }
    let words = ["/usr/bin/env"] + command.words
    if geteuid() != 0 || status.st_uid == 0 { return (words, geteuid()) }
    return (
      [
        Self.setpriv, "--reuid", "\(status.st_uid)", "--regid", "\(status.st_gid)",
        "--clear-groups",
      ] + words, status.st_uid
    )
  }

  private static func environment(of user: uid_t) -> [String: String] {
    [
      "PATH": searchPath, "HOME": home(of: user),
      "LANG": getenv("LANG").map { String(cString: $0) } ?? "C.UTF-8",
    ]
  }

  /// A user's home; `/` for one that no database knows.
  private static func home(of user: uid_t) -> String {
    var account = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: accountByteCountMax) { buffer in
      guard let start = buffer.baseAddress,
        getpwuid_r(user, &account, start, buffer.count, &found) == 0,
        let home = found?.pointee.pw_dir
      else { return "/" }
      return String(cString: home)
    }
  }
}
