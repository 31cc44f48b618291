import Approval
import Model
import SQLite
import TestSupport
import Testing

@Suite("Deciding on approvals") struct AdmiralTests {
  let bench: Bench
  let admiral: Admiral
  init() throws {
    bench = try Bench()
    admiral = bench.admiral()
  }

  @Test("a request is kept as it was asked")
  func kept() throws {
    let made = try bench.request(admiral, approvers: .users([0, 5]))
    #expect(try admiral.show("r1") == made)
    #expect(made.state == .pending && made.decisions.isEmpty && made.rules == ["rule"])
    #expect(made.expiresAt == bench.clock.now + Policy.expiry)
    #expect(made.question == question())
  }

  @Test("one approval is enough where one is needed, and it can be used once")
  func once() throws {
    _ = try bench.request(admiral)
    let approved = try admiral.decide(
      "r1", approve: true, by: .user(5), reason: "looks right", digest: digestA)
    #expect(approved.state == .approved)
    #expect(approved.decisions.map(\.reason) == ["looks right"])
    #expect(try admiral.consume("r1", digest: digestA).state == .used)
    let again = failure { _ = try admiral.consume("r1", digest: digestA) }
    #expect(again?.code == "E_DECIDED")
    #expect(try admiral.show("r1").state == .used)
  }

  @Test("two approvals are those of two users")
  func two() throws {
    _ = try bench.request(admiral, needed: 2)
    let first = try admiral.decide("r1", approve: true, by: .user(5), digest: digestA)
    #expect(first.state == .pending)
    let same = failure {
      _ = try admiral.decide("r1", approve: true, by: .user(5), digest: digestA)
    }
    #expect(same?.code == "E_DECIDED")
    #expect(failure { _ = try admiral.consume("r1", digest: digestA) }?.code == "E_UNDECIDED")
    #expect(
      try admiral.decide("r1", approve: true, by: .user(6), digest: digestA).state == .approved)
  }

  @Test("one refusal ends it, also after an approval")
  func rejected() throws {
    _ = try bench.request(admiral, needed: 2)
    _ = try admiral.decide("r1", approve: true, by: .user(5), digest: digestA)
    let rejected = try admiral.decide(
      "r1", approve: false, by: .user(6), reason: "no", digest: digestA)
    #expect(rejected.state == .rejected)
    let late = failure {
      _ = try admiral.decide("r1", approve: true, by: .user(7), digest: digestA)
    }
    #expect(late?.code == "E_DECIDED")
    #expect(failure { _ = try admiral.consume("r1", digest: digestA) }?.code == "E_DECIDED")
  }

  @Test("a decision and its use are bound to the digest")
  func bound() throws {
    _ = try bench.request(admiral)
    let other = failure {
      _ = try admiral.decide("r1", approve: true, by: .user(5), digest: digestB)
    }
    #expect(other?.code == "E_DIGEST")
    #expect(try admiral.show("r1").state == .pending)
    _ = try admiral.decide("r1", approve: true, by: .user(5), digest: digestA)
    #expect(failure { _ = try admiral.consume("r1", digest: digestB) }?.code == "E_DIGEST")
    #expect(try admiral.show("r1").state == .approved)
  }

  @Test(
    "components, agents, the policy and the daemon never decide",
    arguments: [
      Actor.policy, .daemon,
    ], [true, false])
  func noPerson(actor: Actor, approve: Bool) throws {
    _ = try bench.request(admiral)
    let refused = failure {
      _ = try admiral.decide("r1", approve: approve, by: actor, digest: digestA)
    }
    #expect(refused?.code == "E_NOT_APPROVER")
    #expect(try admiral.show("r1").decisions.isEmpty)
  }

  @Test("only those whom the rule names decide, and never the sandboxes' user")
  func named() throws {
    let admiral = bench.admiral(refusedUsers: [61184])
    _ = try bench.request(admiral, approvers: .users([5, 61184]))
    for uid: UInt32 in [0, 1000, 61184] {
      let refused = failure {
        _ = try admiral.decide("r1", approve: true, by: .user(uid), digest: digestA)
      }
      #expect(refused?.code == "E_NOT_APPROVER")
    }
    #expect(
      try admiral.decide("r1", approve: true, by: .user(5), digest: digestA).state == .approved)
  }

  @Test(
    "with four eyes the uid that asked cannot decide; without, it can", arguments: [true, false])
  func fourEyes(isOn: Bool) throws {
    let admiral = bench.admiral(Policy(fourEyes: isOn, rules: Policy.shipped.rules))
    _ = try bench.request(admiral, requestedBy: .user(1000))
    let own = failure {
      _ = try admiral.decide("r1", approve: true, by: .user(1000), digest: digestA)
    }
    #expect(own?.code == (isOn ? "E_FOUR_EYES" : nil))
    if isOn {
      #expect(
        try admiral.decide("r1", approve: true, by: .user(1), digest: digestA).state == .approved)
    }
  }

  @Test("a request nobody could ever grant is refused at once")
  func unreachable() throws {
    let admiral = bench.admiral(
      Policy(fourEyes: true, rules: Policy.shipped.rules), refusedUsers: [61184])
    let refused = failure {
      _ = try bench.request(admiral, approvers: .users([1000, 61184]), requestedBy: .user(1000))
    }
    #expect(refused?.code == "E_POLICY")
    #expect(try admiral.list(limit: 10).isEmpty)
  }

  @Test("an unknown id is named")
  func unknown() throws {
    let refused = failure { _ = try admiral.show("nope") }
    #expect(refused?.code == "E_UNKNOWN_APPROVAL" && refused?.message.contains("nope") == true)
  }

  @Test("asking again for the same thing gives the open request; for another, a new one")
  func again() throws {
    let first = try bench.request(admiral)
    bench.clock.advance(.seconds(5))
    #expect(try bench.request(admiral) == first)
    _ = try admiral.decide("r1", approve: true, by: .user(5), digest: digestA)
    #expect(try bench.request(admiral).state == .approved)
    _ = try bench.request(admiral, "r2", digest: digestB)
    #expect(try admiral.list(limit: 10).map(\.id) == ["r2", "r1"])
  }

  @Test("evidence beyond its bound is refused")
  func evidence() throws {
    var large = question()
    large.evidence = .string(String(repeating: "x", count: Admiral.evidenceBytesMax))
    let requirement = try #require(
      Policy.shipped.requirement(for: subject(), at: .beforePromotion))
    #expect(failure { _ = try admiral.request(large, requirement) }?.code == "E_TOO_LARGE")
  }

  @Test("lists are newest first, by agent and state, up to a limit")
  func lists() throws {
    for number in 1...5 { _ = try bench.request(admiral, "r\(number)") }
    _ = try admiral.decide("r2", approve: true, by: .user(5), digest: digestA)
    #expect(try admiral.list(limit: 3).map(\.id) == ["r5", "r4", "r3"])
    #expect(try admiral.list(state: .approved, limit: 10).map(\.id) == ["r2"])
    #expect(try admiral.count(state: .approved) == 1)
    #expect(try admiral.count(state: .pending) == 4)
    #expect(try admiral.count(state: .used) == 0)
    #expect(try admiral.list(agent: agentA, state: .pending, limit: 10).count == 4)
    #expect(try admiral.list(agent: agent("b"), limit: 10).isEmpty)
    #expect(try admiral.list(limit: -1).isEmpty)
  }
}

