import JSONStream
import Testing

@Suite("NDJSON lines") struct JSONLinesTests {
  private func lines(_ text: String, max: Int = 100) -> [String] {
    let bytes = Array(text.utf8)
    return JSONLines(bytes, lineBytesMax: max).map { line in
      "\(line.number):" + String(decoding: bytes[line.range], as: UTF8.self)
        + (line.isTooLong ? "!" : "")
    }
  }

  @Test("blank lines are passed over but counted")
  func blank() {
    #expect(lines("{}\n\n \t\r\n[1]\r\n") == ["1:{}", "4:[1]"])
  }

  @Test("the last line needs no end")
  func last() {
    #expect(lines("a\nb") == ["1:a", "2:b"])
    #expect(lines("a\nb\n") == ["1:a", "2:b"])
    #expect(lines("") == [])
    #expect(lines("\n") == [])
  }

  @Test("a line over the limit is marked and the next one still comes")
  func long() {
    #expect(lines("abcd\nabcde\nx", max: 4) == ["1:abcd", "2:abcde!", "3:x"])
  }

  @Test("a megabyte without an end is one line")
  func megabyte() {
    let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: JSONLines.lineBytesMax + 1)
    let all = Array(JSONLines(bytes))
    #expect(all.count == 1 && all[0].isTooLong)
    #expect(Array(JSONLines(Array(bytes.dropLast()))).map(\.isTooLong) == [false])
  }
}
