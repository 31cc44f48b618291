import Control
import Glibc
import Linux
import Synchronization
import TestSupport

/// A socket before a daemon's own that passes on what comes, and remembers what was asked.
final class RequestRelay: Sendable {
  /// What to give `kaizen` as `--home`.
  let home: String
  private let lines = Mutex<[String]>([])
  private let listener: FileDescriptor
  private let target: String

  init(before daemon: DaemonUnderTest) throws {
    home = daemon.directory.path + "/relay"
    target = daemon.socket
    let path = HomeLayout(root: home).socket
    try Files.makeDirectories(Files.parent(of: path))
    listener = try UnixSocket.listen(path, mode: 0o600)
    let raw = listener.raw
    _ = try BlockingThread(name: "relay") { [weak self] in
      // Until the listener is shut down.
      while let client = try? UnixSocket.accept(raw) {
        guard let self else { return }
        try? self.pass(client)  // a connection that breaks is a failure of the command's
      }
    }
  }

  deinit { shutdown(listener.raw, Int32(SHUT_RDWR)) }

  /// The requests since the last call, as `GET /v1/status`.
  func taken() -> [String] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }

  private func pass(_ client: borrowing FileDescriptor) throws {
    var request: [UInt8] = []
    while !Self.isWhole(request) {
      let part = try Self.read(client)
      if part.isEmpty { return }
      request += part
    }
    let line = String(decoding: request.prefix { $0 != 13 }, as: UTF8.self)
    let words = line.split(separator: " ")
    let path = words.dropFirst().first?.split(separator: "?").first ?? ""
    lines.withLock { $0.append("\(words.first ?? "") \(path)") }
    let daemon = try UnixSocket.connect(target, timeout: .seconds(5))
    try daemon.writeAll(request)
    while true {
      let part = try Self.read(daemon)
      if part.isEmpty { return }
      try client.writeAll(part)
    }
  }

  private static func read(_ socket: borrowing FileDescriptor) throws -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let raw = socket.raw
    let count = try retrying("read") { Glibc.read(raw, &chunk, chunk.count) }
    return Array(chunk[..<count])
  }

  /// Whether the head and as much body as it announces are there.
  private static func isWhole(_ request: [UInt8]) -> Bool {
    let text = String(decoding: request, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
    let length = text.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
      .flatMap { Int($0.dropFirst("Content-Length: ".count)) }
    return text[end.upperBound...].utf8.count >= length ?? 0
  }
}
