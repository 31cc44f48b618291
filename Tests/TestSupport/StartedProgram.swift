import Glibc
public import Linux

/// How a program ended, and what it wrote.
public struct FinishedProgram: Sendable, CustomStringConvertible {
  /// The exit status; 128 + the signal where one ended it, as a shell has it.
  public var status: Int32
  /// What it wrote to stdout.
  public var stdout: String
  /// What it wrote to stderr.
  public var stderr: String

  /// All of it, for the explanation of a failed expectation.
  public var description: String { "status \(status)\nstdout: \(stdout)\nstderr: \(stderr)" }
}

/// A program under way, its output in files.
///
/// Files, unlike pipes, never make it wait for its reader. It is killed with its owner.
public final class StartedProgram: Sendable {
  /// The process.
  public let child: ChildProcess
  private let output: String
  private let errors: String

  /// Most bytes read of each output.
  private static let outputBytesMax = 1 << 24

  /// Starts `words`, whose first is a path, with files for its streams in `directory`.
  public init(
    _ words: [String], environment: [String: String], input: String? = nil,
    workingDirectory: String? = nil, in directory: TemporaryDirectory
  ) throws {
    let call = directory.path + "/call-\(UInt64.random(in: .min ... .max))"
    output = call + ".out"
    errors = call + ".err"
    let outputFile = try FileDescriptor.open(output, O_WRONLY | O_CREAT)
    let errorFile = try FileDescriptor.open(errors, O_WRONLY | O_CREAT)
    let source = input == nil ? "/dev/null" : call + ".in"
    if let input {
      try FileDescriptor.open(source, O_WRONLY | O_CREAT).writeAll(input.utf8)
    }
    let inputFile = try FileDescriptor.open(source, O_RDONLY)
    if input != nil { unlink(source) }
    child = try ChildProcess(
      ChildCommand(
        words: words, environment: environment,
        descriptors: [0: inputFile.raw, 1: outputFile.raw, 2: errorFile.raw],
        workingDirectory: workingDirectory))
  }

  deinit {
    unlink(output)
    unlink(errors)
  }

  /// Waits for its end; nil when the time is up.
  public func finish(timeout: Duration) throws -> FinishedProgram? {
    guard let exit = try child.wait(timeout: timeout) else { return nil }
    let status =
      switch exit.status {
      case .exited(let status): status
      case .signaled(let signal): 128 + signal
      }
    return FinishedProgram(status: status, stdout: try text(output), stderr: try text(errors))
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try Files.read(path, limit: Self.outputBytesMax), as: UTF8.self)
  }
}
