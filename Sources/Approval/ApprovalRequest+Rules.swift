internal import Model

/// The rules of deciding, purely: each either changes the request or says why not.
extension ApprovalRequest {
  /// Longest reason kept, in bytes of UTF-8.
  static let reasonBytesMax = 4096

  /// Records what `actor` says of exactly `digest`.
  ///
  /// One refusal ends the request; an approval counts once a uid.
  mutating func decide(
    _ isApproval: Bool, by actor: Actor, reason: String?, digest: Digest, now: Instant
  ) throws(KaizenError) {
    try requireOpen(now: now)
    guard state == .pending else { throw over() }
    let uid = try approver(actor)
    try require(digest)
    if decisions.contains(where: { $0.uid == uid }) {
      throw KaizenError(
        "E_DECIDED", "uid \(uid) has decided on approval \(id) already",
        hint: "\(needed - decisions.count) more of others are needed")
    }
    let kept = reason.map { String(decoding: $0.utf8.prefix(Self.reasonBytesMax), as: UTF8.self) }
    decisions.append(Decision(uid: uid, isApproval: isApproval, reason: kept, time: now))
    if !isApproval {
      state = .rejected
    } else if decisions.count >= needed {
      state = .approved
    }
  }

  /// Uses the approval up for what has exactly `digest`.
  mutating func consume(digest: Digest, now: Instant) throws(KaizenError) {
    try requireOpen(now: now)
    guard state == .approved else { throw state == .pending ? undecided() : over() }
    try require(digest)
    state = .used
  }

  /// Lets the request lapse where its time is over; whether it did.
  mutating func expire(now: Instant) -> Bool {
    guard isOpen, now >= expiresAt else { return false }
    state = .expired
    return true
  }

  /// Ends an open request whose subject is gone; false where it is decided already.
  mutating func withdraw() -> Bool {
    guard isOpen else { return false }
    state = .expired
    return true
  }

  private var isOpen: Bool { state == .pending || state == .approved }

  /// Who may decide: a person whom the rule names, and with four eyes not the one who asked.
  ///
  /// Neither policy nor daemon decides what people are asked.
  private func approver(_ actor: Actor) throws(KaizenError) -> UInt32 {
    guard let uid = actor.uid else {
      throw KaizenError(
        "E_NOT_APPROVER", "\(actor) cannot decide on approval \(id): only people do",
        hint: "run `kaizen approvals show \(id)` as a user")
    }
    guard approvers.contains(uid) else {
      throw KaizenError(
        "E_NOT_APPROVER",
        "uid \(uid) may not decide on approval \(id): \(rules.joined(separator: ", ")) names others",
        hint: "ask one of \(approvers.json.text()), or change policy.json")
    }
    if fourEyes && question.requestedBy == actor {
      throw KaizenError(
        "E_FOUR_EYES", "uid \(uid) asked for approval \(id) and cannot decide on it",
        hint: "another user decides; \"four_eyes\" in policy.json asks for that")
    }
    return uid
  }

  private func requireOpen(now: Instant) throws(KaizenError) {
    if state == .expired || (isOpen && now >= expiresAt) {
      throw KaizenError(
        "E_EXPIRED", "approval \(id) expired at \(expiresAt)",
        hint: "run the optimization again for a new request")
    }
  }

  private func require(_ digest: Digest) throws(KaizenError) {
    guard digest == question.digest else {
      throw KaizenError(
        "E_DIGEST",
        "approval \(id) is for \(question.digest.short), not for \(digest.short)",
        hint: "look at it again with `kaizen approvals show \(id)`")
    }
  }

  private func undecided() -> KaizenError {
    KaizenError(
      "E_UNDECIDED", "approval \(id) has \(decisions.count) of \(needed) approvals",
      hint: "decide with `kaizen approvals approve \(id)`")
  }

  private func over() -> KaizenError {
    KaizenError(
      "E_DECIDED", "approval \(id) is \(state.rawValue) already",
      hint: state == .used ? "an approval counts once; run the optimization again" : nil)
  }
}
