internal import Glibc
internal import Linux

/// Where answers and remarks go.
final class Terminal: Sendable {
  /// Whether remarks are read by a person now.
  let isInteractive = isatty(2) == 1

  /// Writes an answer to stdout.
  func write(_ text: String) { Self.write(1, text) }

  /// Writes lines of an answer to stdout.
  func write(lines: [String]) { write(lines.map { $0 + "\n" }.joined()) }

  /// Writes a remark to stderr.
  func remark(_ text: String) { Self.write(2, text + "\n") }

  /// Shows how long something has been going on, on a line that goes away; where nobody watches,
  /// as lines that become rarer: at 2 s, 4 s, 8 s and so on.
  func showWaiting(_ seconds: Int, for what: String = "") {
    let text = what.isEmpty ? "… \(seconds) s" : "\(what): \(seconds) s"
    if isInteractive {
      Self.write(2, "\r\(text)\u{1b}[K")
    } else if seconds >= 2, seconds & (seconds - 1) == 0 {
      Self.write(2, text + "\n")
    }
  }

  /// Removes that line.
  func endWaiting() {
    if isInteractive { Self.write(2, "\r\u{1b}[K") }
  }

  private static func write(_ number: Int32, _ text: String) {
    // Borrowed: the descriptor is the process's own and stays open.
    let descriptor = FileDescriptor(owning: number)
    // try? because nobody is left to tell where the reader has gone.
    try? descriptor.writeAll(text.utf8)
    _ = descriptor.release()
  }
}
