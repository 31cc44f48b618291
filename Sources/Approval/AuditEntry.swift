internal import Hashing
public import Model

/// One line of the audit, chained to the one before it by its hash.
public struct AuditEntry: Hashable, Sendable {
  /// What is to be recorded, before it has a place in the chain.
  public struct Act: Hashable, Sendable {
    /// Who did it.
    public var actor: Actor
    /// What, such as `approval.approved` or `generation.switched`.
    public var action: String
    /// The agent concerned, if any.
    public var agent: AgentID?
    /// The plan, approval or generation concerned, if any.
    public var subject: String?
    /// The rest: digests before and after, reasons.
    public var details: [String: JSONValue]

    /// Makes an act.
    public init(
      _ action: String, by actor: Actor, agent: AgentID? = nil, subject: String? = nil,
      details: [String: JSONValue] = [:]
    ) {
      self.actor = actor
      self.action = action
      self.agent = agent
      self.subject = subject
      self.details = details
    }
  }

  /// The hash before the first entry: 64 zeros.
  public static let genesis = String(repeating: "0", count: 64)

  /// Its number, from 1 without gaps.
  public let sequence: Int64
  /// When it was recorded.
  public let time: Instant
  /// Who did it, as `Actor` writes it.
  public let actor: String
  /// What.
  public let action: String
  /// The agent concerned.
  public let agent: String?
  /// The plan, approval or generation concerned.
  public let subject: String?
  /// The rest, as the JSON text that was hashed.
  public let details: String
  /// The hash of the entry before.
  public let previous: String
  /// The hash of this entry.
  public let hash: String

  /// The hash this entry should have: SHA-256 over its members as one line of JSON.
  ///
  /// Members are sorted, nothing is between the tokens, `details` is in it as the text it is kept
  /// as, and `time` is in nanoseconds; so any program can compute it.
  public var expectedHash: String {
    let members: JSONValue = [
      "sequence": .integer(sequence), "time": .integer(time.nanoseconds),
      "actor": .string(actor), "action": .string(action),
      "agent": agent.map(JSONValue.string) ?? .null,
      "subject": subject.map(JSONValue.string) ?? .null,
      "details": .string(details), "previous": .string(previous),
    ]
    return SHA256.hex(of: members.text())
  }

  /// An entry as it was stored.
  init(
    sequence: Int64, time: Instant, actor: String, action: String, agent: String?,
    subject: String?, details: String, previous: String, hash: String
  ) {
    self.sequence = sequence
    self.time = time
    self.actor = actor
    self.action = action
    self.agent = agent
    self.subject = subject
    self.details = details
    self.previous = previous
    self.hash = hash
  }

  /// The entry that records `act` after the entry `sequence` with the hash `previous`.
  init(_ act: Act, after sequence: Int64, previous: String, time: Instant) {
    let open = AuditEntry(
      sequence: sequence + 1, time: time, actor: act.actor.description, action: act.action,
      agent: act.agent?.text, subject: act.subject, details: JSONValue.object(act.details).text(),
      previous: previous, hash: "")
    self.init(
      sequence: open.sequence, time: time, actor: open.actor, action: open.action,
      agent: open.agent, subject: open.subject, details: open.details, previous: previous,
      hash: open.expectedHash)
  }
}

/// What the check of a chain found.
public enum AuditCheck: Hashable, Sendable {
  /// Every entry follows from the one before; `head` is the last hash.
  ///
  /// Entries cut off at the end leave a chain intact: who noted an earlier head can tell.
  case intact(count: Int64, head: String)
  /// The first entry that does not follow, and why.
  case broken(at: Int64, why: String)
}

/// Checks a chain, entry by entry in order.
struct AuditChecker {
  /// Entries that follow each from the one before.
  private(set) var count: Int64 = 0
  private var head = AuditEntry.genesis
  private var broken: AuditCheck?

  /// Looks at the next entry; false once the chain is broken.
  @discardableResult
  mutating func check(_ entry: AuditEntry) -> Bool {
    if broken != nil { return false }
    let why: String? =
      if entry.sequence != count + 1 {
        "entry \(count + 1) is missing, \(entry.sequence) stands in its place"
      } else if entry.previous != head {
        "its previous hash is not the hash of entry \(count)"
      } else if entry.expectedHash != entry.hash {
        "its hash does not fit what it says"
      } else {
        nil
      }
    if let why {
      broken = .broken(at: count + 1, why: why)
      return false
    }
    count = entry.sequence
    head = entry.hash
    return true
  }

  /// Whether an entry did not follow.
  var isBroken: Bool { broken != nil }
  /// What was found so far.
  var result: AuditCheck { broken ?? .intact(count: count, head: head) }
}
