import Linux
import Model
import TestSupport
import Testing

@Suite("Metrics over TCP, from a real daemon") struct ScrapeTests {
  /// A daemon that is scraped at a port of its own.
  private func scraped() throws -> (scene: Scene, port: UInt16) {
    let port = try LoopbackClient.freePort()
    let scene = try Scene([
      "config.json": #"{"metrics": {"listen": "127.0.0.1:\#(port)"}}"#
    ])
    return (scene, port)
  }

  private func ask(
    _ port: UInt16, _ line: String, host: String? = nil, _ more: String = ""
  ) throws -> String {
    try LoopbackClient.ask(
      port: port,
      "\(line) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\nConnection: close\r\n\(more)\r\n"
    )
  }

  @Test("are those of the Unix socket, with the signs of life beside them, and nothing else")
  func served() throws {
    let (scene, port) = try scraped()
    let record = try scene.daemon.kaizen("record", "unit", "success", "--score", "1")
    try #require(record.status == 0, "\(record)")
    let metrics = try ask(port, "GET /metrics")
    #expect(metrics.hasPrefix("HTTP/1.1 200"))
    #expect(metrics.contains("\r\nContent-Type: text/plain; version=0.0.4"))
    #expect(
      metrics.contains("\nkaizen_feedback_records_total{result=\"stored\"} 1\n"), "\(metrics)")
    #expect(try ask(port, "GET /healthz").hasSuffix(#"{"status":"ok"}"#))
    #expect(try ask(port, "GET /readyz").hasPrefix("HTTP/1.1 200"))
    for path in ["/v1/status", "/v1/agents", "/v1/config", "/v1/openapi.json", "/v1/events"] {
      #expect(try ask(port, "GET \(path)").hasPrefix("HTTP/1.1 403"), "\(path)")
    }
    #expect(try ask(port, "GET /nothing").hasPrefix("HTTP/1.1 404"))
    #expect(try ask(port, "GET /metrics?x=1").hasPrefix("HTTP/1.1 400"))
    let posted = try ask(port, "POST /v1/feedback", "Content-Length: 0\r\n")
    #expect(posted.hasPrefix("HTTP/1.1 403"), "\(posted)")
    #expect(try ask(port, "POST /metrics", "Content-Length: 0\r\n").hasPrefix("HTTP/1.1 405"))
    #expect(try ask(port, "GET /metrics", "Content-Length: 9\r\n").hasPrefix("HTTP/1.1 413"))
    #expect(try scene.ask("stats")["records"] == 1)
  }

  @Test("are refused to web pages: another Host, any Origin")
  func browsers() throws {
    let (scene, port) = try scraped()
    for host in [
      "localhost:\(port)", "127.0.0.1", "127.0.0.1:1", "evil.example:\(port)", "[::1]:\(port)", "",
    ] {
      let answer = try ask(port, "GET /metrics", host: host)
      #expect(answer.hasPrefix("HTTP/1.1 403"), "\(host): \(answer)")
      #expect(!answer.contains("kaizen_"))
    }
    for origin in ["http://evil.example", "http://127.0.0.1:\(port)", "null"] {
      let answer = try ask(port, "GET /metrics", "Origin: \(origin)\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 403") && answer.contains("web page"), "\(answer)")
    }
    let bare = try LoopbackClient.ask(port: port, "GET /metrics HTTP/1.0\r\n\r\n")
    #expect(!bare.contains(" 200 "), "without a Host: \(bare)")
    try scene.expectAlive()
  }

  @Test("are off unless asked for, and end with the daemon")
  func offAndOver() throws {
    let (scene, port) = try scraped()
    let shown = try scene.ask("config", "show")["items"]?.array
    let setting = shown?.first { $0["key"] == "metrics.listen" }
    #expect(setting?["value"]?.string == "127.0.0.1:\(port)")
    #expect(try scene.daemon.stop() == .exited(0))
    #expect(throws: SystemError.self) { try LoopbackClient(port: port) }
    try scene.daemon.write("config.json", "{}")
    try scene.daemon.start()
    #expect(throws: SystemError.self) { try LoopbackClient(port: port) }
  }

  @Test("stop the start, by name, where the address is not this machine's or is taken")
  func refused() throws {
    let scene = try Scene(
      ["config.json": #"{"metrics": {"listen": "0.0.0.0:9464"}}"#], starts: false)
    #expect(throws: DaemonUnderTest.Failure.self) { try scene.daemon.start() }
    #expect(scene.daemon.log.contains("metrics.listen"), "\(scene.daemon.log)")
    #expect(scene.daemon.log.contains("127.0.0.1:PORT"), "\(scene.daemon.log)")
    let taken = try LoopbackSocket.listen(.v4, port: 0)
    let port = try LoopbackSocket.port(of: taken.raw)
    try scene.daemon.write("config.json", #"{"metrics": {"listen": "localhost:\#(port)"}}"#)
    #expect(throws: DaemonUnderTest.Failure.self) { try scene.daemon.start() }
    #expect(scene.daemon.log.contains("E_LISTEN: metrics.listen"), "\(scene.daemon.log)")
    #expect(scene.daemon.log.contains("\(port)"), "\(scene.daemon.log)")
    _ = taken.raw
  }
}
