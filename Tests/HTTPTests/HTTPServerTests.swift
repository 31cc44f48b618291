import Glibc
import HTTP
import Linux
import Model
import Synchronization
import TestSupport
import Testing

/// A server on a socket of its own.
final class Served {
  let directory: TemporaryDirectory
  let service = EchoService()
  let server: HTTPServer
  let path: String

  init(_ limits: HTTPServer.Limits = HTTPServer.Limits()) throws {
    directory = try TemporaryDirectory()
    path = directory.path + "/run/k.sock"
    server = try HTTPServer(socketPath: path, limits: limits, service: service)
  }
}

private let closing = "Host: kaizen\r\nConnection: close\r\n"

@Suite("An HTTP server on a Unix socket") struct HTTPServerTests {
  @Test("answers with the caller's own uid, on one connection many times")
  func answers() throws {
    let served = try Served()
    let client = try RawClient(served.path)
    for number in 1...3 {
      try client.send("GET /n\(number)?x=1 HTTP/1.1\r\nHost: kaizen\r\n\r\n")
      let answer = try client.readSome()
      #expect(answer.hasPrefix("HTTP/1.1 200"))
      #expect(answer.hasSuffix("GET /n\(number) 0 uid=\(geteuid())"))
    }
    let first = try #require(served.service.seen.withLock { $0.first })
    #expect(first.peer.pid == getpid())
    #expect(first.query.map(\.value) == ["1"])
    #expect(first.header("host") == "kaizen")
  }

  @Test("takes a body by its length and in chunks")
  func bodies() throws {
    let served = try Served()
    let byLength = try ask(
      served.path, "POST /a HTTP/1.1\r\n\(closing)Content-Length: 5\r\n\r\nhello")
    #expect(byLength.contains("POST /a 5 "))
    let chunked = try ask(
      served.path,
      "POST /a HTTP/1.1\r\n\(closing)Transfer-Encoding: chunked\r\n\r\n"
        + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    #expect(chunked.contains("POST /a 11 "))
    #expect(served.service.seen.withLock { $0.last?.body } == Array("hello world".utf8))
  }

  @Test("sends a large answer whole, and an empty one")
  func answersOfAnySize() throws {
    let served = try Served()
    let big = try ask(served.path, "GET /big HTTP/1.1\r\n\(closing)\r\n")
    #expect(big.hasSuffix(String(repeating: "x", count: 1000)))
    #expect(big.utf8.count > 3 << 20)
    #expect(try ask(served.path, "GET /none HTTP/1.1\r\n\(closing)\r\n").hasPrefix("HTTP/1.1 204"))
  }

  @Test("refuses before the body is read")
  func refusesEarly() throws {
    let served = try Served()
    let client = try RawClient(served.path)
    try client.send("POST /forbidden HTTP/1.1\r\n\(closing)Content-Length: 900\r\n\r\n")
    #expect(try client.readToEnd().contains("E_FORBIDDEN"))
  }

  @Test("refuses a body of 100 MB without reading it")
  func hugeBody() throws {
    let served = try Served()
    let client = try RawClient(served.path)
    try client.send("POST /a HTTP/1.1\r\n\(closing)Content-Length: 104857600\r\n\r\n")
    // The answer is there although no byte of the body was sent.
    let answer = try client.readToEnd()
    #expect(answer.hasPrefix("HTTP/1.1 413"))
    #expect(answer.hasSuffix("E_TOO_LARGE"))
    #expect(served.service.seen.withLock { $0.isEmpty })
  }

  @Test("lets curl send 100 MB and see the refusal")
  func hugeBodyByCurl() throws {
    let served = try Served()
    let file = served.directory.path + "/body"
    let big = try FileDescriptor.open(file, O_RDWR | O_CREAT)
    #expect(ftruncate(big.raw, 100 << 20) == 0)
    let output = try FileDescriptor.open(served.directory.path + "/out", O_RDWR | O_CREAT)
    let curl = try ChildProcess(
      ChildCommand(
        words: [
          "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", served.path,
          "--data-binary", "@" + file, "http://kaizen/a",
        ], descriptors: [1: output.raw]))
    _ = try #require(try curl.wait(timeout: .seconds(20)))
    let status = try Files.read(served.directory.path + "/out", limit: 100)
    #expect(String(decoding: status, as: UTF8.self) == "413")
    #expect(try ask(served.path, "GET /on HTTP/1.1\r\n\(closing)\r\n").contains("200"))
  }

  @Test("refuses a body of no declared length once it is over the limit")
  func hugeChunks() throws {
    let served = try Served()
    let chunk = "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"
    let answer = try ask(
      served.path,
      "POST /a HTTP/1.1\r\n\(closing)Transfer-Encoding: chunked\r\n\r\n"
        + String(repeating: chunk, count: 20) + "0\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 413"))
  }

