import Model
import Testing

@Suite("Moments in RFC 3339") struct InstantTests {
  @Test(
    "text and moment agree",
    arguments: [
      ("1970-01-01T00:00:00.000Z", 0), ("2000-02-29T23:59:59.999Z", 951_868_799_999_000_000),
      ("2026-11-20T10:15:30.250Z", 1_795_169_730_250_000_000),
      ("1969-12-31T23:59:59.000Z", -1_000_000_000),
    ])
  func roundTrip(text: String, nanoseconds: Int64) {
    #expect(Instant(rfc3339: text)?.nanoseconds == nanoseconds)
    #expect(Instant(nanoseconds: nanoseconds).description == text)
  }

  @Test("an offset is taken off")
  func offset() {
    #expect(
      Instant(rfc3339: "2026-11-20T12:15:30+02:00") == Instant(rfc3339: "2026-11-20T10:15:30Z"))
  }

  @Test(
    "what is no moment is refused",
    arguments: [
      "", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01",
    ])
  func refused(text: String) {
    #expect(Instant(rfc3339: text) == nil)
  }
}
