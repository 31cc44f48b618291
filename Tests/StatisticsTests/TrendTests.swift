import Testing

@testable import Statistics

@Suite("A trend over days") struct TrendTests {
  @Test("below 5 values there is none")
  func few() {
    #expect(MannKendall([1, 2, 3, 4]) == nil)
    #expect(MannKendall([1, 2, 3, .nan, 5]) == nil)
    // Why: 4 values in strict order still have p = 0.083.
    #expect(abs(MannKendall.exactPValue(6, count: 4) - 2.0 / 24) < 1e-12)
  }

  @Test("five values in strict order have p = 2/120")
  func strict() throws {
    let rising = try #require(MannKendall([1, 2, 3, 4, 5]))
    #expect(rising.s == 10 && abs(rising.pValue - 2.0 / 120) < 1e-12)
    let falling = try #require(MannKendall([5, 4, 3, 2, 1]))
    #expect(falling.s == -10 && falling.pValue == rising.pValue)
  }

  @Test("the exact p-values of all S add up, and the middle is 1")
  func exact() {
    #expect(MannKendall.exactPValue(0, count: 5) == 1)
    // Kendall's table: P(S ≥ 6) = 0.117 one-sided, P(S ≥ 8) = 0.042 for n = 5.
    #expect(abs(MannKendall.exactPValue(6, count: 5) / 2 - 0.1167) < 1e-3)
    #expect(abs(MannKendall.exactPValue(8, count: 5) / 2 - 0.0417) < 1e-3)
  }

  @Test("the normal approximation follows its formula, ties included")
  func normal() throws {
    // n = 5, S = 10: variance 50/3, z = 9/√(50/3) = 2.2045, p = 0.0275.
    #expect(abs(MannKendall.normalPValue(10, count: 5, ties: []) - 0.02749) < 1e-4)
    // n = 12 with a tie of 3: variance (12·11·29 − 3·2·11)/18 = 209.
    let values: [Double] = [1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    let test = try #require(MannKendall(values))
    #expect(test.s == 63)
    #expect(abs(test.pValue - 1.8e-5) < 5e-6)
  }

  @Test("equal values have no trend")
  func flat() throws {
    let test = try #require(MannKendall([0.8, 0.8, 0.8, 0.8, 0.8, 0.8]))
    #expect(test.s == 0 && test.pValue == 1)
  }

  @Test("of values in random order, no more than 5 % seem to have a trend")
  func falseAlarms() throws {
    var state: UInt64 = 7
    var alarms = 0
    for _ in 0..<2000 {
      let values = (0..<8).map { _ -> Double in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 33)
      }
      if try #require(MannKendall(values)).pValue < 0.05 { alarms += 1 }
    }
    #expect(alarms < 120)
  }

  @Test("the slope is the median of all slopes, and one wild point does not turn it")
  func slope() throws {
    let line = (0..<10).map { (time: Double($0), value: 3 - 0.5 * Double($0)) }
    #expect(try #require(TheilSen(line)).slope == -0.5)
    var wild = line
    wild[4].value = 1000
    #expect(try #require(TheilSen(wild)).slope == -0.5)
  }

  @Test("days without data are gaps in time, not steps")
  func gaps() throws {
    let points: [(time: Double, value: Double)] = [(0, 0), (10, 5), (12, 6)]
    #expect(try #require(TheilSen(points)).slope == 0.5)
    #expect(TheilSen([(1, 1)]) == nil)
    #expect(TheilSen([(1, 1), (1, 2)]) == nil)
  }
}
