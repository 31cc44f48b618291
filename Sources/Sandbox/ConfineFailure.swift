internal import Glibc
internal import Linux
internal import Model

/// The call at which a set-up ended, and what would make it succeed.
struct ConfineFailure: Error, Hashable, Sendable {
  var call: String
  var code: Int32
  var subject: String
  var fix: String

  /// `clone(a user namespace): Operation not permitted`.
  var text: String { "\(call)(\(subject)): \(SystemError.text(code))" }

  /// As an error of one command, whose sandbox could otherwise be had.
  func error(running words: [String]) -> KaizenError {
    let hint = fix.isEmpty ? nil : fix
    if call == "execve" {
      return KaizenError(
        "E_INTERPRETER_MISSING",
        "\"\(words[0])\" cannot be executed in the sandbox: \(SystemError.text(code))", hint: hint)
    }
    return KaizenError(
      "E_SANDBOX_SETUP", "no sandbox for \"\(words.joined(separator: " "))\": \(text)", hint: hint)
  }
}
