import Control
import Model
import Testing

@Suite("Requests") struct RequestTests {
  @Test("come back as they were sent")
  func roundTrips() throws {
    let start = OperationStart(
      agent: "a", operation: "op-1", generation: 3, time: Instant(seconds: 1_795_169_730))
    #expect(try OperationStart(json: start.json) == start)
    let add = AgentAddRequest(path: "/srv/a", id: "a", attach: "directory")
    #expect(try AgentAddRequest(json: add.json) == add)
    let optimize = OptimizeRequest(strategy: .conservative, isDryRun: true, days: 14)
    #expect(try OptimizeRequest(json: optimize.json) == optimize)
    #expect(try OptimizeRequest(json: [:]) == OptimizeRequest())
    #expect(try RollbackRequest(json: ["to": 4]) == RollbackRequest(to: 4))
    #expect(try RejectRequest(json: ["reason": "no"]).reason == "no")
    #expect(try AnalyzeRequest(json: ["days": 7]).days == 7)
  }

  @Test(
    "with an unknown member, a wrong type or a value out of range are refused by name",
    arguments: [
      (["strateggy": "auto"], "strateggy"), (["strategy": "fast"], "strategy"),
      (["dry_run": "yes"], "dry_run"), (["days": 0], "days"), (["days": 1.5], "days"),
    ] as [(JSONValue, String)])
  func refused(json: JSONValue, key: String) {
    let error = #expect(throws: KaizenError.self) { try OptimizeRequest(json: json) }
    #expect(error?.code == "E_BAD_REQUEST")
    #expect(error?.httpStatus == 400)
    #expect(error?.message.contains(key) == true)
  }

  @Test("that are no object are refused", arguments: [.null, 3, "x", [1]] as [JSONValue])
  func shape(json: JSONValue) {
    #expect(throws: KaizenError.self) { try OptimizeRequest(json: json) }
  }

  @Test("name every problem at once")
  func allProblems() {
    let error = #expect(throws: KaizenError.self) {
      try OperationStart(json: ["operation_id": 7, "generation": 0, "when": "now"])
    }
    for word in ["agent_id", "operation_id", "generation", "when"] {
      #expect(error?.message.contains(word) == true, "\(word)")
    }
  }

  @Test("refuse a time that is none")
  func time() {
    #expect(throws: KaizenError.self) {
      try OperationStart(json: ["agent_id": "a", "operation_id": "o", "time": "yesterday"])
    }
  }

  @Test("take a time beyond what an instant holds for the end of it")
  func farTime() throws {
    for (year, end) in [("3554", Int64.max), ("0001", .min)] {
      let start = try OperationStart(
        json: ["agent_id": "a", "operation_id": "o", "time": .string("\(year)-01-06T19:15:15Z")])
      #expect(start.time == Instant(nanoseconds: end))
    }
  }
}

@Suite("Answers") struct AnswerTests {
  @Test("may grow: an unknown member is let through")
  func growth() throws {
    let answer = try FeedbackAnswer(
      json: ["stored": 1, "duplicate": 0, "rejected": [], "rejected_count": 0, "later": true])
    #expect(answer == FeedbackAnswer(stored: 1, duplicate: 0))
  }

  @Test("without what they promise are refused")
  func missing() {
    let error = #expect(throws: KaizenError.self) { try FeedbackAnswer(json: ["stored": 1]) }
    #expect(error?.code == "E_BAD_ANSWER")
  }

  @Test("keep their keys when values are absent")
  func stableKeys() {
    let term = HealthTermInfo(name: "code_quality", weight: 0.2)
    #expect(term.json == ["name": "code_quality", "weight": 0.2, "value": .null])
    #expect(HealthTermInfo(name: "x", weight: 1, value: .nan).json["value"] == .null)
  }

  @Test("a run with everything in it comes back as it was sent")
  func run() throws {
    let run = Samples.run
    #expect(try RunInfo(json: run.json) == run)
    #expect(run.json["verdict"] == "kept")
    #expect(run.json["was_live"] == true)
    #expect(run.json["plans"]?.array?.first?["trial"]?["tests"]?["stage"]?["passed"] == 5)
  }

