import Model
import Quality
import Testing

@Suite("New findings on changed lines") struct NewFindingTests {
  /// Lines 10 to 20 of a.py changed, b.py lost lines, c.py is new.
  private var changed: ChangedLines {
    var changed = ChangedLines(["a.py": [10...20]])
    changed.touch("b.py")
    changed.addWhole("c.py")
    return changed
  }

  private func new(_ base: [Finding], _ stage: [Finding]) -> [Finding] {
    Guardian.newFindings(base: base, stage: stage, changedLines: changed)
  }

  @Test("one on a changed line is new, one beside it is not", arguments: [9, 10, 15, 20, 21])
  func place(line: Int) {
    #expect(new([], [finding(line)]).count == ((10...20).contains(line) ? 1 : 0))
  }

  @Test("one of the whole file is new where the file was touched")
  func wholeFile() {
    #expect(new([], [finding(nil)]).count == 1)
    #expect(new([], [finding(nil, file: "b.py")]).count == 1)
    #expect(new([], [finding(nil, file: "d.py")]).isEmpty)
  }

  @Test("every line of a new file counts, none of a file that only lost lines")
  func files() {
    #expect(new([], [finding(99_999, file: "c.py")]).count == 1)
    #expect(new([], [finding(1, file: "b.py")]).isEmpty)
    #expect(changed.files == ["a.py", "b.py", "c.py"])
  }

  @Test("a finding that only moved is not new, wherever it went", arguments: [1, 12, 500])
  func moved(line: Int) {
    #expect(new([finding(3)], [finding(line)]).isEmpty)
  }

  @Test("a change of level alone is not new")
  func level() {
    var worse = finding(12)
    worse.level = .error
    #expect(new([finding(3)], [worse]).isEmpty)
  }

  @Test("another rule, file or message is new")
  func different() {
    let base = [finding(12)]
    #expect(new(base, [finding(12, "R2")]).count == 1)
    #expect(new(base, [finding(12, file: "c.py")]).count == 1)
    #expect(new(base, [finding(12, "R1", "other")]).count == 1)
  }

  @Test("of several alike, as many are new as there are more, those on changed lines first")
  func several() {
    let base = [finding(1), finding(2)]
    #expect(new(base, [finding(1), finding(2), finding(12)]).map(\.line) == [12])
    #expect(new(base, [finding(1), finding(12), finding(13), finding(14)]).count == 2)
    #expect(new(base, [finding(12), finding(13)]).isEmpty)
    #expect(new(base, [finding(1), finding(2), finding(3)]).isEmpty)
  }

  @Test("what was there before never counts", arguments: 1...100 as ClosedRange<UInt64>)
  func subset(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    let base = (0..<30).map { _ in
      finding(
        Int.random(in: 1...30, using: &generator), "R\(Int.random(in: 1...3, using: &generator))")
    }
    let kept = base.filter { _ in Bool.random(using: &generator) }
    let shifted = kept.map { kept in
      var kept = kept
      kept.line = kept.line.map { $0 + Int.random(in: -5...5, using: &generator) }
      return kept
    }
    #expect(new(base, shifted).isEmpty)
    let added = shifted + [finding(15, "R9")]
    #expect(new(base, added.shuffled(using: &generator)).map(\.rule) == ["R9"])
  }

  @Test("the gate names each, up to a limit, and counts the rest")
  func named() {
    let stage = assessment([:], (1...Guardian.reasonCountMax + 5).map { finding(10, "R\($0)") })
    let decision = Guardian.gate(base: assessment([:]), stage: stage, changedLines: changed)
    #expect(decision.reasons.count == Guardian.reasonCountMax + 1)
    #expect(decision.reasons.first?.text == "new R1 at a.py:10: m")
    #expect(decision.reasons.last?.text == "and 5 more")
  }
}
