import Control
import Model
import Testing

/// A type with its object, and which members it cannot be without.
struct Shape: Sendable, CustomTestStringConvertible {
  let name: String
  let full: JSONValue
  let required: Set<String>
  let isStrict: Bool
  let type: any ControlValue.Type
  /// Reads the object and writes it again.
  let rewritten: @Sendable (JSONValue) throws(KaizenError) -> JSONValue

  init<T: ControlValue>(_ type: T.Type, _ full: JSONValue, required: Set<String>) {
    name = "\(type)"
    self.full = full
    self.required = required
    isStrict = type.isStrict
    self.type = type
    rewritten = { json throws(KaizenError) in try T(json: json).json }
  }

  var testDescription: String { name }

  static let all: [Shape] = [
    Shape(
      RejectedRecord.self, Full.rejectedRecord,
      required: ["line", "error"]),
    Shape(
      FeedbackAnswer.self, Full.feedbackAnswer,
      required: ["stored", "duplicate", "rejected_count"]),
    Shape(
      OperationStart.self, Full.operationStart,
      required: ["agent_id", "operation_id"]),
    Shape(
      OperationStarted.self, Full.operationStarted,
      required: ["agent_id", "operation_id"]),
    Shape(
      AgentAddRequest.self, Full.agentAddRequest,
      required: ["path"]),
    Shape(
      TestCaseInfo.self, Full.testCaseInfo,
      required: ["name", "outcome"]),
    Shape(
      TestInfo.self, Full.testInfo,
      required: ["passed", "failed", "skipped", "succeeded"]),
    Shape(
      AgentInfo.self, Full.agentInfo,
      required: ["id", "description", "operations"]),
    Shape(
      AgentAddAnswer.self, Full.agentAddAnswer,
      required: ["agent", "level"]),
    Shape(
      RemovedAnswer.self, Full.removedAnswer,
      required: ["id", "message"]),
    Shape(
      HealthTermInfo.self, Full.healthTermInfo,
      required: ["name", "weight"]),
    Shape(
      TrendInfo.self, Full.trendInfo,
      required: ["slope_per_day", "p_value", "days", "direction"]),
    Shape(
      GenerationHealth.self, Full.generationHealth,
      required: ["generation", "operations"]),
    Shape(
      HealthAnswer.self, Full.healthAnswer,
      required: ["agent", "days", "operations"]),
    Shape(
      CountInfo.self, Full.countInfo,
      required: ["name", "count"]),
    Shape(
      MetricsInfo.self, Full.metricsInfo,
      required: ["records", "operations", "successes", "failures", "errors"]),
    Shape(
      SummaryAnswer.self, Full.summaryAnswer,
      required: ["agent", "days", "now"]),
    Shape(
      StatsAnswer.self, Full.statsAnswer,
      required: ["records", "operations", "agents"]),
    Shape(
      OpportunityInfo.self, Full.opportunityInfo,
      required: ["id", "agent", "type", "severity", "component", "title", "strength"]),
    Shape(
      AnalyzeRequest.self, Full.analyzeRequest,
      required: []),
    Shape(
      ComponentNote.self, Full.componentNote,
      required: ["component", "message"]),
    Shape(
      AnalyzeAnswer.self, Full.analyzeAnswer,
      required: ["agent", "days", "health"]),
    Shape(
      OptimizeRequest.self, Full.optimizeRequest,
      required: []),
    Shape(
      PlanItemInfo.self, Full.planItemInfo,
      required: ["opportunity", "type", "severity", "title", "applier"]),
    Shape(
      PlanInfo.self, Full.planInfo,
      required: ["id", "strategy"]),
    Shape(
      RunInfo.self, Full.runInfo,
      required: ["id", "agent", "state", "started_at"]),
    Shape(
      HistoryInfo.self, Full.historyInfo,
      required: ["id", "agent", "strategy", "started_at"]),
    Shape(
      ScoreInfo.self, Full.scoreInfo,
      required: ["dimension", "value"]),
    Shape(
      FindingInfo.self, Full.findingInfo,
      required: ["rule", "level", "file", "message"]),
    Shape(
      FileChangeInfo.self, Full.fileChangeInfo,
      required: ["path", "change"]),
    Shape(
      TestPair.self, Full.testPair,
      required: []),
    Shape(
      ScorePair.self, Full.scorePair,
      required: []),
    Shape(
      TrialInfo.self, Full.trialInfo,
      required: ["id", "base", "tests", "scores"]),
    Shape(
      GenerationInfo.self, Full.generationInfo,
      required: ["number", "state", "origin", "created_at"]),
    Shape(
      DiffAnswer.self, Full.diffAnswer,
      required: ["agent", "a", "b", "diff"]),
    Shape(
      RollbackRequest.self, Full.rollbackRequest,
      required: []),
    Shape(
      RollbackAnswer.self, Full.rollbackAnswer,
      required: ["agent", "from", "to", "message"]),
    Shape(
      QualityAnswer.self, Full.qualityAnswer, required: []),
    Shape(
      DecisionInfo.self, Full.decisionInfo,
      required: ["uid", "approved", "time"]),
    Shape(
      ApprovalInfo.self, Full.approvalInfo,
      required: [
        "id", "agent", "plan", "stage", "state", "severity", "title", "needed", "digest",
        "created_at", "expires_at",
      ]),
    Shape(
      ApproveRequest.self, Full.approveRequest,
      required: []),
    Shape(
      RejectRequest.self, Full.rejectRequest,
      required: []),
    Shape(
      DecisionAnswer.self, Full.decisionAnswer,
      required: ["approval"]),
    Shape(
      AuditInfo.self, Full.auditInfo,
      required: ["sequence", "time", "actor", "action", "hash"]),
    Shape(
      AuditVerifyAnswer.self, Full.auditVerifyAnswer,
      required: ["intact", "entries", "message"]),
    Shape(
      ComponentInfo.self, Full.componentInfo,
      required: [
        "id", "kind", "version", "state", "entry", "placement", "manifest", "calls", "failures",
      ]),
    Shape(
      GuiltInfo.self, Full.guiltInfo,
      required: ["culprit", "input", "agent", "since", "finding", "lifted_by"]),
    Shape(
      ReloadAnswer.self, Full.reloadAnswer,
      required: []),
    Shape(
      EventInfo.self, Full.eventInfo,
      required: ["sequence", "time", "kind", "message"]),
    Shape(
      StatusAnswer.self, Full.statusAnswer,
      required: [
        "version", "pid", "uid", "home", "socket", "started_at", "uptime_s", "ready", "agents",
        "observed", "components", "disabled", "records", "runs", "approvals", "level",
      ]),
    Shape(
      ComponentUse.self, Full.componentUse,
      required: ["id", "version", "state", "calls", "failures"]),
    Shape(
      SettingInfo.self, Full.settingInfo,
      required: ["key", "origin"]),
  ]
}

