import Model
import Testing

@testable import Commands

private func reply(_ text: String) throws(KaizenError) -> HTTPReply {
  try HTTPReply(Array(text.utf8))
}

@Suite("Answers over HTTP") struct HTTPReplyTests {
  @Test("end by their length, in chunks, or with the connection")
  func framings() throws {
    let byLength = try reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}surplus")
    #expect(byLength == (try reply("HTTP/1.1 200 OK\r\n\r\n{}")))
    let chunked = try reply(
      "HTTP/1.1 404 No\r\ntransfer-encoding:  chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n")
    #expect(chunked.status == 404)
    #expect(chunked.body == Array("{}".utf8))
    #expect(try reply("HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n").body.isEmpty)
  }

  @Test(
    "that are broken or cut are refused",
    arguments: [
      "", "nonsense", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n",
      "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n",
    ])
  func broken(text: String) {
    let error = #expect(throws: KaizenError.self) { try reply(text) }
    #expect(error?.code == "E_BAD_ANSWER")
  }
}
