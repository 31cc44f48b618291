import CKaizenPlugin
import Model
import Testing

@Suite("The success-rate analyzer") struct SuccessRateTests {
  private func analyze(_ window: Window, config: String = "{}") throws -> Emitted {
    let arena = Arena()
    return try Component(
      "SuccessRateAnalyzer", "success-rate", kind: KZ_KIND_ANALYZER, config: config
    ).analyze(window.view(arena))
  }

  @Test("a clear fall is reported with its arithmetic")
  func falls() throws {
    let found = try analyze(Window(now: (60, 40), before: (95, 5))).opportunities
    #expect(found.map(\.type) == ["success_rate_decline"])
    #expect(found.first?.title == "success rate fell by more than 5 points")
    let evidence = try #require(found.first?.evidence)
    #expect(evidence["now"]?["successes"]?.integer == 60)
    #expect(abs((evidence["drop"]?.number ?? 0) - 0.35) < 1e-12)
    #expect((found.first?.strength ?? 0) > 0.999)
  }

  @Test("exactly five points, a rise and no data say nothing", arguments: [0, 1, 2, 3])
  func silent(which: Int) throws {
    let windows = [
      Window(now: (90, 10), before: (95, 5)), Window(now: (9, 1), before: (5, 5)),
      Window(now: (0, 0), before: (9, 1)), Window(now: (0, 9), before: (0, 0)),
    ]
    #expect(try analyze(windows[which]).opportunities.isEmpty)
  }

  // Oracle: scipy.stats.fisher_exact([[a, b], [c, d]], alternative="less").
  @Test(
    "strength is one minus Fisher's exact p",
    arguments: [
      (UInt64(1), UInt64(9), UInt64(11), UInt64(3), 0.0013797280926100418),
      (UInt64(15), UInt64(5), UInt64(18), UInt64(2), 0.20374220374220375),
      (UInt64(0), UInt64(1), UInt64(1), UInt64(0), 0.5),
    ])
  func strength(a: UInt64, b: UInt64, c: UInt64, d: UInt64, p: Double) throws {
    let found = try #require(try analyze(Window(now: (a, b), before: (c, d))).opportunities.first)
    #expect(abs(found.strength - (1 - p)) < 1e-9)
  }

  @Test("a million operations are weighed as exactly, and in time")
  func large() throws {
    let found = try analyze(Window(now: (800_000, 200_000), before: (900_000, 100_000)))
    #expect(found.opportunities.first?.strength == 1)
  }

  @Test("a rising trend holds it back, a weak one does not")
  func trend() throws {
    var window = Window(now: (60, 40), before: (95, 5), trend: (7, 0.02, 0.01))
    #expect(try analyze(window).opportunities.isEmpty)
    window.trend = (7, 0.02, 0.6)
    #expect(try analyze(window).opportunities.count == 1)
    window.trend = (7, -0.02, 0.01)
    #expect(try analyze(window).opportunities.count == 1)
  }

  @Test("the drop is the config's, and the title says it")
  func config() throws {
    let window = Window(now: (85, 15), before: (95, 5))
    #expect(try analyze(window, config: #"{"drop":0.2}"#).opportunities.isEmpty)
    let found = try analyze(window, config: #"{"drop":0.025}"#).opportunities
    #expect(found.first?.title == "success rate fell by more than 2.5 points")
  }

  @Test("a drop that is none is refused", arguments: ["\"x\"", "-1", "2", "null"])
  func badConfig(drop: String) {
    let failure = #expect(throws: CallFailure.self) {
      try analyze(Window(), config: "{\"drop\":\(drop)}")
    }
    #expect(failure?.description.contains("drop must be a number") == true)
  }
}
