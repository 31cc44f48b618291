import Feedback
import Model
import TestSupport
import Testing

@Suite("Means of scores and ratings") struct SummaryMeansTests {
  @Test("are those of the records that score and rate, by the window and ever")
  func means() throws {
    let test = try TestLoop()
    #expect(test.loop.summary(test.agent, days: 7).rating == nil)
    #expect(try test.loop.stats().rating == nil && test.loop.stats().quality == nil)
    try test.ingest(
      line("user_rating", "a", #","rating":5"#), line("user_rating", "b", #","rating":2"#),
      line("user_rating", "c", #","rating":1,"time":"\#(noon - day * 20)""#),
      line("quality_score", "d", #","score":0.25"#), line("quality_score", "e", #","score":0.75"#))
    // (5 + 2) ÷ 2, and with the old one (5 + 2 + 1) ÷ 3.
    #expect(test.loop.summary(test.agent, days: 7).rating == 3.5)
    #expect(abs((try test.loop.stats().rating ?? 0) - 8.0 / 3) < 1e-9)
    #expect(try test.loop.stats().quality == 0.5)
  }
}
