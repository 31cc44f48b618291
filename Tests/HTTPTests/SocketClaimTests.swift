import Glibc
import HTTP
import Linux
import Model
import TestSupport
import Testing

private let request = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

@Suite("Claiming a socket path") struct SocketClaimTests {
  @Test("makes the folder and a socket for owner and group only")
  func modes() throws {
    let served = try Served()
    var status = stat()
    #expect(lstat(served.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    #expect(stat(Files.parent(of: served.path), &status) == 0)
    #expect(status.st_mode & 0o007 == 0)
  }

  @Test("a path over 107 bytes is refused by name")
  func longPath() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/" + String(repeating: "x", count: 108 - directory.path.utf8.count)
    let error = #expect(throws: KaizenError.self) {
      try HTTPServer(socketPath: path, service: EchoService())
    }
    #expect(error?.code == "E_SOCKET_PATH")
    #expect(error?.message.contains(path) == true)
    #expect(error?.message.contains("109 bytes") == true)
  }

  @Test("a path of 107 bytes is served")
  func longestPath() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/" + String(repeating: "x", count: 106 - directory.path.utf8.count)
    let server = try HTTPServer(socketPath: path, service: EchoService())
    #expect(try ask(path, request).contains("200"))
    server.stop(grace: .seconds(1))
  }

  @Test("a socket served by a living server is left to it, and its process is named")
  func living() throws {
    let served = try Served()
    let error = #expect(throws: KaizenError.self) {
      try HTTPServer(socketPath: served.path, service: EchoService())
    }
    #expect(error?.code == "E_ALREADY_RUNNING")
    #expect(error?.message.contains(served.path) == true)
    #expect(error?.message.contains("process \(getpid())") == true)
    #expect(try ask(served.path, request).contains("200"))
  }

  @Test("a socket served by something else is left alone too")
  func foreign() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/k.sock"
    let listener = try UnixSocket.listen(path, mode: 0o600)
    let error = #expect(throws: KaizenError.self) {
      try HTTPServer(socketPath: path, service: EchoService())
    }
    #expect(error?.code == "E_ALREADY_RUNNING")
    #expect(Files.exists(path))
    _ = listener.raw
  }

  @Test("a socket left over from a crash is replaced")
  func leftover() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/k.sock"
    do { _ = try UnixSocket.listen(path, mode: 0o600) }  // closed at once, the file stays
    #expect(Files.exists(path))
    let server = try HTTPServer(socketPath: path, service: EchoService())
    #expect(try ask(path, request).contains("200"))
    server.stop(grace: .seconds(1))
  }

  @Test("what is no socket is never removed")
  func noSocket() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("k.sock", "precious")
    let error = #expect(throws: KaizenError.self) {
      try HTTPServer(socketPath: path, service: EchoService())
    }
    #expect(error?.code == "E_SOCKET_PATH")
    #expect(try Files.read(path, limit: 100) == Array("precious".utf8))
  }

  @Test("a folder that others may write is refused")
  func openDirectory() throws {
    let directory = try TemporaryDirectory()
    chmod(directory.path, 0o777)
    let error = #expect(throws: KaizenError.self) {
      try HTTPServer(socketPath: directory.path + "/k.sock", service: EchoService())
    }
    #expect(error?.code == "E_SOCKET_DIRECTORY")
  }
}

@Suite("Stopping a server") struct StoppingTests {
  @Test("lets the request under way end, and takes no new one")
  func graceful() throws {
    let served = try Served()
    let client = try RawClient(served.path)
    try client.send("GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    _ = served.service.waiting.wait(timeout: .seconds(5)) { $0 == 1 ? true : nil }
    let server = served.server
    let stopper = try BlockingThread(name: "stopper") { server.stop(grace: .seconds(5)) }
    while Files.exists(served.path) { sched_yield() }
    #expect(throws: SystemError.self) { try RawClient(served.path) }
    served.service.gate.update { $0 = true }
    stopper.join()
    #expect(try client.readToEnd().hasSuffix("waited"))
  }

  @Test("closes idle connections at once and frees the path")
  func idle() throws {
    let served = try Served()
    let client = try RawClient(served.path)
    try client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try client.readSome()
    let began = Clock.monotonic()
    served.server.stop(grace: .seconds(10))
    #expect(Clock.monotonic() - began < .seconds(5))
    #expect(try client.readToEnd().isEmpty)
    #expect(!Files.exists(served.path))
    let next = try HTTPServer(socketPath: served.path, service: EchoService())
    #expect(try ask(served.path, request).contains("200"))
    next.stop(grace: .zero)
    next.stop(grace: .zero)
  }
}
