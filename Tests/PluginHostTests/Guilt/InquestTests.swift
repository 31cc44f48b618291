import Model
import Testing

@testable import PluginHost

@Suite("Judging who is guilty") struct InquestTests {
  /// Three deaths on one input, nothing else known.
  private var facts = Inquest(
    deathCount: 3, fatalInputCount: 1, failureCount: 3, answersOthers: nil, hasEarlier: false,
    earlierAnswers: nil, earlierAnswersOthers: nil, isApplier: false)

  private func finding(_ change: (inout Inquest) -> Void) -> Inquest.Finding {
    var facts = facts
    change(&facts)
    return facts.finding
  }

  @Test("it is unknown where nothing else was ever answered")
  func unknown() { #expect(facts.finding == .unknown) }

  @Test("one input, others answered: the input, unless an earlier version answers it")
  func input() {
    #expect(finding { $0.answersOthers = true } == .input)
    #expect(
      finding {
        ($0.answersOthers, $0.hasEarlier, $0.earlierAnswers) = (true, true, false)
      } == .input)
    #expect(
      finding {
        ($0.answersOthers, $0.hasEarlier, $0.earlierAnswers) = (true, true, true)
      } == .pair)
  }

  @Test("one input, nothing known of others, an earlier version answers: only the pair")
  func pair() {
    #expect(finding { ($0.hasEarlier, $0.earlierAnswers) = (true, true) } == .pair)
  }

  @Test("several inputs: the version, where an earlier one answers, else nobody knows")
  func version() {
    #expect(
      finding {
        ($0.fatalInputCount, $0.hasEarlier, $0.earlierAnswers) = (2, true, true)
      } == .version)
    #expect(
      finding {
        ($0.fatalInputCount, $0.hasEarlier, $0.earlierAnswers) = (2, true, false)
      } == .unknown)
    #expect(finding { $0.fatalInputCount = 3 } == .unknown)
  }

  @Test("a version that died on the last good input too is guilty where the earlier one did not")
  func tried() {
    #expect(
      finding {
        ($0.answersOthers, $0.hasEarlier, $0.earlierAnswers) = (false, true, true)
      } == .version)
    #expect(
      finding {
        ($0.answersOthers, $0.hasEarlier, $0.earlierAnswers) = (false, true, false)
        $0.earlierAnswersOthers = true
      } == .version)
    #expect(
      finding {
        ($0.answersOthers, $0.hasEarlier, $0.earlierAnswers) = (false, true, false)
        $0.earlierAnswersOthers = false
      } == .unknown)
  }

  @Test("an input is not skipped for fewer deaths than the breaker's")
  func few() {
    #expect(
      finding { ($0.deathCount, $0.fatalInputCount, $0.answersOthers) = (1, 3, true) } == .unknown)
  }

  @Test("appliers are judged by real calls alone: the earlier version's next one tells")
  func appliers() {
    #expect(finding { ($0.isApplier, $0.hasEarlier) = (true, true) } == .pair)
    #expect(
      finding { ($0.isApplier, $0.hasEarlier, $0.fatalInputCount) = (true, true, 2) } == .version)
    #expect(finding { ($0.isApplier, $0.answersOthers) = (true, true) } == .input)
  }
}
