public import Glibc

/// A system call that failed: which, on what, and why.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The value of errno.
  public var code: Int32
  /// The call, as in its man page.
  public var call: String
  /// What it was called on; often a path.
  public var subject: String

  /// Captures errno: make it on the line after the call.
  public init(_ call: String, _ subject: String = "", code: Int32 = errno) {
    self.code = code
    self.call = call
    self.subject = subject
  }

  /// `open("/x"): No such file or directory`.
  public var description: String {
    "\(call)(\(subject.isEmpty ? "" : "\"\(subject)\"")): \(Self.text(code))"
  }

  /// The message for an errno value.
  public static func text(_ code: Int32) -> String {
    strerrordesc_np(code).map { String(cString: $0) } ?? "errno \(code)"
  }
}

/// Repeats `body` while it is interrupted by a signal, and throws what else fails.
@discardableResult
public func retrying<R: SignedInteger>(
  _ call: String, _ subject: String = "", _ body: () -> R
) throws(SystemError) -> R {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw SystemError(call, subject, code: code) }
  }
}
