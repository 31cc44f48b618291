import JSONStream
import Model
import Testing

@Suite("One JSON text") struct JSONDocumentTests {
  @Test("every kind of value is read as what it is")
  func kinds() throws {
    let value = try JSONDocument.parse(
      #" {"a": [1, -2.5, true, false, null, "x"], "b": {}, "c": [], "d": 1e3} "#)
    let expected: JSONValue = [
      "a": [1, -2.5, true, false, .null, "x"], "b": [:], "c": [], "d": 1000.0,
    ]
    #expect(value == expected)
  }

  @Test(
    "a value alone is a text",
    arguments: [
      ("1", .integer(1)), ("\"\"", .string("")), ("null", .null), (" true\n", .bool(true)),
      ("-0", .integer(0)), ("0.0", .number(0)),
    ] as [(String, JSONValue)])
  func scalars(text: String, expected: JSONValue) throws {
    #expect(try JSONDocument.parse(text) == expected)
  }

  @Test("integers are exact up to 64 bits and numbers beyond")
  func integers() throws {
    let value = try JSONDocument.parse(
      "[9223372036854775807, -9223372036854775808, 9223372036854775808, "
        + "18446744073709551615, 18446744073709551616, -9223372036854775809, "
        + String(repeating: "9", count: 300) + "]")
    let expected: JSONValue = [
      .integer(.max), .integer(.min), .number(0x1p63),
      .number(0x1p64), .number(0x1p64),
      .number(-0x1p63), .number(1e300),
    ]
    #expect(value == expected)
  }

  @Test("what was written is read back")
  func roundTrip() throws {
    let value: JSONValue = [
      "text": "tab\t, quote \", back\\slash, NUL \u{0}, é, 🦉, \u{202E}rtl", "n": 0.1,
      "list": [1, [2, [3]]], "": "empty key",
    ]
    #expect(try JSONDocument.parse(value.text()) == value)
    #expect(try JSONDocument.parse(value.text(indent: 2)) == value)
  }

  @Test("escapes are resolved, surrogate pairs joined")
  func escapes() throws {
    let value = try JSONDocument.parse(#""\u0041\n\u00e9\ud83e\udd89\u0000\/""#)
    #expect(value == .string("A\né🦉\u{0}/"))
    #expect(try JSONDocument.parse(#""\uD55C한""#) == .string("한한"))
  }
}

@Suite("JSON that is refused") struct RefusedJSONTests {
  private func message(_ bytes: [UInt8], _ limits: JSONLimits = JSONLimits()) -> String {
    do {
      return "accepted: \(try JSONDocument.parse(bytes, limits: limits))"
    } catch {
      return error.description
    }
  }

  @Test(
    "the error names line, column and what is wrong",
    arguments: [
      ("", "line 1, column 1: expected a value, found the end"),
      (" \n ", "line 2, column 2: expected a value, found the end"),
      ("{", "line 1, column 2: expected a key in quotes, found the end"),
      ("{\"a\": 1,\n \"b\" 2}", "line 2, column 6: expected ':' after the key \"b\", found '2'"),
      ("{\"a\": 1,\n}", "line 2, column 1: expected a key in quotes, found '}'"),
      ("[1 2]", "line 1, column 4: expected ',' or ']', found '2'"),
      ("{\"a\":1]", "line 1, column 7: expected ',' or '}', found ']'"),
      ("{\"é\": tru}", "line 1, column 7: expected true"),
      ("[01]", "line 1, column 2: a number may not begin with 0"),
      ("[1.]", "line 1, column 4: expected a digit, found ']'"),
      ("[-]", "line 1, column 3: expected a digit, found ']'"),
      ("[NaN]", "line 1, column 2: JSON has no NaN: leave the member out, or write null"),
      ("[nan]", "line 1, column 2: JSON has no nan"),
      ("[-Infinity]", "line 1, column 3: expected a digit, found 'I'"),
      ("{\"a\": yes}", "line 1, column 7: expected a value, found the word yes: text stands in"),
      ("nonsense", "line 1, column 1: expected a value, found the word nonsense"),
      ("nul", "line 1, column 1: expected null"),
      ("[1e400]", "line 1, column 2: the number 1e400 is beyond what a double can hold"),
      ("\"abc", "line 1, column 1: the string that begins here is not closed"),
      ("\"a\nb\"", "line 1, column 3: the byte 0xa in a string; write it as an escape"),
      ("\"\\q\"", "line 1, column 2: the escape \\'q' does not exist"),
      ("\"\\u12\"", "expected four hexadecimal digits, found '\"'"),
      ("1 1", "line 1, column 3: the value has ended, but '1' follows"),
      ("{} {", "line 1, column 4: the value has ended, but '{' follows"),
      ("{}\u{0}", "line 1, column 3: the value has ended, but the byte 0x0 follows"),
      ("// no\n1", "line 1, column 1: expected a value, found '/'"),
      ("\u{FEFF}{}", "a byte-order mark; remove it"),
    ])
  func places(text: String, expected: String) {
    let found = message(Array(text.utf8))
    #expect(found.hasPrefix("E_JSON: not JSON: "))
    #expect(found.contains(expected), "\(found)")
  }

  @Test("of a line among many the error has the line's own number")
  func laterLine() throws {
    let bytes = Array("{}\n{}\n[1,\n x]".utf8)
    let error = #expect(throws: KaizenError.self) {
      try JSONDocument.parse(bytes[6...], firstLine: 3)
    }
    #expect(error?.message.contains("line 4, column 2") == true, "\(error as Any)")
  }

  @Test("a key that stands twice is refused, at the second")
  func duplicates() {
    let found = message(Array("{\"a\": 1,\n \"b\": 2, \"a\": 3}".utf8))
    #expect(found.contains("line 2, column 10: the key \"a\" stands twice"), "\(found)")
  }

  @Test("keys equal after escapes, or by canonical equivalence, are the same key")
  func equivalentKeys() {
    #expect(message(Array(#"{"a":1,"\u0061":2}"#.utf8)).contains("stands twice"))
    #expect(message(Array("{\"\u{e9}\":1,\"e\u{301}\":2}".utf8)).contains("stands twice"))
  }

  @Test(
    "half of a surrogate pair is refused",
    arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #"{"\udfff":1}"#])
  func surrogates(text: String) {
    #expect(message(Array(text.utf8)).contains("surrogate"), "\(message(Array(text.utf8)))")
  }

  @Test(
    "bytes that are no UTF-8 are refused where they stand",
    arguments: [
      [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80],
    ])
  func encoding(bad: [UInt8]) {
    let found = message(Array("[\"a".utf8) + bad + Array("\"]".utf8))
    #expect(found.contains("line 1, column 4: not UTF-8"), "\(found)")
  }

  @Test("nesting is allowed to the limit and refused beyond", arguments: ["[", "{\"a\":"])
  func depth(open: String) {
    let close = open == "[" ? "]" : "}"
    func nested(_ depth: Int) -> [UInt8] {
      let text =
        String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
      return Array(text.utf8)
    }
    #expect(message(nested(128)).hasPrefix("accepted"))
    #expect(message(nested(129)).contains("nested deeper than 128 levels"))
    #expect(message(nested(100_000)).contains("nested deeper than 128 levels"))
    #expect(message(nested(4), JSONLimits(depthMax: 3)).contains("deeper than 3"))
    #expect(message(Array(String(repeating: open, count: 100_000).utf8)).contains("deeper"))
  }

  @Test("a text over the limit is refused before it is read")
  func size() {
    let found = message(Array("[1,2,3]".utf8), JSONLimits(bytesMax: 6))
    #expect(found.hasPrefix("E_TOO_LARGE") && found.contains("7 bytes, the limit is 6"))
  }
}
