internal import Glibc
internal import Linux
internal import Model

/// The machine that a figure was taken on, and how busy it was then.
enum Machine {
  /// Bytes read of a file in /proc: more processors than that describe are like the first.
  private static let byteCountMax = 1 << 20

  /// What a figure depends on.
  static var description: JSONValue {
    let load = text("/proc/loadavg").split(separator: " ").first.map(String.init) ?? "unknown"
    return [
      "cpu": .string(field("model name", of: "/proc/cpuinfo")),
      "cores": .integer(Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
      "memory": .string(field("MemTotal", of: "/proc/meminfo")),
      "kernel": .string(text("/proc/sys/kernel/osrelease")),
      "load_1m": .string(load),
    ]
  }

  /// The type of the file system that `path` lies on: proc_pid_mounts(5).
  static func fileSystem(of path: String) -> String {
    let mounts = text("/proc/self/mounts").split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      return words.count > 2 ? (place: String(words[1]), type: String(words[2])) : nil
    }
    let above = mounts.filter { $0.place == "/" || path.hasPrefix($0.place + "/") }
    return above.max { $0.place.utf8.count < $1.place.utf8.count }?.type ?? "unknown"
  }

  /// The value after `name` and a colon.
  private static func field(_ name: String, of path: String) -> String {
    for line in text(path).split(separator: "\n") where line.hasPrefix(name) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return trimmed(line[line.index(after: colon)...])
    }
    return "unknown"
  }

  /// Empty where it cannot be read: then the figures stand without it.
  private static func text(_ path: String) -> String {
    // Not a reason to measure nothing.
    let bytes = (try? Files.read(path, limit: byteCountMax)) ?? []
    return trimmed(String(decoding: bytes, as: UTF8.self)[...])
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
