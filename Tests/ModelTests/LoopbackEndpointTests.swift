import Model
import Testing

@Suite("A loopback endpoint") struct LoopbackEndpointTests {
  @Test(
    "is a name of this machine and a port, and is written as it was read",
    arguments: ["127.0.0.1:9464", "localhost:1", "[::1]:65535"])
  func read(text: String) throws {
    let endpoint = try #require(LoopbackEndpoint(text))
    #expect(endpoint.description == text)
  }

  @Test(
    "is nothing that others could reach, and no number that two would read differently",
    arguments: [
      "", ":", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
      "127.0.0.1:-1", "127.0.0.1:+80", "127.0.0.1:080", "127.0.0.1: 80", "0.0.0.0:9464",
      "127.0.0.2:9464", "[::]:9464", "::1:9464", "192.168.0.1:80", "example.org:80",
      "localhost.example.org:80", "LOCALHOST:80", "127.0.0.1:80/metrics", "http://127.0.0.1:80",
    ])
  func refused(text: String) {
    #expect(LoopbackEndpoint(text) == nil)
  }
}