  @Test("cuts a sender that never ends")
  func endless() throws {
    let served = try Served()
    let client = try RawClient(served.path)
    try client.send("POST /a HTTP/1.1\r\n\(closing)Transfer-Encoding: chunked\r\n\r\n")
    let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 120, count: 65_536) + [13, 10]
    let sent = (0..<4000).prefix { _ in (try? client.send(chunk)) != nil }  // fails when cut
    #expect(sent.count < 1200)
    #expect(served.service.seen.withLock { $0.isEmpty })
  }

  @Test(
    "answers what is no request with 400 or by closing, and goes on",
    arguments: [
      "nonsense\r\n\r\n", "GET\r\n\r\n", "GET /a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /x?a=1&a=2 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "1\r\na\r\n0\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
      "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n",
      "\u{0}\u{1}\u{2}\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
    ])
  func notRequests(bytes: String) throws {
    let served = try Served()
    let client = try RawClient(served.path)
    try? client.send(bytes)  // the server may close before it has all
    client.finishSending()
    let answer = try client.readToEnd()
    #expect(!answer.hasPrefix("HTTP/1.1 2"), "\(answer.prefix(80))")
    #expect(served.service.seen.withLock { $0.isEmpty })
    #expect(try ask(served.path, "GET /on HTTP/1.1\r\n\(closing)\r\n").contains("200"))
    #expect(served.server.requestCount == 0)
  }

  @Test("closes a connection that falls silent in the middle of a request", .timeLimit(.minutes(1)))
  func slow() throws {
    let served = try Served(HTTPServer.Limits(idleSecondsMax: 1))
    let client = try RawClient(served.path)
    try client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
    let answer = try client.readToEnd()
    #expect(!answer.hasPrefix("HTTP/1.1 2"))
    #expect(served.server.requestCount == 0)
  }

  @Test("answers a client that has closed its sending side")
  func halfClosed() throws {
    let served = try Served()
    let client = try RawClient(served.path)
    try client.send("GET /half HTTP/1.1\r\n\(closing)\r\n")
    client.finishSending()
    #expect(try client.readToEnd().contains("GET /half"))
  }

  @Test("drops a request whose sender has gone")
  func gone() throws {
    let served = try Served()
    do {
      let client = try RawClient(served.path)
      try client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
      client.finishSending()
      #expect(try !client.readToEnd().hasPrefix("HTTP/1.1 2"))
    }
    #expect(served.service.seen.withLock { $0.isEmpty })
  }

  @Test("serves more clients than it has connections: the rest wait their turn")
  func manyConnections() throws {
    let served = try Served(HTTPServer.Limits(connectionCountMax: 4))
    let path = served.path
    let failures = Condition(0)
    let threads = try (0..<32).map { number in
      try BlockingThread(name: "client") {
        // try? because the count of failures is what is checked.
        let answer = try? ask(path, "GET /c\(number) HTTP/1.1\r\n\(closing)\r\n")
        if answer?.contains("GET /c\(number) ") != true { failures.update { $0 += 1 } }
      }
    }
    threads.forEach { $0.join() }
    #expect(failures.update { $0 } == 0)
  }
}
