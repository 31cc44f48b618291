import JSONStream
import Model
import SimdJSON
import Testing

@Suite("Many JSON texts") struct JSONParserTests {
  @Test("a range within other bytes is read by itself, in place or not", arguments: [0, 200])
  func ranges(padding: Int) throws {
    let bytes = Array("xx{\"a\":1}".utf8) + [UInt8](repeating: UInt8(ascii: "}"), count: padding)
    var parser = try JSONParser()
    #expect(try parser.parse(bytes, in: 2..<9) == ["a": 1])
    #expect(throws: KaizenError.self) { try parser.parse(bytes, in: 2..<8) }
    #expect(try parser.parse(bytes, in: 2..<9) == ["a": 1])
  }

  @Test("of a line among many the error has the line's own number")
  func laterLine() throws {
    var parser = try JSONParser()
    let bytes = Array("{}\n{}\n[1,\n x]".utf8)
    let error = #expect(throws: KaizenError.self) {
      try parser.parse(bytes, in: 6..<bytes.count, firstLine: 3)
    }
    #expect(error?.message.contains("line 4, column 2") == true, "\(error as Any)")
  }

  @Test(
    "what simdjson alone would take or refuse otherwise is decided as for one text",
    arguments: [
      "123456789012345678901234567890", "-9223372036854775809", "18446744073709551615", "1e400",
      #"{"a":1,"\u0061":2}"#, #""\ud800""#, "[1]x", "", " ", "\u{FEFF}{}", "[NaN]", "01", "1.",
      "\"\u{1}\"", #""\uD55C한""#, "[[[[[[[[1]]]]]]]]", "{\"\u{e9}\":1,\"e\u{301}\":2}",
    ])
  func agreement(text: String) throws {
    for limits in [JSONLimits(), JSONLimits(depthMax: 3), JSONLimits(bytesMax: 4)] {
      var parser = try JSONParser(limits: limits)
      let bytes = Array(text.utf8)
      #expect(
        Self.result { try parser.parse(bytes) }
          == Self.result { try JSONDocument.parse(bytes, limits: limits) }, "\(text)")
    }
  }

  @Test("no mutation of a text parts the two readers, and what they accept they can write")
  func mutations() throws {
    let seed = Array(#"{"a":[1,2.5e3,"x\n\u00e9",{"b":null}],"c":true,"d":-12345678901234}"#.utf8)
    var random = SplitMix(state: 42)
    var parser = try JSONParser()
    var accepted = 0
    for _ in 0..<20_000 {
      var bytes = seed
      for _ in 0...Int(random.next() % 3) {
        let at = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: at)
        default: bytes.insert(seed[Int(random.next() % UInt64(seed.count))], at: at)
        }
      }
      let one = Self.result { try JSONDocument.parse(bytes) }
      let many = Self.result { try parser.parse(bytes) }
      if one != many { Issue.record("\(one) and \(many) of \(bytes)") }
      if case .success(let value) = one {
        accepted += 1
        let again = Array(value.text().utf8)
        #expect(try parser.parse(again) == value)
        #expect(try JSONDocument.parse(again) == value)
      }
    }
    #expect(accepted > 100)
  }

  /// The value, or the error.
  private static func result(_ read: () throws -> JSONValue) -> Result<JSONValue, KaizenError> {
    do {
      return .success(try read())
    } catch let error as KaizenError {
      return .failure(error)
    } catch {
      fatalError("only that error is thrown: \(error)")
    }
  }
}

/// A small generator whose sequence depends on its seed alone.
/// - Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
