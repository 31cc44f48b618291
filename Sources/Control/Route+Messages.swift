extension Route.ID {
  /// What a route's body is read as.
  public enum Request {
    /// There is none.
    case none
    /// This value.
    case value(any ControlValue.Type)
  }

  /// What a route answers with where it does what was asked.
  public enum Answer {
    /// This value, as JSON.
    case value(any ControlValue.Type)
    /// Some JSON object, described elsewhere.
    case object
    /// Text for Prometheus.
    case metrics
  }

  /// What its body is read as; a new route does not compile without saying so.
  public var request: Request {
    switch self {
    case .recordFeedback: .value(FeedbackRecordForm.self)
    case .startOperation: .value(OperationStart.self)
    case .addAgent: .value(AgentAddRequest.self)
    case .analyze: .value(AnalyzeRequest.self)
    case .optimize: .value(OptimizeRequest.self)
    case .rollback: .value(RollbackRequest.self)
    case .approve: .value(ApproveRequest.self)
    case .reject: .value(RejectRequest.self)
    case .setAutopilot: .value(AutopilotRequest.self)
    case .freeze, .freezeAll: .value(FreezeRequest.self)
    case .cancel: .value(CancelRequest.self)
    case .replayCall: .value(ReplayRequest.self)
    case .unfreeze, .unfreezeAll, .reloadPlugins, .reloadPlugin, .enablePlugin,
      .disablePlugin,
      .learn, .applyLearning:
      .value(EmptyRequest.self)
    case .alive, .ready, .metrics, .openAPI, .status, .stats, .config, .events, .listAgents,
      .showAgent, .removeAgent, .health, .summary, .opportunities, .history, .generations, .diff,
      .quality, .showRun, .agentStatus, .listFreezes, .listApprovals, .showApproval, .listAudit,
      .verifyAudit, .listPlugins,
      .showPlugin, .listPatterns, .listLearnings, .listCalls:
      .none
    }
  }

  /// Whether its body may be there and says nothing.
  public var hasEmptyRequest: Bool {
    if case .value(let type) = request { type == EmptyRequest.self } else { false }
  }

  /// What it answers with; a new route does not compile without saying so.
  public var answer: Answer {
    switch self {
    case .alive, .ready: .value(LifeAnswer.self)
    case .metrics: .metrics
    case .openAPI: .object
    case .status: .value(StatusAnswer.self)
    case .stats: .value(StatsAnswer.self)
    case .config: .value(ListAnswer<SettingInfo>.self)
    case .events: .value(ListAnswer<EventInfo>.self)
    case .recordFeedback: .value(FeedbackAnswer.self)
    case .startOperation: .value(OperationStarted.self)
    case .listAgents: .value(ListAnswer<AgentInfo>.self)
    case .addAgent: .value(AgentAddAnswer.self)
    case .showAgent: .value(AgentInfo.self)
    case .removeAgent: .value(RemovedAnswer.self)
    case .health: .value(HealthAnswer.self)
    case .summary: .value(SummaryAnswer.self)
    case .opportunities: .value(ListAnswer<OpportunityInfo>.self)
    case .history: .value(ListAnswer<HistoryInfo>.self)
    case .generations: .value(ListAnswer<GenerationInfo>.self)
    case .diff: .value(DiffAnswer.self)
    case .quality: .value(QualityAnswer.self)
    case .analyze: .value(AnalyzeAnswer.self)
    case .listPatterns: .value(ListAnswer<PatternInfo>.self)
    case .listLearnings: .value(ListAnswer<LearningInfo>.self)
    case .learn: .value(LearnAnswer.self)
    case .optimize, .showRun, .applyLearning: .value(RunInfo.self)
    case .rollback: .value(RollbackAnswer.self)
    case .agentStatus, .setAutopilot: .value(AgentStatusAnswer.self)
    case .freeze, .freezeAll: .value(FreezeInfo.self)
    case .unfreeze, .unfreezeAll, .listFreezes: .value(ListAnswer<FreezeInfo>.self)
    case .cancel: .value(CancelAnswer.self)
    case .listApprovals: .value(ListAnswer<ApprovalInfo>.self)
    case .showApproval: .value(ApprovalInfo.self)
    case .approve, .reject: .value(DecisionAnswer.self)
    case .listAudit: .value(ListAnswer<AuditInfo>.self)
    case .verifyAudit: .value(AuditVerifyAnswer.self)
    case .listPlugins: .value(ListAnswer<ComponentInfo>.self)
    case .showPlugin, .enablePlugin, .disablePlugin: .value(ComponentInfo.self)
    case .reloadPlugins, .reloadPlugin: .value(ReloadAnswer.self)
    case .listCalls: .value(CallsAnswer.self)
    case .replayCall: .value(ReplayAnswer.self)
    }
  }
}
