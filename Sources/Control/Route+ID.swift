extension Route {
  /// The routes there are.
  public enum ID: String, CaseIterable, Sendable {
    case alive, ready, metrics, openAPI, status, stats, config, events
    case recordFeedback, startOperation
    case listAgents, addAgent, showAgent, removeAgent
    case health, summary, opportunities, history, generations, diff, quality
    case analyze, optimize, showRun, rollback
    case agentStatus, setAutopilot, freeze, freezeAll, unfreeze, unfreezeAll, listFreezes, cancel
    case listPatterns, listLearnings, learn, applyLearning
    case listApprovals, showApproval, approve, reject
    case listAudit, verifyAudit
    case listPlugins, showPlugin, reloadPlugins, reloadPlugin, enablePlugin, disablePlugin
    case listCalls, replayCall
  }
}
