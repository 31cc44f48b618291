import CPluginRuntime
import Testing

/// What is wrong with `text` as a signature; nil where nothing is.
private func complaint(_ text: String) -> String? {
  text.withText { text in
    var signature = kzr_signature()
    var error = kzr_error()
    if kzr_signature_parse(text, &signature, &error) { return nil }
    #expect(error.code == UInt32(KZR_SIGNATURE))
    return String(cString: kzr_error_message(&error))
  }
}

private func parsed(_ text: String) throws -> kzr_signature {
  try text.withText { text in
    var signature = kzr_signature()
    var error = kzr_error()
    if !kzr_signature_parse(text, &signature, &error) { throw Refusal(error) }
    return signature
  }
}

@Suite("Reading a signature") struct SignatureTests {
  @Test(
    "takes what the grammar allows",
    arguments: [
      "f64(f64)", "f64( f64 , f64 )", " f32 (f32)", "u64(u64=0, bytes:u32)", "u64(bytes, u64=0)",
      "i32(out[input+65536]:&u64, bytes, i32=9)", "i32(utf8)", "f64(f64[])", "f64(f64[]:i32)",
      "i32(null, utf8, i64=-9223372036854775808)", "u8(u8=255, i8=-128, f32=1.5e3, bytes)",
      "u64(out[16]:u32, bytes, out_ )".replacing(", out_ ", with: ""),
    ])
  func good(text: String) { #expect(complaint(text) == nil) }

  @Test("knows what a signature takes and leaves")
  func facts() throws {
    let scalar = try parsed("f64(f64, i32=3, f64)")
    #expect(scalar.numbers == 2 && !scalar.takes_data && !scalar.leaves_length)
    let compress = try parsed("i32(out[input+64]:&u64, bytes, i32=9)")
    #expect(compress.takes_data && compress.leaves_length && compress.numbers == 0)
    #expect(compress.parameters.0.plus_input && compress.parameters.0.capacity == 64)
    #expect(compress.parameters.2.constant.i == 9)
    #expect(try parsed("f64(f64[])").takes_array)
    #expect(try !parsed("i32(out[64], bytes)").leaves_length)
  }

  @Test(
    "refuses the rest, with the byte, what it expected and what it found",
    arguments: [
      ("", "byte 1: expected the result's type: i8, i16"),
      ("double(double)", "byte 1: expected the result's type"),
      ("void(bytes)", "byte 1: expected the result's type"),
      ("f64", "byte 4: expected \"(\", found its end"),
      ("f64(f64", "byte 8: expected \",\" or \")\", found its end"),
      ("f64(f64))", "byte 9: expected nothing after \")\", found \")\""),
      ("f64(float)", "byte 5: expected a parameter: i8"),
      ("f64(f64,)", "byte 9: expected a parameter"),
      ("f64()", "expected a parameter that takes the input"),
      ("f64(i32=7)", "expected a parameter that takes the input"),
      ("u64(bytes, i32)", "byte 12: expected a number with its value beside bytes"),
      ("u64(i32, bytes)", "byte 10: expected a number with its value beside bytes"),
      ("u64(bytes, utf8)", "byte 12: expected no second parameter that takes the whole input"),
      ("u64(u8=256, bytes)", "byte 8: expected an integer from 0 to 255, found \"256"),
      ("u64(i8=-129, bytes)", "expected an integer from -128 to 127"),
      ("u64(u64=-1, bytes)", "expected an integer from 0 to 18446744073709551615"),
      ("u64(i32=1.5, bytes)", "expected an integer"),
      ("u64(f64=inf, bytes)", "expected a finite number"),
      ("u64(f64=x, bytes)", "expected a finite number"),
      ("u64(bytes:u8)", "byte 11: expected the length's type: i32, u32, i64 or u64"),
      ("u64(out[0], bytes)", "byte 9: expected a capacity from 1 to 67108864 bytes"),
      ("u64(out[99999999], bytes)", "expected a capacity from 1 to 67108864 bytes"),
      ("u64(out, bytes)", "expected \"[\" and a capacity"),
      ("u64(out[9], out[9], bytes)", "byte 13: expected one out buffer"),
      ("u64(bytes:&u64)", "expected the length's type"),
      ("f64(f64[4])", "expected \"]\""),
      ("f64(f64,f64,f64,f64,f64,f64,f64,f64,f64)", "expected at most 8 parameters"),
      (String(repeating: "x", count: 600), "a signature of 600 bytes"),
      ("f64(f64)\0", "no NUL"),
    ])
  func bad(text: String, part: String) {
    let said = complaint(text)
    #expect(said?.contains(part) == true, "\(said ?? "nothing")")
  }
}
