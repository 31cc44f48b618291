import Approval
import Glibc
import Linux
import Model
import SQLite
import TestSupport
import Testing

@Suite("The audit") struct AuditTests {
  let bench: Bench
  let audit: AuditTrail
  init() throws {
    bench = try Bench()
    let clock = bench.clock
    audit = AuditTrail(database: bench.database, now: { clock.now })
  }

  private func fill(_ count: Int) throws {
    for number in 1...count {
      try audit.append(
        AuditEntry.Act(
          "generation.switched", by: .user(1000), agent: agentA, subject: "g\(number)",
          details: ["from": .integer(Int64(number)), "note": "a \"b\"\n é \u{0}"]))
    }
  }

  @Test("an empty one is intact, with the hash that comes before the first")
  func empty() throws {
    #expect(try audit.verify() == .intact(count: 0, head: AuditEntry.genesis))
  }

  @Test("entries are numbered, chained and intact, and the head is the last hash")
  func chained() throws {
    try fill(20)
    let entries = try audit.list(limit: 100)
    #expect(entries.map(\.sequence) == (1...20).reversed())
    #expect(try audit.verify() == .intact(count: 20, head: entries[0].hash))
    #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.previous == $1.hash })
    #expect(entries.last?.previous == AuditEntry.genesis)
    #expect(try audit.list(agent: agent("b"), limit: 9).isEmpty)
    #expect(try audit.list(agent: agentA, limit: 2).count == 2)
  }

  @Test("a list may go on after an entry, oldest first, and leaves none out")
  func after() throws {
    try fill(20)
    #expect(try audit.list(after: 0, limit: 3).map(\.sequence) == [1, 2, 3])
    #expect(try audit.list(after: 3, limit: 3).map(\.sequence) == [4, 5, 6])
    #expect(try audit.list(after: 18, limit: 3).map(\.sequence) == [19, 20])
    #expect(try audit.list(after: 20, limit: 3).isEmpty)
    #expect(try audit.list(after: 0, limit: -1).isEmpty)
  }

  @Test("a chain longer than one step of the check is checked to its end")
  func long() throws {
    try bench.database.write { connection throws(KaizenError) -> Int in
      for _ in 1...2000 { try audit.append(AuditEntry.Act("x", by: .daemon), on: connection) }
      return 2000
    }
    let head = try audit.list(limit: 1)[0].hash
    #expect(try audit.verify() == .intact(count: 2000, head: head))
    try audit.append(AuditEntry.Act("x", by: .daemon))
    try bench.run("DROP TRIGGER audit_no_update")
    try bench.run("UPDATE audit SET actor = 'uid:0' WHERE sequence = 2001")
    guard case .broken(2001, _) = try audit.verify() else {
      Issue.record("not found")
      return
    }
  }

  @Test("the hash is the one any other program computes")
  func hash() throws {
    let entry = try audit.append(AuditEntry.Act("x", by: .daemon))
    // printf '%s' '<the line>' | sha256sum, where the line is
    // {"action":"x","actor":"daemon","agent":null,"details":"{}","previous":"000…","sequence":1,
    // "subject":null,"time":1000000000000000000}
    #expect(entry.hash == "5242569b41086c9fa48ccc3d68522977323465356943cc8a8aaad89c6f3b13bb")
    #expect(entry.expectedHash == entry.hash)
  }

  @Test(
    "the database refuses to change, remove, replace or skip an entry",
    arguments: [
      "UPDATE audit SET actor = 'uid:0' WHERE sequence = 2", "DELETE FROM audit WHERE sequence = 3",
      "DELETE FROM audit", "UPDATE OR REPLACE audit SET sequence = 1 WHERE sequence = 2",
      "INSERT OR REPLACE INTO audit SELECT 2, time_ns, 'uid:0', action, agent, subject, details, "
        + "previous, hash FROM audit WHERE sequence = 2",
      "INSERT INTO audit SELECT 9, time_ns, actor, action, agent, subject, details, previous, hash "
        + "FROM audit WHERE sequence = 3",
      "INSERT INTO audit SELECT NULL, time_ns, actor, action, agent, subject, details, previous, "
        + "hash FROM audit WHERE sequence = 3",
    ])
  func refused(statement: String) throws {
    try fill(3)
    let before = try audit.verify()
    let error = failure { try bench.run(statement) }
    #expect(error?.code == "E_CONSTRAINT")
    #expect(try audit.verify() == before)
  }

  @Test("an act that does not fit is refused")
  func bounded() throws {
    let text = String(repeating: "x", count: AuditTrail.detailsBytesMax)
    let error = failure {
      try audit.append(AuditEntry.Act("x", by: .daemon, details: ["x": .string(text)]))
    }
    #expect(error?.code == "E_TOO_LARGE")
    #expect(try audit.verify() == .intact(count: 0, head: AuditEntry.genesis))
  }

