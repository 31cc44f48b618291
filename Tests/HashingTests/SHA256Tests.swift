import Glibc
import Hashing
import TestSupport
import Testing

// Vectors: FIPS 180-4 examples, https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
@Suite("SHA-256") struct SHA256Tests {
  static let emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  static let millionDigest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

  @Test(
    "the published vectors come out",
    arguments: [
      ("", emptyDigest),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
    ])
  func vectors(text: String, digest: String) {
    #expect(SHA256.hex(of: text) == digest)
  }

  @Test("a million letters, in whatever parts", arguments: [1, 63, 64, 65, 4096, 1_000_000])
  func parts(size: Int) {
    var hash = SHA256()
    var left = 1_000_000
    while left > 0 {
      hash.update(repeatElement(UInt8(ascii: "a"), count: min(size, left)))
      left -= min(size, left)
    }
    #expect(hash.finishHex() == Self.millionDigest)
  }

  @Test("after its digest a value starts anew")
  func startsAnew() {
    var hash = SHA256()
    hash.update("abc".utf8)
    _ = hash.finish()
    #expect(hash.finishHex() == Self.emptyDigest)
  }

  @Test("a file longer than one chunk is read to its end")
  func file() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a", String(repeating: "a", count: 1_000_000))
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    #expect(SHA256.hex(readingFrom: descriptor) == Self.millionDigest)
  }

  @Test("a copy goes its own way")
  func copy() {
    var one = SHA256()
    one.update("ab".utf8)
    var other = one
    one.update("c".utf8)
    #expect(other.finishHex() == SHA256.hex(of: "ab"))
    #expect(one.finishHex() == SHA256.hex(of: "abc"))
  }

  @Test("what cannot be read has no digest")
  func unreadable() {
    #expect(SHA256.hex(readingFrom: -1) == nil)
  }
}
