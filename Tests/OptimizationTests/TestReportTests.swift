import Model
import Optimization
import Testing

@Suite("Reading what a test runner printed") struct TestOutputTests {
  @Test("unittest, pytest and TAP name their cases")
  func formats() {
    let cases = TestOutput.cases(
      in: """
        test_a (tests.test_x.T.test_a) ... ok
        test_b (tests.test_x.T.test_b) ... FAIL
        test_c (tests.test_x.T.test_c) ... skipped 'no network'
        tests/test_y.py::test_d PASSED   [ 50%]
        tests/test_y.py::test_e FAILED   [100%]
        ok 1 - opens
        not ok 2 - closes
        ok 3 - later # SKIP not here
        ok 4
        okay, this is prose
        """)
    #expect(
      cases.map(\.name) == [
        "test_a (tests.test_x.T.test_a)", "test_b (tests.test_x.T.test_b)",
        "tests/test_y.py::test_d", "tests/test_y.py::test_e", "opens", "closes", "4",
      ])
    #expect(cases.map(\.passed) == [true, false, true, false, true, false, true])
  }

  @Test("a case that failed anywhere failed")
  func repeated() {
    let cases = TestOutput.cases(in: "ok 1 - a\nnot ok 2 - a\nok 3 - a")
    #expect(cases == [TestReport.Case(name: "a", passed: false)])
  }

  @Test("output of no known format names none")
  func unknown() { #expect(TestOutput.cases(in: "all good\n...\n").isEmpty) }
}

@Suite("Judging a clone's tests against the base's") struct TestJudgementTests {
  private func report(_ ending: TestReport.Ending, _ cases: [String: Bool] = [:]) -> TestReport {
    TestReport(
      ending: ending,
      cases: cases.sorted { $0.key < $1.key }.map { .init(name: $0.key, passed: $0.value) },
      duration: .seconds(1), output: "out")
  }

  @Test("a case that passed on the base and fails on the clone decides")
  func regression() {
    let base = report(.exited(0), ["a": true, "b": true])
    let clone = report(.exited(1), ["a": true, "b": false])
    #expect(TestJudgement.judge(base: base, clone: clone) == .regressed(["b"]))
  }

  @Test("a case that vanishes counts as lost")
  func vanished() {
    let base = report(.exited(0), ["a": true, "b": true])
    #expect(
      TestJudgement.judge(base: base, clone: report(.exited(0), ["a": true]))
        == .regressed(["b"]))
  }

  @Test("a case that failed on the base does not decide")
  func failedBefore() {
    let base = report(.exited(1), ["a": true, "b": false])
    #expect(TestJudgement.judge(base: base, clone: base) == .passed)
    #expect(
      TestJudgement.judge(base: base, clone: report(.exited(0), ["a": true, "b": true]))
        == .passed)
  }

  @Test("a base that fails as a whole decides nothing")
  func baseFails() {
    #expect(
      TestJudgement.judge(base: report(.exited(1)), clone: report(.exited(0))) == .baseFails)
    #expect(
      TestJudgement.judge(base: report(.timedOut), clone: report(.exited(0))) == .baseFails)
  }

  @Test("without cases the exit status decides")
  func exitStatus() {
    let base = report(.exited(0))
    #expect(TestJudgement.judge(base: base, clone: report(.exited(0))) == .passed)
    #expect(TestJudgement.judge(base: base, clone: report(.signaled(9))) == .failed)
    #expect(TestJudgement.judge(base: base, clone: report(.timedOut)) == .failed)
  }

  @Test("a run that fails although every known case holds has failed")
  func failsOutside() {
    let base = report(.exited(0), ["a": true])
    #expect(TestJudgement.judge(base: base, clone: report(.exited(1), ["a": true])) == .failed)
  }

  @Test("a report survives being stored")
  func stored() {
    for ending in [TestReport.Ending.exited(3), .signaled(9), .timedOut, .absent] {
      let before = report(ending, ["a": false, "b": true])
      #expect(TestReport(json: before.json) == before)
    }
  }

  @Test("of many cases the counts survive being stored, and those that failed")
  func storedMany() throws {
    let cases = (1...360).map { TestReport.Case(name: "case \($0)", passed: $0 <= 350) }
    let before = TestReport(
      ending: .exited(1), cases: cases, duration: .seconds(1), output: "", isOutputCut: true)
    let after = try #require(TestReport(json: before.json))
    #expect(after.caseCount == 360 && after.passedCount == 350 && after.isOutputCut)
    #expect(after.failing == (351...360).map { "case \($0)" })
    #expect(after.cases.count == 200 && after.cases[0].name == "case 351")
    #expect(after.summary == before.summary)
    #expect(after.summary.hasPrefix("350 of 360 cases passed"))
    #expect(TestReport(json: after.json) == after)
  }

  @Test("where one run printed too much to know its cases, the exit status decides")
  func cut() {
    let named = report(.exited(0), ["a": true])
    var cut = report(.exited(0))
    cut.isOutputCut = true
    #expect(TestJudgement.judge(base: named, clone: cut) == .passed)
    #expect(TestJudgement.judge(base: cut, clone: named) == .passed)
    cut.ending = .exited(1)
    #expect(TestJudgement.judge(base: named, clone: cut) == .failed)
    #expect(TestJudgement.judge(base: cut, clone: named) == .baseFails)
  }
}