  @Test("a change and its record are both there or neither")
  func together() throws {
    let error = failure {
      try bench.database.write { connection throws(KaizenError) -> Int in
        try audit.append(AuditEntry.Act("x", by: .daemon), on: connection)
        throw KaizenError("E_TEST", "the change failed")
      }
    }
    #expect(error?.code == "E_TEST")
    #expect(try audit.list(limit: 1).isEmpty)
  }

  @Test("what the Admiral does is in it: who asked, who said what, who used it")
  func admiral() throws {
    let admiral = bench.admiral()
    _ = try bench.request(admiral)
    _ = try admiral.decide("r1", approve: true, by: .user(5), reason: "fine", digest: digestA)
    _ = try admiral.consume("r1", digest: digestA)
    _ = try bench.request(admiral, "r2", requestedBy: .daemon)
    bench.clock.advance(Policy.expiry)
    _ = try admiral.expireDue()
    let entries = try audit.list(limit: 10).reversed()
    #expect(
      entries.map { "\($0.action) \($0.actor) \($0.subject ?? "")" } == [
        "approval.requested uid:1000 r1", "approval.approved uid:5 r1", "approval.used daemon r1",
        "approval.requested daemon r2", "approval.expired daemon r2",
      ])
    #expect(entries.dropFirst().first?.details.contains("\"reason\":\"fine\"") == true)
    guard case .intact(5, _) = try audit.verify() else {
      Issue.record("the chain is broken")
      return
    }
  }

  @Test("nothing is recorded of a decision that was refused")
  func refusedDecision() throws {
    let admiral = bench.admiral()
    _ = try bench.request(admiral)
    _ = failure { _ = try admiral.decide("r1", approve: true, by: .daemon, digest: digestA) }
    #expect(try audit.list(limit: 10).count == 1)
  }
}

@Suite("Tampering with the audit shows") struct AuditTamperingTests {
  @Test(
    "whoever removes the triggers and changes the file is found out, at the entry",
    arguments: [
      ("UPDATE audit SET actor = 'uid:0' WHERE sequence = 3", 3, "its hash does not fit"),
      ("UPDATE audit SET action = 'y' WHERE sequence = 1", 1, "its hash does not fit"),
      ("UPDATE audit SET time_ns = time_ns + 1 WHERE sequence = 5", 5, "its hash does not fit"),
      ("UPDATE audit SET details = '{}' WHERE sequence = 2", 2, "its hash does not fit"),
      ("UPDATE audit SET details = details || ' ' WHERE sequence = 2", 2, "its hash does not fit"),
      ("UPDATE audit SET agent = NULL WHERE sequence = 2", 2, "its hash does not fit"),
      ("UPDATE audit SET hash = previous WHERE sequence = 2", 2, "its hash does not fit"),
      ("UPDATE audit SET previous = hash WHERE sequence = 4", 4, "its previous hash"),
      ("DELETE FROM audit WHERE sequence = 3", 3, "entry 3 is missing, 4 stands in its place"),
      ("DELETE FROM audit WHERE sequence = 1", 1, "entry 1 is missing"),
      ("UPDATE audit SET sequence = 9 WHERE sequence = 5", 5, "entry 5 is missing"),
    ] as [(String, Int64, String)])
  func found(statement: String, at: Int64, why: String) throws {
    let check = try tampered(statement)
    guard case .broken(let place, let reason) = check else {
      Issue.record("not found: \(check)")
      return
    }
    #expect(place == at && reason.contains(why), "\(place): \(reason)")
  }

  @Test("entries cut off at the end leave a chain that is intact, but with another head")
  func truncated() throws {
    guard case .intact(5, let whole) = try tampered("SELECT 1"),
      case .intact(4, let cut) = try tampered("DELETE FROM audit WHERE sequence = 5")
    else {
      Issue.record("the chain is broken")
      return
    }
    #expect(whole != cut)
  }

  /// The check of five entries after `statement` without the triggers.
  private func tampered(_ statement: String) throws -> AuditCheck {
    let bench = try Bench()
    let audit = AuditTrail(database: bench.database, now: { Instant(seconds: 1) })
    for number in 1...5 {
      try audit.append(
        AuditEntry.Act("x", by: .user(1), agent: agentA, details: ["n": .integer(Int64(number))]))
    }
    for trigger in ["in_order", "no_update", "no_delete"] {
      try bench.run("DROP TRIGGER audit_\(trigger)")
    }
    try bench.run(statement)
    return try audit.verify()
  }
}

@Suite("Actors as text") struct ActorTests {
  @Test(
    "every actor reads back as itself",
    arguments: [
      Actor.user(0), .user(.max), .policy, .daemon,
    ])
  func roundTrip(actor: Actor) {
    #expect(Actor(actor.description) == actor)
  }

  @Test(
    "anything else is nobody",
    arguments: ["", "uid:", "uid:-1", "uid:4294967296", "uid", "root", "component:", "daemon:x"])
  func refused(text: String) {
    #expect(Actor(text) == nil)
  }
}
