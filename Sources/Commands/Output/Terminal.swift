internal import Glibc
internal import Linux
internal import Model
internal import Synchronization

/// Where answers and remarks go.
final class Terminal: Sendable {
  /// Whether remarks are read by a person now.
  let isInteractive = isatty(2) == 1
  /// Why an answer could not be written; nobody is told of a reader that has gone.
  private let failure = Mutex<SystemError?>(nil)

  /// Writes an answer for programs, or text of this program's own, to stdout.
  func write(_ text: String) {
    do throws(SystemError) { try Self.write(1, text) } catch {
      if error.code != EPIPE { failure.withLock { $0 = $0 ?? error } }
    }
  }

  /// What kept an answer from being written, such as a disk that is full; nil where all was.
  var writeFailure: SystemError? { failure.withLock { $0 } }

  /// Writes lines of an answer to stdout.
  func write(lines: [String]) { write(lines.map { Self.plain($0) + "\n" }.joined()) }

  /// Writes a remark to stderr.
  func remark(_ text: String) { Self.tell(Self.plain(text) + "\n") }

  /// Text that does nothing to a terminal but stand there.
  ///
  /// Titles, reasons, differences and errors hold what agents and their inputs wrote: an escape
  /// sequence in them could hide a line of a change that waits for approval, or retitle the window.
  /// Controls, C1 ones too, and what turns the order of what is seen are shown as `\u{1B}`
  /// (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, Unicode TR 36, section 2.5).
  static func plain(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var plain = ""
    for scalar in text.unicodeScalars {
      if isActive(scalar) {
        plain += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }

  private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0: true
    // Marks, embeddings, overrides and isolates of direction; line and paragraph separators.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// Shows how long something has been going on, on a line that goes away, where a person watches.
  func showWaiting(_ seconds: Int, for what: String = "") {
    show(what.isEmpty ? "… \(seconds) s" : "\(what): \(seconds) s")
  }

  /// Puts `text` on the line that goes away; nothing where nobody watches.
  func show(_ text: String) {
    if isInteractive { Self.tell("\r\(Self.plain(text))\u{1b}[K") }
  }

  /// Removes that line.
  func endWaiting() {
    if isInteractive { Self.tell("\r\u{1b}[K") }
  }

  /// A remark for a person who watches; nothing where nobody does.
  func hint(_ text: String) {
    if isInteractive { remark(text) }
  }

  /// Runs `body`, and shows each second that it goes on.
  func watching<R>(
    _ what: String, _ body: () throws(KaizenError) -> R
  ) throws(KaizenError) -> R {
    guard isInteractive else { return try body() }
    let isOver = Condition(false)
    let began = Clock.monotonic()
    // try? because what goes on does so without being shown, too.
    let thread = try? BlockingThread(name: "progress") {
      while isOver.wait(timeout: .seconds(1), until: { $0 ? true : nil }) == nil {
        self.showWaiting(Int((Clock.monotonic() - began).components.seconds), for: what)
      }
    }
    defer {
      isOver.update { $0 = true }
      thread?.join()
      endWaiting()
    }
    return try body()
  }

  /// Writes to stderr.
  private static func tell(_ text: String) {
    // try? because nobody is left to tell where that fails.
    try? write(2, text)
  }

  private static func write(_ number: Int32, _ text: String) throws(SystemError) {
    // Borrowed: the descriptor is the process's own and stays open.
    let descriptor = FileDescriptor(owning: number)
    do throws(SystemError) { try descriptor.writeAll(text.utf8) } catch {
      _ = descriptor.release()
      throw error
    }
    _ = descriptor.release()
  }
}
