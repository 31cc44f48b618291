import Statistics
import Testing

@Suite("A rate with its interval") struct WilsonIntervalTests {
  @Test(
    "lower bounds are the published ones",
    arguments: [(3, 3, 0.44), (3, 5, 0.23), (6, 10, 0.31), (6, 6, 0.61), (20, 20, 0.84)])
  func lower(successes: Int, trials: Int, expected: Double) throws {
    let interval = try #require(WilsonInterval(successes: successes, trials: trials))
    #expect(abs(interval.lower - expected) < 0.005)
  }

  @Test("both bounds agree with R: binom.confint(15, 50, methods = \"wilson\")")
  func bounds() throws {
    let interval = try #require(WilsonInterval(successes: 15, trials: 50))
    #expect(abs(interval.lower - 0.1910) < 5e-5)
    #expect(abs(interval.upper - 0.4375) < 5e-5)
  }

  @Test("success and failure mirror each other, and bounds stay within 0 and 1")
  func symmetry() throws {
    for trials in [1, 2, 7, 1000] {
      for successes in 0...trials {
        let a = try #require(WilsonInterval(successes: successes, trials: trials))
        let b = try #require(WilsonInterval(successes: trials - successes, trials: trials))
        #expect(abs(a.lower - (1 - b.upper)) < 1e-12)
        #expect(a.lower >= 0 && a.upper <= 1 && a.lower < a.upper)
      }
    }
  }

  @Test("without trials there is no interval")
  func none() {
    #expect(WilsonInterval(successes: 0, trials: 0) == nil)
    #expect(WilsonInterval(successes: 3, trials: 2) == nil)
    #expect(WilsonInterval(successes: -1, trials: 2) == nil)
  }
}
