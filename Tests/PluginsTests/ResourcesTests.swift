import CKaizenPlugin
import Model
import Testing

@Suite("The resources analyzer") struct ResourcesTests {
  private func analyze(_ window: Window, config: String = "{}") throws -> [Emitted.Opportunity] {
    let arena = Arena()
    return try Component(
      "ResourcesAnalyzer", "resources", kind: KZ_KIND_ANALYZER, config: config
    ).analyze(window.view(arena)).opportunities
  }

  @Test("memory above 500 MB and CPU above 80 % are reported, each with its arithmetic")
  func both() throws {
    let found = try analyze(
      Window(memory: [600, 610, 605, 590], cpu: [95, 90, 99, 97]))
    #expect(found.map(\.type) == ["resource_inefficiency", "resource_inefficiency"])
    #expect(found.map(\.title) == ["memory above 500 MB", "CPU above 80 %"])
    #expect(found[0].evidence["mean"]?.number == 601.25)
    #expect(found[0].evidence["samples"]?.integer == 4)
    #expect(found.allSatisfy { $0.strength > 0.99 })
  }

  @Test("exactly the limits, and no data, say nothing")
  func silent() throws {
    #expect(try analyze(Window(memory: [500, 500], cpu: [80, 80])).isEmpty)
    #expect(try analyze(Window()).isEmpty)
    #expect(try analyze(Window(memory: [.nan, .nan], cpu: [.nan])).isEmpty)
  }

  @Test("one wild operation among calm ones is reported and weak")
  func weak() throws {
    let found = try analyze(Window(memory: [100, 120, 110, 4000]))
    #expect(found.count == 1)
    #expect((0.5..<0.9).contains(found.first?.strength ?? 1))
    #expect(try analyze(Window(memory: [900])).first?.strength == 0)
  }

  @Test("the limits are the config's")
  func config() throws {
    let window = Window(memory: [300, 310])
    #expect(
      try analyze(window, config: #"{"memory_mb":200}"#).first?.title == "memory above 200 MB")
    let failure = #expect(throws: CallFailure.self) {
      try analyze(window, config: #"{"cpu_percent":0}"#)
    }
    #expect(failure?.description.contains("cpu_percent must be a number above 0") == true)
  }
}
