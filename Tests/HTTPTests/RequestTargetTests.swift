import Model
import Testing

@testable import HTTP

@Suite("Request targets") struct RequestTargetTests {
  @Test("are decoded, path and query apart")
  func decoded() throws {
    let target = try RequestTarget("/v1/agents/a%20b/diff?a=1&b=2%263&c=x+y&d")
    #expect(target.path == "/v1/agents/a b/diff")
    #expect(target.query.map(\.name) == ["a", "b", "c", "d"])
    #expect(target.query.map(\.value) == ["1", "2&3", "x y", ""])
  }

  @Test("keep a plus in the path and a question mark in the query")
  func literal() throws {
    let target = try RequestTarget("/a+b?x=1?2")
    #expect(target.path == "/a+b")
    #expect(target.query.first?.value == "1?2")
    #expect(try RequestTarget("/?").query.isEmpty)
  }

  @Test(
    "that could be read in two ways are refused",
    arguments: [
      "", "*", "http://host/", "/a%2Fb", "/a%2fb", "/a%00", "/a%", "/a%4", "/a%zz", "/%ff",
      "/x?a=1&a=2", "/x?a=1&%61=2", "/x?=1", "/x?a=1&", "/x?a=%", "/x?a=%00",
    ])
  func refused(target: String) {
    let error = #expect(throws: KaizenError.self) { try RequestTarget(target) }
    #expect(error?.code == "E_BAD_REQUEST")
  }

  @Test("have at most 32 parameters")
  func count() throws {
    let pairs = (0..<33).map { "p\($0)=1" }
    #expect(try RequestTarget("/x?" + pairs.dropLast().joined(separator: "&")).query.count == 32)
    #expect(throws: KaizenError.self) {
      try RequestTarget("/x?" + pairs.joined(separator: "&"))
    }
  }
}

@Suite("Header fields") struct HeaderFieldTests {
  @Test(
    "that frame a body in two ways are refused",
    arguments: [
      [("content-length", "1"), ("content-length", "1")],
      [("content-length", "1"), ("transfer-encoding", "chunked")],
      [("host", "a"), ("host", "b")],
      [("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
    ] as [[(String, String)]])
  func framing(fields: [(String, String)]) {
    #expect(throws: KaizenError.self) {
      try HeaderFields.check(fields.map { (name: $0.0, value: $0.1) })
    }
  }

  @Test("may repeat where repeating means nothing")
  func repeated() throws {
    try HeaderFields.check([("accept", "a"), ("accept", "b"), ("content-length", "1")])
  }

  @Test("give a length of digits only; one beyond all numbers is just too large")
  func length() throws {
    #expect(try HeaderFields.contentLength([("content-length", "12")]) == 12)
    #expect(try HeaderFields.contentLength([]) == nil)
    #expect(
      try HeaderFields.contentLength([("content-length", "99999999999999999999")]) == Int.max)
    for text in ["", "-1", "+1", "0x10", "1 2", "1,1"] {
      #expect(throws: KaizenError.self) {
        try HeaderFields.contentLength([("content-length", text)])
      }
    }
  }
}
