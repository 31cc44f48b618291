import Glibc
import HTTP
import Linux
import Model
import Synchronization
import TestSupport
import Testing

@Suite("An HTTP server on a loopback port") struct LoopbackServerTests {
  private let closing = "Host: a\r\nConnection: close\r\n"

  private func serve(
    _ limits: HTTPServer.Limits = HTTPServer.Limits(), _ family: LoopbackSocket.Family = .v4
  ) throws -> (server: HTTPServer, service: EchoService, port: UInt16) {
    let service = EchoService()
    let server = try HTTPServer(loopback: family, port: 0, limits: limits, service: service)
    return (server, service, try #require(server.port))
  }

  @Test("answers as on a Unix socket, and takes nobody for a user")
  func answers() throws {
    let (server, service, port) = try serve()
    let answer = try LoopbackClient.ask(port: port, "GET /a HTTP/1.1\r\n\(closing)\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("GET /a 0 uid=4294967295"))
    #expect(service.seen.withLock { $0.first?.peer } == .nobody)
    let big = try LoopbackClient.ask(port: port, "GET /big HTTP/1.1\r\n\(closing)\r\n")
    #expect(big.utf8.count > 3 << 20)
    server.stop(grace: .zero)
  }

  @Test("serves ::1 as well")
  func version6() throws {
    let (server, _, port) = try serve(HTTPServer.Limits(), .v6)
    let client = try LoopbackClient(port: port, .v6)
    try client.send("GET /six HTTP/1.1\r\n\(closing)\r\n")
    #expect(try client.readToEnd().contains("GET /six"))
    server.stop(grace: .zero)
  }

  @Test("is at no other address of this machine")
  func loopbackOnly() throws {
    let (server, _, port) = try serve()
    // /proc/net/tcp: local address and port in hexadecimal, state 0A is listening; proc(5).
    let table = String(decoding: try Files.read("/proc/net/tcp", limit: 1 << 22), as: UTF8.self)
    let hex = String(port, radix: 16, uppercase: true)
    let suffix = ":" + String(repeating: "0", count: 4 - hex.count) + hex
    let listeners = table.split(separator: "\n").map { $0.split(separator: " ") }.filter {
      $0.count > 3 && $0[1].hasSuffix(suffix) && $0[3] == "0A"
    }
    #expect(listeners.map { String($0[1]) } == ["0100007F" + suffix])
    server.stop(grace: .zero)
  }

  @Test("names the port where somebody listens there already")
  func taken() throws {
    let (server, _, port) = try serve()
    do throws(KaizenError) {
      _ = try HTTPServer(loopback: .v4, port: port, service: EchoService())
      Issue.record("two servers at one port")
    } catch {
      #expect(error.code == "E_LISTEN" && error.message.contains("\(port)"), "\(error)")
    }
    // Once stopped it is free at once, although a connection was open.
    let client = try LoopbackClient(port: port)
    server.stop(grace: .zero)
    #expect(try client.readToEnd() == "")
    _ = try HTTPServer(loopback: .v4, port: port, service: EchoService())
  }

  @Test("cuts a connection that lasts too long, also one that is never silent")
  func lifetime() throws {
    let (server, service, port) = try serve(
      HTTPServer.Limits(connectionCountMax: 1, idleSecondsMax: 30, lifetimeMax: .seconds(1)))
    let began = Clock.monotonic()
    let slow = try LoopbackClient(port: port)
    try slow.send("GET /slow HTTP/1.1\r\nHost: a\r\nX: ")
    // A second caller waits for the only place, and gets it once the first is cut.
    let next = try LoopbackClient(port: port)
    try next.send("GET /next HTTP/1.1\r\n\(closing)\r\n")
    #expect(try slow.readToEnd() == "")
    #expect(try next.readToEnd().contains("GET /next"))
    #expect((Duration.milliseconds(900)..<Duration.seconds(15)).contains(Clock.monotonic() - began))
    #expect(service.seen.withLock { $0.map(\.path) } == ["/next"])
    server.stop(grace: .zero)
  }
}
