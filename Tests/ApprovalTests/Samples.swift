import Approval
import Model
import SQLite
import Synchronization
import TestSupport
import Testing

/// A clock that tests move by hand.
final class TestClock: Sendable {
  private let moment = Mutex(Instant(seconds: 1_000_000_000))
  var now: Instant { moment.withLock { $0 } }
  func advance(_ duration: Duration) { moment.withLock { $0 = $0 + duration } }
}

/// A real database with the Admiral's tables, and an Admiral over it.
struct Bench {
  let directory: TemporaryDirectory
  let database: Database
  let clock = TestClock()

  init() throws {
    directory = try TemporaryDirectory()
    database = try Self.open(directory)
  }

  private static func open(_ directory: TemporaryDirectory) throws -> Database {
    let script = AdmiralSchema.statements.joined(separator: ";\n")
    return try Database(
      directory.path + "/engine.db",
      schema: Schema(applicationID: 0x4B5A_0001, migrations: [script]))
  }

  func admiral(
    _ policy: Policy = .shipped, refusedUsers: Set<UInt32> = []
  ) -> Admiral {
    Admiral(
      database: database, policy: policy, refusedUsers: refusedUsers, now: { [clock] in clock.now })
  }

  /// Runs one statement in a transaction of its own.
  func run(_ statement: String) throws {
    // With a result: IR generation of Swift 6.3.1 fails on a closure of this type without one.
    _ = try database.write { connection throws(KaizenError) -> Int in
      try connection.run(statement)
    }
  }

  /// Asks for the plan of the sample question under a rule.
  func request(
    _ admiral: Admiral, _ id: String = "r1", needed: Int = 1,
    approvers: Policy.Approvers = .anyone, requestedBy: Actor = .user(1000),
    digest: Digest = digestA
  ) throws -> ApprovalRequest {
    let rule = Policy.Rule(
      name: "rule", match: Policy.Match(), approvalCount: needed, approvers: approvers)
    let requirement = try #require(
      Policy(rules: [rule]).requirement(for: subject(), at: .beforePromotion))
    return try admiral.request(
      question(id, requestedBy: requestedBy, digest: digest), requirement)
  }
}

let digestA = digest("a")
let digestB = digest("b")
let agentA = agent("a")

/// 64 times one digit.
func digest(_ digit: Character) -> Digest {
  guard let digest = Digest(hex: String(repeating: digit, count: 64)) else {
    fatalError("no hexadecimal digit: \(digit)")
  }
  return digest
}

func component(_ id: String) -> ComponentID {
  guard let id = ComponentID(id) else { fatalError("no id: \(id)") }
  return id
}

func question(
  _ id: String = "r1", requestedBy: Actor = .user(1000), digest: Digest = digestA
) -> ApprovalRequest.Question {
  ApprovalRequest.Question(
    id: id, agent: agentA, plan: "plan-\(id)", run: "run-1", stage: .beforePromotion,
    digest: digest, severity: .critical, title: "move a literal secret out of config.json",
    requestedBy: requestedBy, proposers: [component("hardener")],
    evidence: ["diff": "-a\n+b\n", "scores": ["security": 0.9]])
}

func subject(
  _ items: [PolicySubject.Item] = [item()], agent: AgentID = agentA,
  strategy: Strategy.Name = .conservative, change: PolicySubject.Change? = nil
) -> PolicySubject {
  PolicySubject(agent: agent, strategy: strategy, items: items, change: change)
}

func item(
  _ severity: Severity = .high, _ type: OpportunityType = .errorPattern, _ applier: String = "tuner"
) -> PolicySubject.Item {
  PolicySubject.Item(type: type, severity: severity, applier: component(applier))
}

/// The error that `body` throws.
func failure(_ body: () throws -> Void) -> KaizenError? {
  do {
    try body()
    return nil
  } catch { return error as? KaizenError }
}

func agent(_ id: String) -> AgentID {
  guard let id = AgentID(id) else { fatalError("no id: \(id)") }
  return id
}
