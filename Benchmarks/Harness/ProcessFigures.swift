internal import Linux

/// What a process holds, as /proc shows it.
public enum ProcessFigures {
  /// Bytes read of a file in /proc.
  private static let byteCountMax = 1 << 16

  /// What is not as proc(5) has it.
  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  /// VmRSS of a process, in bytes: proc_pid_status(5).
  public static func residentBytes(of pid: Int32) throws -> Double {
    let path = "/proc/\(pid)/status"
    let text = String(decoding: try Files.read(path, limit: byteCountMax), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    guard let kibibytes = line?.split(separator: " ").dropLast().last.flatMap({ Double($0) })
    else { throw Unreadable(description: "\(path) tells no VmRSS") }
    return kibibytes * 1024
  }

  /// Descriptors that a process has open.
  public static func descriptorCount(of pid: Int32) throws -> Int {
    try Files.names(in: "/proc/\(pid)/fd").count
  }

  /// Threads of a process.
  public static func threadCount(of pid: Int32) throws -> Int {
    try Files.names(in: "/proc/\(pid)/task").count
  }
}
