import Statistics
import Testing

@Suite("The same cases before and after") struct PairedSignTestTests {
  @Test("five different outcomes, all one way, are the fewest that count")
  func fewest() {
    #expect(PairedSignTest(wins: 5, losses: 0).pValue == 1.0 / 32)
    #expect(PairedSignTest(wins: 4, losses: 0).pValue == 1.0 / 16)
    #expect(PairedSignTest(wins: 0, losses: 5).pValue == 1)
    #expect(PairedSignTest(wins: 0, losses: 0).pValue == 1)
  }

  @Test("agrees with R: binom.test(8, 10, alternative = \"greater\")")
  func oracle() {
    #expect(abs(PairedSignTest(wins: 8, losses: 2).pValue - 0.0546875) < 1e-12)
    #expect(abs(PairedSignTest(wins: 60, losses: 40).pValue - 0.02844397) < 1e-8)
  }

  @Test("thousands of cases neither overflow nor vanish")
  func many() {
    let half = PairedSignTest(wins: 5000, losses: 5000).pValue
    #expect(half > 0.5 && half < 0.51)
    #expect(PairedSignTest(wins: 10_000, losses: 0).pValue == 0)
  }

  @Test(
    "needs as many different outcomes for 80 % power as published",
    arguments: [(158, 0.6), (37, 0.7), (18, 0.8), (8, 0.9)])
  func power(pairs: Int, rate: Double) throws {
    let critical = try #require(
      (0...pairs).first { PairedSignTest(wins: $0, losses: pairs - $0).pValue <= 0.05 })
    var probability = 1.0
    for _ in 0..<pairs { probability *= 1 - rate }
    var power = 0.0
    for wins in 0...pairs {
      if wins >= critical { power += probability }
      probability *= Double(pairs - wins) / Double(wins + 1) * rate / (1 - rate)
    }
    #expect(power > 0.78 && power < 0.88, "\(power)")
  }
}

@Suite("Quantiles") struct QuantileTests {
  @Test("agree with R: quantile(c(1, 2, 3, 4, 10), type = 7)")
  func oracle() {
    let values: [Double] = [10, 3, 1, 4, 2]
    #expect(Quantile.of(values, 0) == 1)
    #expect(Quantile.of(values, 0.25) == 2)
    #expect(Quantile.of(values, 0.5) == 3)
    #expect(abs((Quantile.of(values, 0.95) ?? 0) - 8.8) < 1e-12)
    #expect(Quantile.of(values, 1) == 10)
  }

  @Test("of one value it is that value, of none there is none")
  func edges() {
    #expect(Quantile.of([7], 0.95) == 7)
    #expect(Quantile.of([], 0.5) == nil)
    #expect(Quantile.of([1, 2], 1.5) == nil)
    #expect(Quantile.of([1, 2], .nan) == nil)
  }
}
