import Control
import Glibc
import HTTP
import JSONStream
import Linux
import Model
import Synchronization
import TestSupport

/// The program as it was built, run as a process.
enum Kaizen {
  /// How a process ended and what it wrote.
  struct Result {
    var status: ChildExit.Status
    var output: String
    var errors: String

    var json: JSONValue? { try? JSONDocument.parse(output) }  // nil is what the test then sees
  }

  /// Beside the program that runs the tests.
  static func path() throws -> String {
    try BuildProducts.path("kaizen")
  }

  /// Runs `kaizen` with `words`, its output in files of `directory`, to its end.
  static func run(
    _ words: [String], in directory: TemporaryDirectory, input: String? = nil,
    environment: [String: String] = [:], workingDirectory: String? = nil
  ) throws -> Result {
    let call = "\(UInt64.random(in: .min ... .max))"
    let output = directory.path + "/\(call).out"
    let errors = directory.path + "/\(call).err"
    let outputFile = try FileDescriptor.open(output, O_RDWR | O_CREAT)
    let errorFile = try FileDescriptor.open(errors, O_RDWR | O_CREAT)
    let inputFile = try FileDescriptor.open(
      try input.map { try directory.write("\(call).in", $0) } ?? "/dev/null", O_RDONLY)
    let child = try ChildProcess(
      ChildCommand(
        words: [try path()] + words, environment: Self.environment(environment),
        descriptors: [0: inputFile.raw, 1: outputFile.raw, 2: errorFile.raw],
        workingDirectory: workingDirectory))
    guard let exit = try child.wait(timeout: .seconds(30)) else {
      throw SystemError("wait", words.joined(separator: " "), code: ETIMEDOUT)
    }
    return Result(
      status: exit.status,
      output: String(decoding: try Files.read(output, limit: 1 << 24), as: UTF8.self),
      errors: String(decoding: try Files.read(errors, limit: 1 << 24), as: UTF8.self))
  }

  static func environment(_ more: [String: String]) -> [String: String] {
    ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"]
      .merging(more) { _, new in new }
  }
}

/// A daemon's end of the socket that answers what a test tells it to, and remembers what was asked.
final class ScriptedDaemon: HTTPService {
  let asked = Mutex<[HTTPRequest]>([])
  private let answers: @Sendable (Route.ID, HTTPRequest) throws(KaizenError) -> JSONValue

  init(_ answers: @escaping @Sendable (Route.ID, HTTPRequest) throws(KaizenError) -> JSONValue) {
    self.answers = answers
  }

  func admit(_ request: HTTPRequest) throws(KaizenError) -> Int {
    let match = try RouteTable.match(method: request.method, path: request.path)
    _ = try match.route.query(request.query)
    return match.route.bodyBytesMax
  }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    asked.withLock { $0.append(request) }
    do throws(KaizenError) {
      let match = try RouteTable.match(method: request.method, path: request.path)
      return HTTPResponse(text: try answers(match.route.id, request).text())
    } catch {
      return refuse(error, path: nil)
    }
  }

  func refuse(_ error: KaizenError, path: String?) -> HTTPResponse {
    HTTPResponse(status: error.httpStatus, text: ErrorAnswer(error).json.text())
  }

  /// The bodies of all requests to a path, as JSON.
  func bodies(_ path: String) -> [JSONValue] {
    asked.withLock { $0 }.filter { $0.path == path }.compactMap {
      try? JSONDocument.parse($0.body)  // what is no JSON is not counted
    }
  }
}

/// A home with a scripted daemon serving it.
final class ScriptedHome {
  let directory: TemporaryDirectory
  let daemon: ScriptedDaemon
  let home: String
  private let server: HTTPServer

  init(
    _ answers: @escaping @Sendable (Route.ID, HTTPRequest) throws(KaizenError) -> JSONValue
  ) throws {
    directory = try TemporaryDirectory()
    home = directory.path + "/home"
    daemon = ScriptedDaemon(answers)
    server = try HTTPServer(
      socketPath: HomeLayout(root: home).socket, service: daemon)
  }

  func run(_ words: String..., input: String? = nil) throws -> Kaizen.Result {
    try Kaizen.run(["--home", home] + words, in: directory, input: input)
  }
}
