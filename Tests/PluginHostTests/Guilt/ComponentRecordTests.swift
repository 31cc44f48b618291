import Model
import Testing

@testable import PluginHost

@Suite("What is remembered of a component") struct ComponentRecordTests {
  private static let old = ComponentGuilt.Version(name: "1.0", digest: "old")
  private static let new = ComponentGuilt.Version(name: "1.1", digest: "new")
  private static let death = KaizenError("E_PLUGIN_CRASHED", "it crashed\nand said why")

  private func event(
    _ version: ComponentGuilt.Version, _ input: String, at second: Int64 = 100
  ) -> ComponentRecord.Event {
    ComponentRecord.Event(
      version: version, input: input, agent: "agent-\(input)", time: Instant(seconds: second))
  }

  private func guilt(
    _ culprit: ComponentGuilt.Culprit, _ input: String = "x",
    _ version: ComponentGuilt.Version = new
  ) -> ComponentGuilt {
    ComponentGuilt(
      culprit: culprit, versions: [version], input: input, agent: "a",
      instead: culprit == .input ? nil : Self.old, since: Instant(seconds: 1), deaths: [],
      answers: [])
  }

  @Test("a version is good from its first answer on; two are kept, the newest first")
  func good() {
    var record = ComponentRecord()
    let isFirst = [(Self.old, "x"), (Self.old, "y"), (Self.new, "x")].map {
      record.answered(event($0.0, $0.1), isKept: true)
    }
    #expect(isFirst == [true, false, true])
    #expect(record.lastGood(otherThan: "new") == Self.old)
    #expect(record.lastGood(otherThan: "old") == Self.new)
    let third = ComponentGuilt.Version(name: "1.2", digest: "third")
    _ = record.answered(event(third, "x"), isKept: true)
    #expect(record.good.map(\.version) == [third, Self.new])
  }

  @Test("a version whose manifest is no part of its copy cannot be called again")
  func notKept() {
    var record = ComponentRecord()
    _ = record.answered(event(Self.old, "x"), isKept: false)
    #expect(record.lastGood(otherThan: "new") == nil)
  }

  @Test("deaths are counted by version and input, until it answers that, for a day")
  func deaths() {
    var record = ComponentRecord()
    for second in 100..<103 { record.died(event(Self.new, "x", at: Int64(second)), Self.death) }
    let entry = record.died(event(Self.old, "x"), Self.death)
    #expect(entry.count == 1 && entry.message == "it crashed and said why")
    let own = record.deaths(of: "new")
    #expect(own.map(\.count) == [3])
    #expect(own.first?.first == Instant(seconds: 100) && own.first?.last == Instant(seconds: 102))
    _ = record.answered(event(Self.new, "x"), isKept: true)
    #expect(record.deaths(of: "new").isEmpty)
    record.died(event(Self.new, "z", at: 100 + 2 * 86_400), Self.death)
    #expect(record.deaths.map(\.input) == ["z"])
  }

  @Test("the question is due when one input killed often enough, or enough inputs did")
  func due() {
    var record = ComponentRecord()
    var dues: [Bool] = []
    for input in ["x", "x", "x", "x", "y", "z", "w", "x", "x"] {
      let entry = record.died(event(Self.new, input), Self.death)
      dues.append(record.isQuestionDue(entry, failureCount: 3))
    }
    #expect(dues == [false, false, true, false, false, true, true, false, true])
  }

  @Test("a finding applies to its versions and, unless it is the version, to its input alone")
  func applies() {
    var record = ComponentRecord()
    record.add(guilt(.pair))
    #expect(record.guilt("new", "x")?.culprit == .pair)
    #expect(record.guilt("new", "y") == nil && record.guilt("old", "x") == nil)
    #expect(record.guilt(ofVersion: "new") == nil)
    record.add(guilt(.version))
    #expect(record.guilt(ofVersion: "new")?.culprit == .version)
    #expect(record.guilt("new", "y")?.culprit == .version)
  }

  @Test("a guilty version is good no more, and does not become it by answering something")
  func guilty() {
    var record = ComponentRecord()
    _ = record.answered(event(Self.old, "x"), isKept: true)
    _ = record.answered(event(Self.new, "x"), isKept: true)
    record.add(guilt(.version))
    #expect(record.good.map(\.version) == [Self.old])
    let isFirst = record.answered(event(Self.new, "y"), isKept: true)
    #expect(!isFirst)
    #expect(record.good.map(\.version) == [Self.old])
  }

  @Test("an input that no version answers is not given to another one any more")
  func inputAfterPair() {
    var record = ComponentRecord()
    record.add(guilt(.pair))
    record.add(guilt(.input))
    #expect(record.guilty.map(\.culprit) == [.input])
  }

  @Test("everything has an end: findings, deaths, answers")
  func bounded() {
    var record = ComponentRecord()
    for number in 0..<100 {
      record.died(event(Self.new, "d\(number)"), Self.death)
      _ = record.answered(event(Self.new, "a\(number)"), isKept: true)
      record.add(guilt(.input, "g\(number)"))
    }
    #expect(record.deaths.count == ComponentRecord.Limit.deathsCount)
    #expect(record.answers.count == ComponentRecord.Limit.answerCount)
    #expect(record.guilty.count == ComponentRecord.Limit.guiltCount)
    #expect(record.guilty.last?.input == "g99")
    let long = KaizenError("E_PLUGIN_EXITED", String(repeating: "ö", count: 5000))
    let entry = record.died(event(Self.new, "long"), long)
    #expect(entry.message.utf8.count <= ComponentRecord.Limit.messageBytes + 3)
  }

  @Test("another version that is registered starts clean; the last good one keeps its own")
  func registered() {
    var record = ComponentRecord()
    _ = record.answered(event(Self.old, "x"), isKept: true)
    record.died(event(Self.new, "x"), Self.death)
    record.died(event(Self.old, "q"), Self.death)
    record.add(guilt(.pair))
    record.add(guilt(.input, "q", Self.old))
    record.registered("third")
    #expect(record.guilty.map(\.input) == ["q"])
    #expect(record.deaths.map(\.version) == [Self.old])
    record.lift()
    #expect(record.guilty.isEmpty && record.deaths.isEmpty)
    #expect(record.good.map(\.version) == [Self.old])
  }

  @Test("a copy that is lost takes with it what was called instead")
  func forgotten() {
    var record = ComponentRecord()
    _ = record.answered(event(Self.old, "x"), isKept: true)
    record.add(guilt(.pair))
    record.forget("old")
    #expect(record.guilty.isEmpty && record.good.isEmpty)
  }

  @Test("is the same after it was written and read")
  func roundTrip() throws {
    var record = ComponentRecord()
    _ = record.answered(event(Self.old, "x"), isKept: true)
    record.died(event(Self.new, "x"), Self.death)
    var found = guilt(.pair)
    (found.deaths, found.answers) = (record.deaths, record.answers)
    record.add(found)
    record.add(guilt(.input, "y"))
    record.absentSince = Instant(seconds: 7)
    #expect(ComponentRecord(json: record.json) == record)
  }

  @Test(
    "cannot be read where a part is missing or wrong",
    arguments: ["good", "deaths", "answers", "guilty"])
  func malformed(key: String) throws {
    var record = ComponentRecord()
    record.add(guilt(.pair))
    var members = try #require(record.json.object)
    members[key] = nil
    #expect(ComponentRecord(json: .object(members)) == nil)
    members[key] = [["odd": 1]]
    #expect(ComponentRecord(json: .object(members)) == nil)
  }
}