  @Test("an approval with its evidence comes back as it was sent")
  func approval() throws {
    let decision = DecisionInfo(
      uid: 1000, name: "ada", approved: true, time: Instant(seconds: 1_795_000_000))
    let approval = ApprovalInfo(
      id: "ap1", agent: "a", plan: "p1", run: "r1", stage: "before_promotion", state: "pending",
      severity: .critical, title: "close a hole", needed: 2, decisions: [decision], digest: "ab",
      createdAt: Instant(seconds: 1_795_000_000), expiresAt: Instant(seconds: 1_795_086_400),
      items: [Samples.item], trial: Samples.trial)
    let answer = DecisionAnswer(approval: approval, run: "r1")
    #expect(try DecisionAnswer(json: answer.json) == answer)
  }

  @Test("an empty value of each type survives the way there and back")
  func empties() throws {
    try check(AgentAddAnswer.self)
    try check(AnalyzeAnswer.self)
    try check(StatusAnswer.self)
    try check(SummaryAnswer.self)
    try check(StatsAnswer.self)
    try check(HistoryInfo.self)
    try check(QualityAnswer.self)
    try check(DiffAnswer.self)
    try check(RollbackAnswer.self)
    try check(AuditInfo.self)
    try check(AuditVerifyAnswer.self)
    try check(ComponentInfo.self)
    try check(GuiltInfo.self)
    try check(ReloadAnswer.self)
    try check(EventInfo.self)
    try check(SettingInfo.self)
  }

  private func check<T: ControlValue>(_ type: T.Type) throws {
    var reader = FieldReader([:], file: "test")
    let empty = T(reading: &reader)
    #expect(try T(json: empty.json) == empty)
  }
}

@Suite("Lists") struct ListTests {
  @Test("have their items, their count, and whether there are more")
  func count() throws {
    let items = (1...3).map { CountInfo(name: "n\($0)", count: $0) }
    let whole = ListAnswer(items, limit: 3)
    #expect(whole.json["count"] == 3)
    #expect(whole.json["more"] == false)
    #expect(try ListAnswer<CountInfo>(json: whole.json) == whole)
    let cut = ListAnswer(items, limit: 2)
    #expect(cut.json["count"] == 2)
    #expect(cut.json["more"] == true)
  }

  @Test("say where to go on")
  func next() throws {
    let page = ListAnswer([CountInfo(name: "n", count: 1)], hasMore: true, next: 17)
    #expect(try ListAnswer<CountInfo>(json: page.json).next == 17)
  }

  @Test("with a broken item are refused, naming its place")
  func broken() {
    let error = #expect(throws: KaizenError.self) {
      try ListAnswer<CountInfo>(json: ["count": 1, "items": [["name": "n"]]])
    }
    #expect(error?.message.contains("items[0].count") == true)
  }
}

@Suite("Errors over the socket") struct ErrorAnswerTests {
  @Test("keep code, message and hint")
  func roundTrip() throws {
    let error = KaizenError("E_UNKNOWN_AGENT", "no agent \"x\"", hint: "add it")
    #expect(ErrorAnswer(error).json["error"]?["code"] == "E_UNKNOWN_AGENT")
    #expect(try ErrorAnswer(json: ErrorAnswer(error).json).error == error)
    let bare = KaizenError("E_NEW_CODE", "said something new")
    #expect(try ErrorAnswer(json: ErrorAnswer(bare).json).error == bare)
  }

  @Test(
    "have a status by their code",
    arguments: [
      ("E_UNKNOWN_AGENT", 404), ("E_UNKNOWN_ROUTE", 404), ("E_UNKNOWN_TYPE", 400),
      ("E_FORBIDDEN", 403), ("E_AGENT_BUSY", 409), ("E_TOO_LARGE", 413), ("E_FULL", 429),
      ("E_INTERNAL", 500), ("E_DISK_FULL", 507), ("E_NEVER_HEARD_OF", 422),
    ])
  func status(code: String, status: Int) {
    #expect(KaizenError(KaizenError.Code(rawValue: code), "").httpStatus == status)
  }
}