@Suite("Every request and answer") struct ShapeTests {
  @Test(
    "keeps every member on the way there and back",
    arguments: Shape.all + UnattendedShapes.all + InsightShapes.all + CallShapes.all)
  func whole(shape: Shape) throws {
    #expect(try shape.rewritten(shape.full) == shape.full)
  }

  @Test(
    "is refused without a member it cannot be without, by its name",
    arguments: Shape.all + UnattendedShapes.all + InsightShapes.all + CallShapes.all)
  func required(shape: Shape) throws {
    let members = try #require(shape.full.object)
    for key in members.keys {
      let rest = JSONValue.object(members.filter { $0.key != key })
      if shape.required.contains(key) {
        let error = #expect(throws: KaizenError.self) { try shape.rewritten(rest) }
        #expect(error?.message.contains(key) == true)
      } else {
        #expect(throws: Never.self) { try shape.rewritten(rest) }
      }
    }
  }

  @Test(
    "is refused where a member has another type, by its name",
    arguments: Shape.all + UnattendedShapes.all + InsightShapes.all + CallShapes.all)
  func types(shape: Shape) throws {
    let members = try #require(shape.full.object)
    for (key, value) in members where value.object?["any"] == nil {
      var wrong = members
      // What is no list gets one; a list gets an object.
      wrong[key] = value.array == nil ? [7] : [:]
      let error = #expect(throws: KaizenError.self) { try shape.rewritten(.object(wrong)) }
      #expect(error?.message.contains(key) == true)
    }
  }

  @Test(
    "lets an unknown member through in an answer, and refuses it in a request",
    arguments: Shape.all + UnattendedShapes.all + InsightShapes.all + CallShapes.all)
  func unknown(shape: Shape) throws {
    var members = try #require(shape.full.object)
    members["never_heard_of"] = 1
    let json = JSONValue.object(members)
    if shape.isStrict {
      #expect(throws: KaizenError.self) { try shape.rewritten(json) }
    } else {
      #expect(try shape.rewritten(json) == shape.full)
    }
  }
}
