import Glibc
import Linux
import Model
import Sandbox
import TestSupport

/// The real kaizen-confine of this build, and shell scripts run by it.
enum SandboxFixture {
  static let confiner = Confiner(program: BuiltProgram.path("kaizen-confine"))

  /// Runs a script at level A.
  static func shell(
    _ script: String, _ confinement: Confinement = Confinement(),
    timeout: Duration = .seconds(10), outputLimit: Int = 1 << 20, stdin: [UInt8] = []
  ) throws(KaizenError) -> CommandOutcome {
    try confiner.run(
      ["/bin/sh", "-c", script], confinement, timeout: timeout, outputLimit: outputLimit,
      stdin: stdin)
  }

  /// Whether a process of the host has `marker` among its arguments.
  static func isRunning(_ marker: String) throws -> Bool {
    for name in try Files.names(in: "/proc") where Int32(name) != nil {
      // Processes come and go while we look.
      let bytes = (try? Files.read("/proc/\(name)/cmdline", limit: 1 << 20)) ?? []
      let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      if words.contains(marker) { return true }
    }
    return false
  }

  /// Every path beneath `root` with its kind, mode, owner, size, time and content.
  static func picture(of root: String) throws -> [String] {
    var lines: [String] = []
    for name in try Files.names(in: root) {
      let path = root + "/" + name
      var status = stat()
      guard lstat(path, &status) == 0 else { throw SystemError("lstat", path) }
      let kind = status.st_mode & S_IFMT
      let content = kind == S_IFREG ? try Files.read(path, limit: 1 << 20) : []
      lines.append(
        "\(path) \(status.st_mode) \(status.st_uid) \(status.st_ino) \(status.st_mtim.tv_sec) "
          + "\(status.st_mtim.tv_nsec) \(content)")
      if kind == S_IFDIR { lines += try picture(of: path) }
    }
    return lines
  }

  /// The cgroups of sandboxes of this process that are there now.
  static func cgroups() -> [String] {
    let prefix = "kaizen-\(getpid())-"
    return ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"].flatMap { directory in
      ((try? Files.names(in: directory)) ?? []).filter { $0.hasPrefix(prefix) }  // none mounted
    }
  }
}
