import CKaizenPlugin
import Model
import Testing

@Suite("The response-time analyzer") struct ResponseTimeTests {
  private func analyze(_ window: Window) throws -> Emitted {
    let arena = Arena()
    return try Component("ResponseTimeAnalyzer", "response-time", kind: KZ_KIND_ANALYZER)
      .analyze(window.view(arena))
  }

  @Test("a mean above the promise is reported, below it and without one nothing is")
  func trigger() throws {
    let durations = [200.0, 300, 400]
    let found = try analyze(Window(slaMilliseconds: 250, durations: durations)).opportunities
    #expect(found.map(\.type) == ["performance_degradation"])
    #expect(found.first?.title == "mean response time above the promised 250 ms")
    #expect(found.first?.evidence["samples"]?.integer == 3)
    #expect(try analyze(Window(slaMilliseconds: 300, durations: durations)).opportunities.isEmpty)
    #expect(try analyze(Window(durations: durations)).opportunities.isEmpty)
    #expect(try analyze(Window(slaMilliseconds: 250)).opportunities.isEmpty)
  }

  // Oracle: scipy.stats.ttest_1samp(x, 250, alternative="greater").pvalue; the first is
  // t = 0.8660 with 2 degrees of freedom, whose tail is (1 − t/√(2 + t²))/2 in closed form.
  @Test("strength is one minus Student's p")
  func strength() throws {
    let three = try analyze(Window(slaMilliseconds: 250, durations: [200, 300, 400]))
    let t = 0.8660254037844387
    let p = (1 - t / (2 + t * t).squareRoot()) / 2
    #expect(abs((three.opportunities.first?.strength ?? 0) - (1 - p)) < 1e-9)
    // 50 values of 240 and 50 of 280: mean 260, standard error 2.0101, t = 4.975 with 99.
    let many = Array(repeating: 240.0, count: 50) + Array(repeating: 280.0, count: 50)
    let sure = try analyze(Window(slaMilliseconds: 250, durations: many)).opportunities.first
    #expect(abs((1 - (sure?.strength ?? 0)) - 1.3761e-6) < 1e-9)
  }

  @Test("one sample proves nothing, absent rows are none")
  func few() throws {
    let one = try analyze(Window(slaMilliseconds: 250, durations: [.nan, 900, .nan]))
    #expect(one.opportunities.first?.strength == 0)
    #expect(one.opportunities.first?.evidence["samples"]?.integer == 1)
    let equal = try analyze(Window(slaMilliseconds: 250, durations: [900, 900]))
    #expect(equal.opportunities.first?.strength == 1)
  }
}
