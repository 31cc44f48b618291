import KaizenPluginSDK
import Testing

@Suite("Reading JSON with places") struct JSONNodeTests {
  @Test("a value knows its bytes, and nothing around it")
  func places() throws {
    let text = "{ \"a\" : [ 1 , -2.5e1 ], \"é\": \"x\" }"
    let node = try JSONNode(parsing: text)
    let bytes = Array(text.utf8)
    let number = try #require(node.at(pointer: "/a/1"))
    #expect(number.number == -25)
    #expect(String(decoding: bytes[number.range], as: UTF8.self) == "-2.5e1")
    let string = try #require(node["é"])
    #expect(String(decoding: bytes[string.range], as: UTF8.self) == "\"x\"")
    #expect(node.range == bytes.indices)
  }

  @Test("escapes are resolved, halves of pairs replaced")
  func escapes() throws {
    let text = #"["\"\\\/\b\f\n\r\t", "\u0041\u00e9", "\ud83d\ude00", "\ud83dx", "\udc00"]"#
    let strings = try JSONNode(parsing: text).elements.map(\.string)
    #expect(strings == ["\"\\/\u{8}\u{c}\n\r\t", "Aé", "😀", "\u{FFFD}x", "\u{FFFD}"])
  }

  @Test(
    "pointers lead as RFC 6901 says",
    arguments: [
      ("", 0), ("/foo", 1), ("/", 2), ("/a~1b", 3), ("/m~0n", 4), ("/~01", 5), ("/list/0", 6),
      ("/list/10", 16),
    ])
  func pointers(pointer: String, expected: Int) throws {
    let list = (6...16).map(String.init).joined(separator: ",")
    let node = try JSONNode(
      parsing: #"{"foo":1,"":2,"a/b":3,"m~n":4,"~1":5,"list":[\#(list)]}"#)
    let found = try #require(node.at(pointer: pointer))
    #expect(expected == 0 ? found.range == node.range : found.number == Double(expected))
  }

  @Test(
    "a pointer that leads nowhere gives nothing",
    arguments: ["foo", "/bar", "/list/1", "/list/-", "/list/00", "/list/+0", "/~", "/~2", "/foo/x"])
  func nowhere(pointer: String) throws {
    let node = try JSONNode(parsing: #"{"foo":1,"list":[0],"~":3,"~2":4}"#)
    #expect(node.at(pointer: pointer) == nil || node.at(pointer: pointer)?.number == nil)
  }

  @Test("of a key that stands twice the last one counts")
  func twice() throws {
    #expect(try JSONNode(parsing: #"{"a":1,"a":2}"#)["a"]?.number == 2)
  }

  @Test(
    "what is no JSON is refused with the place",
    arguments: [
      "", " ", "{", "[", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "{,}", "01", "1.",
      ".5", "+1", "1e", "-", "tru", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "'a'",
      "[1] 2", "\"a\nb\"", "1e999", "NaN",
    ])
  func refused(text: String) {
    let failure = #expect(throws: PluginFailure.self) { try JSONNode(parsing: text) }
    #expect(failure?.description.hasPrefix("JSON: ") == true)
  }

  @Test("depth ends at 64, not with the stack")
  func depth() throws {
    let at = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    _ = try JSONNode(parsing: at(64))
    #expect(throws: PluginFailure.self) { try JSONNode(parsing: at(65)) }
    #expect(throws: PluginFailure.self) {
      try JSONNode(parsing: String(repeating: "{\"a\":[", count: 500_000))
    }
  }
}
