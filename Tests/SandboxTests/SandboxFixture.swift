import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

/// Whose daemon starts the sandbox.
enum Daemon: CaseIterable, Sendable, CustomTestStringConvertible {
  case root
  case ordinary

  /// Root can be both; anybody else is ordinary.
  static var possible: [Daemon] { geteuid() == 0 ? allCases : [.ordinary] }

  var testDescription: String { self == .root ? "a root daemon" : "an ordinary user's daemon" }
}

/// A confiner with the real kaizen-confine of this build, and a directory that its daemon owns.
struct SandboxFixture {
  /// Neither root nor anybody with files here.
  static let ordinaryUser: UInt32 = 1234

  let daemon: Daemon
  let confiner: Confiner
  let directory: TemporaryDirectory
  /// The user of the directory and what is made in it.
  let owner: UInt32

  init(_ daemon: Daemon = Daemon.possible[0]) throws {
    self.daemon = daemon
    directory = try TemporaryDirectory("kaizen-sandbox-test")
    let program = try BuildProducts.path("kaizen-confine")
    if daemon == .ordinary && geteuid() == 0 {
      owner = Self.ordinaryUser
      // A copy: the build may lie where only root may look. Made by a child: a file that this
      // process writes is busy (ETXTBSY) while other tests start children, which have it open.
      let copy = directory.path + "/kaizen-confine"
      let wrapper = directory.path + "/drop-and-confine"
      let script = """
        cp '\(program)' '\(copy)' && printf '#!/bin/sh\\nexec setpriv --reuid \(owner) --regid \
        \(owner) --clear-groups \(copy) "$@"\\n' > '\(wrapper)' && chmod 755 '\(copy)' '\(wrapper)'
        """
      let end = try ChildProcess(ChildCommand(words: ["/bin/sh", "-c", script])).wait()
      #expect(end?.status == .exited(0))
      confiner = Confiner(program: wrapper)
    } else {
      owner = geteuid()
      confiner = Confiner(program: program)
    }
    chown(directory.path, owner, owner)
  }

  /// Runs a script.
  func shell(
    _ script: String, _ confinement: Confinement = Confinement(),
    timeout: Duration = .seconds(20), outputLimit: Int = 1 << 20, stdin: [UInt8] = []
  ) throws(KaizenError) -> CommandOutcome {
    try confiner.run(
      ["/bin/sh", "-c", script], confinement, timeout: timeout, outputLimit: outputLimit,
      stdin: stdin)
  }

  /// What a script writes to stdout and stderr, without the last line's end.
  func text(
    _ script: String, _ confinement: Confinement = Confinement()
  ) throws(KaizenError) -> String {
    let outcome = try shell("exec 2>&1; " + script, confinement)
    let text = outcome.stdout.text
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Makes a small tree of the owner's beneath the directory, and returns its path.
  func tree(_ name: String = "agent") throws -> String {
    let root = directory.path + "/" + name
    try directory.write(name + "/main.txt", "main\n")
    try directory.write(name + "/folder/inner.txt", "inner\n")
    try directory.write(name + "/secret.txt", "secret\n", mode: 0o600)
    symlink("main.txt", root + "/link")
    chmod(root, 0o750)
    for path in ["", "/main.txt", "/folder", "/folder/inner.txt", "/secret.txt", "/link"] {
      lchown(root + path, owner, owner)
    }
    return root
  }

  /// Every path beneath `root` with its kind, mode, owner, inode, time and content.
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

  /// How many processes of the host have `marker` as an argument.
  static func running(_ marker: String) throws -> Int {
    try Files.names(in: "/proc").count { name in
      guard Int32(name) != nil,
        let bytes = try? Files.read("/proc/\(name)/cmdline", limit: 1 << 20)  // gone meanwhile
      else { return false }
      return bytes.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == marker }
    }
  }

  /// The folders of the cgroups this process is in, in every hierarchy.
  private static func ownGroups() throws -> [String] {
    let own = (try? Files.read("/proc/self/cgroup", limit: 1 << 16)) ?? []  // no cgroups at all
    return String(decoding: own, as: UTF8.self).split(separator: "\n").flatMap { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      return ["\(parts[1])", "unified", ""].map { "/sys/fs/cgroup/\($0)\(parts[2])" }
    }.filter(Files.isDirectory)
  }

  /// The cgroups with this name, in every hierarchy.
  static func cgroups(named name: String) throws -> [String] {
    try ownGroups().map { $0 + "/" + name }.filter(Files.exists)
  }

  /// The supervisors of the sandboxes of this process that have a cgroup.
  static func groupsOfThisProcess() throws -> Set<Int32> {
    let prefix = "kaizen-\(getpid())-"
    let names = try ownGroups().flatMap { try Files.names(in: $0) }
    return Set(
      names.filter { $0.hasPrefix(prefix) }.compactMap { Int32($0.dropFirst(prefix.count)) })
  }
}