@Suite("Approvals lapse") struct ExpiryTests {
  let bench: Bench
  let admiral: Admiral
  init() throws {
    bench = try Bench()
    admiral = bench.admiral()
  }

  @Test(
    "to the nanosecond: not before its time, and from then on nothing works",
    arguments: [true, false])
  func lapses(isApproved: Bool) throws {
    _ = try bench.request(admiral)
    if isApproved { _ = try admiral.decide("r1", approve: true, by: .user(5), digest: digestA) }
    bench.clock.advance(Policy.expiry - .nanoseconds(1))
    #expect(try admiral.expireDue().isEmpty)
    bench.clock.advance(.nanoseconds(1))
    let decided = failure {
      _ = try admiral.decide("r1", approve: true, by: .user(6), digest: digestA)
    }
    #expect(decided?.code == "E_EXPIRED")
    #expect(failure { _ = try admiral.consume("r1", digest: digestA) }?.code == "E_EXPIRED")
    #expect(try admiral.expireDue().map(\.id) == ["r1"])
    #expect(try admiral.expireDue().isEmpty)
    #expect(try admiral.show("r1").state == .expired)
    #expect(failure { _ = try admiral.consume("r1", digest: digestA) }?.code == "E_EXPIRED")
  }

  @Test("what is decided for good does not lapse")
  func final() throws {
    _ = try bench.request(admiral)
    _ = try admiral.decide("r1", approve: false, by: .user(5), digest: digestA)
    bench.clock.advance(Policy.expiry + Policy.expiry)
    #expect(try admiral.expireDue().isEmpty)
    #expect(try admiral.show("r1").state == .rejected)
  }

  @Test("a lapsed request is no answer to a new question")
  func fresh() throws {
    _ = try bench.request(admiral, "r1")
    bench.clock.advance(Policy.expiry)
    var next = question("r2")
    next.plan = "plan-r1"
    let requirement = try #require(
      Policy.shipped.requirement(for: subject(), at: .beforePromotion))
    #expect(try admiral.request(next, requirement).id == "r2")
  }
}
