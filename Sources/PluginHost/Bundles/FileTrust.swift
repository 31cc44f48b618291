internal import Glibc
internal import Linux
import Model

/// Whether people other than root and the daemon's own user can change a file.
///
/// Whoever can write a plugin runs code as the component it belongs to.
enum FileTrust {
  /// What people drop in: owned by root or this user, written by nobody else.
  case dropped
  /// The daemon's own build, whose owner could replace the daemon as well: not written by all.
  case ownBuild

  /// The problem with `path`, or nil where it can be trusted.
  ///
  /// A POSIX ACL that lets others write shows in the group's bits too (acl(5)), so that the mode
  /// alone tells.
  func problem(_ path: String, followingLinks: Bool = false) -> Problem? {
    var status = stat()
    if (followingLinks ? stat(path, &status) : lstat(path, &status)) != 0 {
      let error = SystemError(followingLinks ? "stat" : "lstat", path)
      return Problem(
        file: path, key: "", expected: "a readable file or folder",
        found: SystemError.text(error.code).lowercased(),
        fix: "put it there or correct its name")
    }
    if status.st_mode & S_IFMT == S_IFLNK {
      return Problem(
        file: path, key: "", expected: "a file or a folder", found: "a symbolic link",
        fix: "put the file itself there")
    }
    let isOurs = status.st_uid == 0 || status.st_uid == geteuid() || self == .ownBuild
    if !isOurs {
      return Problem(
        file: path, key: "", expected: "root or uid \(geteuid()) as its owner",
        found: "uid \(status.st_uid)", fix: "chown it to the daemon's user")
    }
    if status.st_mode & forbidden == 0 { return nil }
    return Problem(
      file: path, key: "",
      expected: "no write permission for \(self == .dropped ? "group and others" : "others")",
      found: "mode 0" + String(status.st_mode & 0o7777, radix: 8),
      fix: "chmod \(self == .dropped ? "go-w" : "o-w") \(path)")
  }

  private var forbidden: mode_t { self == .dropped ? 0o022 : 0o002 }
}
