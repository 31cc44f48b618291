import CPluginRuntime
import Glibc
import Linux
import TestSupport
import Testing

/// A function opened in this process: only with signatures known to be right.
final class OpenFunction {
  private let raw: OpaquePointer

  init(_ library: String, _ symbol: String, _ signature: String) throws {
    var error = kzr_error()
    let made = signature.withText { kzr_function_open(library, symbol, $0, &error) }
    guard let made else { throw Refusal(error) }
    raw = made
  }

  deinit { kzr_function_free(raw) }

  func call(_ numbers: [Double]) throws -> kzr_returned {
    try numbers.withUnsafeBufferPointer { numbers in
      var input = kzr_input()
      input.numbers = numbers.baseAddress
      input.number_count = UInt32(numbers.count)
      return try call(&input)
    }
  }

  func call(_ text: String) throws -> kzr_returned {
    // withCString: utf8 needs a NUL behind the last byte.
    try text.withCString { bytes in
      var input = kzr_input()
      input.data = kz_text(data: bytes, length: UInt64(text.utf8.count))
      return try call(&input)
    }
  }

  private func call(_ input: inout kzr_input) throws -> kzr_returned {
    var returned = kzr_returned()
    var error = kzr_error()
    if !kzr_function_call(raw, &input, &returned, &error) { throw Refusal(error) }
    return returned
  }
}

/// Whether the dynamic linker finds `library`; tests of one that is absent are skipped.
func isInstalled(_ library: String) -> Bool { dlopen(library, RTLD_LAZY | RTLD_LOCAL) != nil }

@Suite("A function of an ordinary library") struct FunctionTests {
  @Test("of libm gives what it gives to C")
  func libm() throws {
    let function = try OpenFunction("libm.so.6", "tanh", "f64(f64)")
    for value in [-2, -0.5, 0, 0.25, 3.0] {
      #expect(try function.call([value]).value == tanh(value))
    }
    #expect(try OpenFunction("libm.so.6", "pow", "f64(f64, f64)").call([2, 10]).value == 1024)
    #expect(
      try OpenFunction("libm.so.6", "tanhf", "f32(f32)").call([0.5]).value == Double(tanhf(0.5)))
    #expect(try OpenFunction("libm.so.6", "ldexp", "f64(f64, i32=3)").call([1.5]).value == 12)
  }

  @Test(
    "of zlib takes bytes, constants and an out buffer",
    .enabled(if: isInstalled("libz.so.1"), "no libz.so.1 here"))
  func zlib() throws {
    // https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 is another CRC; this is the check value
    // of CRC-32/ISO-HDLC, https://reveng.sourceforge.io/crc-catalogue/all.htm
    let crc = try OpenFunction("libz.so.1", "crc32", "u64(u64=0, bytes:u32)")
    #expect(try crc.call("123456789").bits == 0xCBF4_3926)
    #expect(try crc.call("").bits == 0)
    #expect(try OpenFunction("libz.so.1", "compressBound", "u64(u64)").call([1000]).value > 1000)
    let compress = try OpenFunction(
      "libz.so.1", "compress2", "i32(out[input+64]:&u64, bytes, i32=9)")
    let repeated = try compress.call(String(repeating: "again ", count: 1000))
    #expect(repeated.value == 0)
    #expect(repeated.length > 10 && repeated.length < 100)
    #expect(repeated.input_bytes == 6000)
    let small = try OpenFunction("libz.so.1", "compress2", "i32(out[1]:&u64, bytes, i32=9)")
    #expect(try small.call("does not fit").value == -5)  // Z_BUF_ERROR, zlib.h
  }

  @Test(
    "of xxHash takes bytes", .enabled(if: isInstalled("libxxhash.so.0"), "no libxxhash.so.0 here"))
  func xxhash() throws {
    // The value of the empty input, https://github.com/Cyan4973/xxHash (cli/xsum_sanity_check.c)
    let hash = try OpenFunction("libxxhash.so.0", "XXH3_64bits", "u64(bytes)")
    #expect(try hash.call("").bits == 0x2D06_8005_38D3_94C2)
    #expect(try hash.call("a").bits != hash.call("b").bits)
    #expect(try hash.call("a").bits == hash.call("a").bits)
  }

  @Test("takes text that ends in NUL, and arrays")
  func textAndArrays() throws {
    #expect(try OpenFunction("libc.so.6", "strlen", "u64(utf8)").call("größe").value == 7)
    let own = try Fixture()
    let sum = try OpenFunction(own.path, "sum", "f64(f64[]:i32)")
    #expect(try sum.call([1, 2, 3.5]).value == 6.5)
    #expect(try sum.call([]).value == 0)
  }

  @Test("narrow integers come back widened as their sign says")
  func narrow() throws {
    let own = try Fixture()
    #expect(try OpenFunction(own.path, "narrow", "i8(i32)").call([200]).value == -56)
    #expect(try OpenFunction(own.path, "narrow", "u8(i32)").call([200]).value == 200)
    #expect(try OpenFunction(own.path, "half", "i16(i16)").call([-3000]).value == -1500)
    #expect(
      try OpenFunction(own.path, "half", "i16(i16)").call([-3000]).bits == UInt64(bitPattern: -1500)
    )
  }

  @Test("that leaves a length beyond its buffer is refused")
  func overflow() throws {
    let own = try Fixture()
    let refusal = #expect(throws: Refusal.self) {
      try OpenFunction(own.path, "boasts", "i32(out[8]:&u64, bytes)").call("x")
    }
    #expect(refusal?.code == KZR_VALUE)
  }

  @Test("an input that does not fit is refused before the call")
  func input() throws {
    let number = try OpenFunction("libm.so.6", "tanh", "f64(f64)")
    #expect(throws: Refusal.self) { try number.call([]) }
    #expect(throws: Refusal.self) { try number.call([1, 2]) }
    let narrow = try OpenFunction("libc.so.6", "toupper", "i32(u8)")
    for value in [-1, 256, Double.nan, Double.infinity] {
      let refusal = #expect(throws: Refusal.self) { try narrow.call([value]) }
      #expect(refusal?.code == KZR_INPUT)
    }
    let text = try OpenFunction("libc.so.6", "strlen", "u64(utf8)")
    #expect(throws: Refusal.self) { try text.call("a\0b") }
  }

  @Test(
    "that is not there is refused by name",
    arguments: [
      ("libnowhere.so.7", "f", KZR_LOAD, "libnowhere.so.7"),
      ("libm.so.6", "no_such_function", KZR_SYMBOL, "has no symbol \"no_such_function\""),
      ("libc.so.6", "environ", KZR_SYMBOL, "is data"),
    ])
  func missing(library: String, symbol: String, code: Int, part: String) {
    let refusal = #expect(throws: Refusal.self) { try OpenFunction(library, symbol, "i32(i32)") }
    #expect(refusal?.code == code)
    #expect(refusal?.description.contains(part) == true, "\(refusal?.description ?? "")")
  }
}

/// `Tests/Fixtures/functions.c`, compiled.
private struct Fixture {
  private let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory("kaizen-functions")
    path = try Compiler.fixture("functions", in: folder)
  }
}
