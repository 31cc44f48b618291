internal import Control
internal import Glibc
internal import Linux
internal import Model

/// `doctor`: what this host and home can do, seen from here and, where it answers, by the daemon.
enum Doctor {
  /// One thing that was looked at.
  private struct Check {
    var name: String
    var isGood: Bool
    var found: String
    var fix: String?

    var json: JSONValue {
      [
        "name": .string(name), "ok": .bool(isGood), "found": .string(found),
        "fix": fix.map(JSONValue.string) ?? .null,
      ]
    }
  }

  static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let layout = try call.layout()
    var checks = [socketPath(layout)]
    checks += folders(layout).map(folder)
    checks += DoctorBackups.found(layout).map {
      Check(name: $0.name, isGood: $0.isGood, found: $0.found, fix: $0.fix)
    }
    checks += kernel()
    checks += try daemon(call)
    let isGood = checks.allSatisfy(\.isGood)
    if call.isJSON {
      let list: JSONValue = [
        "items": .array(checks.map(\.json)), "count": .integer(Int64(checks.count)),
        "ok": .bool(isGood),
      ]
      call.terminal.write(list.text() + "\n")
    } else {
      for check in checks {
        let mark = check.isGood ? "ok  " : "FAIL"
        call.terminal.write(lines: ["\(mark) \(check.name): \(check.found)"])
        if let fix = check.fix { call.terminal.write(lines: ["     fix: \(fix)"]) }
      }
    }
    return isGood ? .done : .failed
  }

  private static func socketPath(_ layout: HomeLayout) -> Check {
    let count = layout.socket.utf8.count
    let fits = count <= UnixSocket.pathBytesMax
    return Check(
      name: "socket path", isGood: fits, found: "\(layout.socket), \(count) bytes",
      fix: fits ? nil : "choose a home of at most \(UnixSocket.pathBytesMax - 16) bytes")
  }

  private static func folders(_ layout: HomeLayout) -> [(name: String, path: String)] {
    [
      ("configuration", layout.configuration), ("state", layout.state),
      ("agents", layout.agents), ("runtime", layout.runtime),
    ]
  }

  /// A folder that is there must be writable; one that is not, is made by the daemon.
  private static func folder(_ name: String, _ path: String) -> Check {
    guard Files.exists(path) else {
      return Check(name: name, isGood: true, found: "\(path), to be made by the daemon")
    }
    if access(path, W_OK | X_OK) == 0 {
      var space = statvfs()
      guard statvfs(path, &space) == 0 else {
        return Check(name: name, isGood: true, found: "\(path), writable")
      }
      let free = Int(space.f_bavail) * Int(space.f_frsize)
      let isEnough = free >= freeBytesMin
      return Check(
        name: name, isGood: isEnough, found: "\(path), writable, \(Figures.bytes(free)) free",
        fix: isEnough
          ? nil
          : "free space: below \(Figures.bytes(freeBytesMin)) no backup is made, and feedback and trials "
            + "soon fail")
    }
    let error = SystemError("access", path)
    return Check(
      name: name, isGood: false, found: "\(path): \(SystemError.text(error.code))",
      fix: "make it writable for uid \(geteuid()), or choose another --home")
  }

  /// Bytes that should be free: what a backup leaves of the disk at least.
  private static let freeBytesMin = 64 << 20

  private static func kernel() -> [Check] {
    var checks: [Check] = []
    if let version = line("/proc/sys/kernel/osrelease") {
      checks.append(Check(name: "kernel", isGood: true, found: version))
    }
    if let modules = line("/sys/kernel/security/lsm") {
      let has = modules.split(separator: ",").contains("landlock")
      checks.append(
        Check(
          name: "landlock", isGood: has, found: has ? "on" : "off (\(modules))",
          fix: has ? nil : "add landlock to the kernel's lsm= list"))
    }
    let limit = line("/proc/sys/user/max_user_namespaces")
    let isOn = limit != "0"
    let isRestricted = line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
    let needed = geteuid() != 0
    checks.append(
      Check(
        name: "user namespaces", isGood: !needed || (isOn && !isRestricted),
        found: !isOn ? "none allowed" : isRestricted ? "restricted by AppArmor" : "allowed",
        fix: isOn && !isRestricted
          ? nil : "set user.max_user_namespaces, or install an AppArmor profile for kaizen-confine")
    )
    let version2 = Files.exists("/sys/fs/cgroup/cgroup.controllers")
    checks.append(
      Check(
        name: "cgroups", isGood: true,
        found: version2 ? "version 2" : "version 1 or hybrid: limits by version 1 or rlimits"))
    return checks
  }

  private static func daemon(_ call: Invocation) throws(KaizenError) -> [Check] {
    do throws(KaizenError) {
      let status = try call.client().ask(.status, StatusAnswer.self, timeout: .seconds(5)).value
      return [
        Check(
          name: "daemon", isGood: true,
          found: "\(status.version), process \(status.pid), uid \(status.uid)"),
        Check(
          name: "sandbox", isGood: status.level == "A",
          found: "level \(status.level)" + (status.limits.map { ", limits by \($0)" } ?? ""),
          fix: status.level == "A" ? nil : "see the problems below"),
      ] + status.problems.map { Check(name: "problem", isGood: false, found: $0) }
    } catch {
      guard error.code == "E_UNREACHABLE" || error.code == "E_TIMEOUT" else { throw error }
      return [Check(name: "daemon", isGood: false, found: error.message, fix: error.hint)]
    }
  }

  /// The first line of a small file of the kernel's; nil where there is none.
  private static func line(_ path: String) -> String? {
    // try? because not every kernel has every file; what is not there is not shown.
    guard let bytes = try? Files.read(path, limit: 4096) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}
