internal import Model
internal import Synchronization

/// The right to have a file open: a process has it once.
///
/// POSIX locks belong to the process: closing any descriptor of a file drops all its locks, so a
/// second connection outside our hands, or a read of the header, would unlock the first.
/// - Source: https://sqlite.org/howtocorrupt.html, section 2.2.
final class Claim: Sendable {
  private static let open = Mutex<Set<String>>([])
  private let path: String

  init(_ path: String) throws(KaizenError) {
    guard Self.open.withLock({ $0.insert(path).inserted }) else {
      throw KaizenError(
        "E_BUSY", "\(path): already open in this process", hint: "use the open one")
    }
    self.path = path
  }

  deinit {
    _ = Self.open.withLock { $0.remove(path) }
  }
}
