import Testing

@Suite("The house rules hold") struct HouseRulesTests {
  typealias Violation = Repository.Violation
  let files: [Repository.File]
  init() throws { files = try Repository.files() }

  private func expectNone(
    _ violations: [Violation], at location: SourceLocation = #_sourceLocation
  ) {
    for violation in violations {
      Issue.record(Comment(rawValue: violation.description), sourceLocation: location)
    }
  }

  @Test("the files of the package are found")
  func found() {
    let paths = Set(files.map(\.path))
    #expect(paths.isSuperset(of: ["Package.swift", "Sources/Model/KaizenError.swift", "Makefile"]))
    #expect(!paths.contains { $0.hasPrefix(".build/") || $0.hasPrefix(".git/") })
  }

  @Test("arrows point downwards: no room imports one above or beside it")
  func imports() { expectNone(ImportRules.violations(in: files)) }

  @Test("every room is in the table of the house")
  func rooms() { expectNone(ImportRules.unknownRooms(in: files)) }

  @Test("no test links a plugin")
  func plugins() { expectNone(ImportRules.pluginsInTests(in: files)) }

  @Test("nobody imports Foundation")
  func foundation() { expectNone(ImportRules.foundation(in: files)) }

  @Test("no source file has more than 600 lines")
  func fileSizes() { expectNone(SizeRules.files(in: files)) }

  @Test("no function has more than 60 lines")
  func functionSizes() { expectNone(SizeRules.functions(in: files)) }

  @Test("a program is at most 30 lines: parse, build, run")
  func mains() { expectNone(SizeRules.mains(in: files)) }

  @Test("the README has at most 150 lines")
  func readme() { expectNone(SizeRules.readme(in: files)) }

  @Test("what switches a check off says why")
  func explained() { expectNone(TextRules.unexplained(in: files)) }

  @Test("no library is ever unloaded")
  func unloading() { expectNone(TextRules.unloading(in: files)) }

  @Test("no type bears the name of its module")
  func namesakes() { expectNone(TextRules.namesakes(in: files)) }

  @Test("no file names a path of one machine, or a host that packages come from")
  func machines() { expectNone(TextRules.machines(in: files)) }
}
