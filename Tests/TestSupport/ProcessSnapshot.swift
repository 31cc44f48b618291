public import Linux

/// A process as /proc shows it (proc(5)), told from a later one of the same number by its start.
public struct ProcessSnapshot: Hashable, Sendable, CustomStringConvertible {
  /// Its number.
  public var pid: Int32
  /// Its parent's number.
  public var parent: Int32
  /// Its state's letter, such as `R` or `Z`.
  public var state: Character
  /// When it started, in clock ticks since the start of the machine.
  public var startTicks: UInt64
  /// The first 15 bytes of its program's name.
  public var name: String

  /// As a line for people.
  public var description: String { "\(name) (\(pid), \(state))" }

  /// The process of that number; nil where there is none.
  public init?(_ pid: Int32) {
    // Gone between being listed and being read: then it is not there.
    guard let bytes = try? Files.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    // The name may hold anything, parentheses too: what follows the last one is numbers.
    guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else {
      return nil
    }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
      let start = UInt64(fields[19])
    else { return nil }
    self.pid = pid
    self.parent = parent
    self.state = state
    startTicks = start
    name = String(text[text.index(after: open)..<close])
  }

  /// Whether this very process still runs; one that waits for its parent to take note does not.
  public var isAlive: Bool {
    guard let now = ProcessSnapshot(pid) else { return false }
    return now.startTicks == startTicks && now.state != "Z"
  }

  /// Every process beneath `root`, without it.
  public static func descendants(of root: Int32) throws(SystemError) -> [ProcessSnapshot] {
    let all = try Files.names(in: "/proc").compactMap { Int32($0) }.compactMap { Self($0) }
    let children = Dictionary(grouping: all, by: \.parent)
    var found: [ProcessSnapshot] = []
    var left = children[root] ?? []
    while let next = left.popLast() {
      found.append(next)
      left += children[next.pid] ?? []
    }
    return found
  }
}
