import Glibc
import Linux

/// This process.
enum OwnProcess {
  /// Its number.
  static var id: Int32 { getpid() }
  /// Its user.
  static var user: UInt32 { geteuid() }

  /// The memory it has resident, in MiB; nil where /proc cannot be read (proc(5), statm).
  static func residentMegabytes() -> Double? {
    // A figure for people: without /proc there is none.
    guard let bytes = try? Files.read("/proc/self/statm", limit: 4096) else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
  }

  /// Ends and reaps every child; nobody else would, once this process is another program.
  static func endChildren() {
    // proc_pid_task_children(5): the children of each thread. Without it they stay as zombies.
    for task in (try? Files.names(in: "/proc/self/task")) ?? [] {  // no /proc, no names
      let file = "/proc/self/task/\(task)/children"
      guard let bytes = try? Files.read(file, limit: 1 << 16) else { continue }  // has ended
      for child in String(decoding: bytes, as: UTF8.self).split(separator: " ") {
        guard let pid = Int32(child) else { continue }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
      }
    }
  }

  /// The folder its program lies in: worker, confiner and root manifest are beside it.
  static func programFolder() throws(SystemError) -> String {
    Files.parent(of: try Files.resolve("/proc/self/exe"))
  }

  /// Its environment.
  static func environment() -> [String: String] {
    var values: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return values
  }
}
