import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

/// Every way out that `Tests/Fixtures/escapes.c` tries, by name.
private let escapes = [
  "dotdot_read", "dotdot_write", "absolute_read", "absolute_write", "create_beside",
  "symlink_file", "symlink_folder", "symlink_proc", "hard_link", "hard_link_system", "rename_out",
  "link_nameless", "truncate_out", "unlink_out", "write_bundle", "write_system", "read_shadow",
  "handle", "watch_files", "setuid_file", "setuid_created", "file_capability", "give_away",
  "device", "system_devices", "proc_memory", "proc_root", "environment", "descriptors", "trace",
  "foreign_memory", "signals", "signals_by_descriptor", "foreign_descriptor", "shared_memory",
  "shared_file", "tcp", "socket_by_path", "socket_by_name", "raw_socket", "machine_socket", "ring",
  "mounts", "new_mounts", "user_namespace", "mount_namespace", "cloned_namespace",
  "other_namespace", "change_root", "become_root", "setuid_program", "core_pattern", "sysrq",
  "sys_files", "control_groups", "programs_in_kernel", "keys", "counters", "faults",
  "terminal_input", "machine", "more_resources", "large_file", "other_architecture", "outlive",
]

/// Where signals are counted and names shared with the machine, one test runs at a time.
@Suite("A plugin that tries to get out of its sandbox", .serialized) struct EscapeTests {
  private let rig: HostRig
  private let ground: EscapeGround

  init() throws {
    rig = try HostRig()
    ground = try EscapeGround()
    try dropIn()
  }

  private func dropIn(reading path: String? = nil) throws {
    let read = path.map { #""read": ["\#($0)"], "# } ?? ""
    try rig.libraryBundle(
      "escapes", kind: "applier",
      #", "risk": "low", "deadline_ms": 10000, "needs": {\#(read)"write": ["**"]}"#)
  }

  private func attempt(_ name: String, in host: ComponentHost) throws -> [String] {
    var input = try rig.application(try id("finder"))
    input.item.opportunity.title = name
    input.item.opportunity.evidence = ground.evidence
    return try host.apply(try id("escapes"), input).remarks.notes
  }

  @Test("is held, and the outside is unchanged", arguments: escapes)
  func held(name: String) throws {
    let host = try rig.host()
    #expect(try attempt(name, in: host) == ["held"])
    #expect(try ground.damage() == [])
    // What it left in the clone is no way out either: no device, no setuid file, no foreign link.
    for file in try Files.names(in: rig.folder.path + "/agent") {
      var status = stat()
      lstat("\(rig.folder.path)/agent/\(file)", &status)
      #expect([S_IFREG, S_IFDIR, S_IFLNK].contains(status.st_mode & S_IFMT), "\(file)")
      #expect(status.st_mode & (S_ISUID | S_ISGID) == 0, "\(file)")
      #expect(status.st_mode & S_IFMT == S_IFDIR || status.st_nlink == 1, "\(file)")
    }
  }

  @Test("is seen where it does get out: what the manifest lets it read, it reads")
  func control() throws {
    try dropIn(reading: ground.path)
    #expect(
      try attempt("absolute_read", in: try rig.host()) == ["reached \(ground.path)/secret.txt"])
    #expect(try ground.damage() == [])
  }

  @Test("leaves no process behind that could go on later")
  func outlive() throws {
    let host = try rig.host()
    _ = try attempt("outlive", in: host)
    let lock = open(rig.folder.path + "/agent/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    defer { close(lock) }
    // Whoever holds it is a process of the sandbox that is still there.
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    #expect(!Files.exists(rig.folder.path + "/agent/late.txt"))
  }

  @Test("knows every way that is listed here")
  func complete() throws {
    let source = String(
      decoding: try Files.read(
        Compiler.packageRoot + "/Tests/Fixtures/escapes.c", limit: 1 << 20), as: UTF8.self)
    let known = source.split(separator: "ESCAPE(").dropFirst().compactMap {
      $0.split(separator: ")").first
    }
    #expect(Set(known.map(String.init)).subtracting(["name"]) == Set(escapes))
    #expect(escapes.count >= 30)
  }
}
