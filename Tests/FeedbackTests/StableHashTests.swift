import Testing

@testable import Feedback

@Suite("The hash that is kept in files") struct StableHashTests {
  @Test("a million short ids under one key do not collide, and another key gives others")
  func collisions() {
    var seen: Set<UInt64> = []
    for number in 0..<200_000 {
      for id in [
        "r\(number)", "op-0000\(number)", "\(number)", "a/long/id/of/some/thing/\(number)",
      ] {
        seen.insert(StableHash.of(id, key: 7))
      }
      seen.insert(StableHash.of("r\(number)", key: 8))
    }
    #expect(seen.count == 1_000_000)
  }

  @Test("length, zeros and the key count")
  func differs() {
    #expect(StableHash.of("", key: 1) != StableHash.of("", key: 2))
    #expect(StableHash.of("ab", key: 1) != StableHash.of("ab\0", key: 1))
  }

  @Test("one flipped bit anywhere in a long text is seen")
  func bits() {
    let bytes = (0..<100).map { UInt8($0) }
    let whole = bytes.withUnsafeBytes { StableHash.of($0, key: 3) }
    for bit in 0..<800 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(changed.withUnsafeBytes { StableHash.of($0, key: 3) } != whole)
    }
  }
}
