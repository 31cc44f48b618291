/// Every route, in the order of the documentation.
public enum RouteTable {
  /// All of them, each once.
  public static let all: [Route] =
    service + feedback + agents + insights + improvement + unattended + decisions + plugins

  private static let service = [
    Route(
      id: .alive, method: .get, template: "/healthz", role: .read,
      help: "whether the process answers"),
    Route(
      id: .ready, method: .get, template: "/readyz", role: .read,
      help: "whether recovery has ended and requests are served"),
    Route(
      id: .metrics, method: .get, template: "/metrics", role: .read,
      help: "counters and gauges in the Prometheus text format"),
    Route(
      id: .openAPI, method: .get, template: "/v1/openapi.json", role: .read,
      help: "this interface, described as OpenAPI 3.1"),
    Route(
      id: .status, method: .get, template: "/v1/status", role: .read,
      help: "the daemon, its sandbox, agents, components and what is under way"),
    Route(
      id: .stats, method: .get, template: "/v1/stats", role: .read,
      parameters: [agentFilter, days], help: "how much feedback there is, by agent and type"),
    Route(
      id: .config, method: .get, template: "/v1/config", role: .admin,
      help: "each setting with its value and origin"),
    Route(
      id: .events, method: .get, template: "/v1/events", role: .read,
      parameters: [after, wait, limit, agentFilter],
      help: "what happened after event `after`; waits for news up to `wait_ms`"),
  ]

  private static let feedback = [
    Route(
      id: .recordFeedback, method: .post, template: "/v1/feedback", role: .feedback,
      body: .lines(bytesMax: Route.feedbackBytesMax),
      help: "store one record, or many as NDJSON; answered once they are durable"),
    Route(
      id: .startOperation, method: .post, template: "/v1/operations", role: .feedback,
      body: json, help: "note that an operation has started, and learn the agent's generation"),
  ]

  private static let agents = [
    Route(
      id: .listAgents, method: .get, template: "/v1/agents", role: .read, parameters: [limit],
      help: "the agents, attached and observed"),
    Route(
      id: .addAgent, method: .post, template: "/v1/agents", role: .admin, body: json,
      help: "attach the files at a path and prove that their tests pass"),
    Route(
      id: .showAgent, method: .get, template: "/v1/agents/{id}", role: .read,
      help: "one agent"),
    Route(
      id: .removeAgent, method: .delete, template: "/v1/agents/{id}", role: .admin,
      help: "forget an agent; its live files stay as they are"),
    Route(
      id: .health, method: .get, template: "/v1/agents/{id}/health", role: .read,
      parameters: [days], help: "score, terms, trend, and each generation's own score"),
    Route(
      id: .summary, method: .get, template: "/v1/agents/{id}/summary", role: .read,
      parameters: [days], help: "what the agent's feedback says, beside the window before"),
    Route(
      id: .opportunities, method: .get, template: "/v1/agents/{id}/opportunities", role: .read,
      parameters: [limit], help: "what the last analysis found to improve, the gravest first"),
    Route(
      id: .history, method: .get, template: "/v1/agents/{id}/history", role: .read,
      parameters: [limit, Route.Parameter(name: "explain", kind: .word(["yes", "no"]))],
      help: "plans that were tried and how they ended; with `explain` the arithmetic of each"),
    Route(
      id: .generations, method: .get, template: "/v1/agents/{id}/generations", role: .read,
      parameters: [limit], help: "the versions of the agent's files"),
    Route(
      id: .diff, method: .get, template: "/v1/agents/{id}/diff", role: .read,
      parameters: [generation("a"), generation("b")],
      help: "what changed between two generations; by default the last two"),
    Route(
      id: .quality, method: .get, template: "/v1/agents/{id}/quality", role: .read,
      help: "the Guardian's scores and findings of the live files"),
  ]

  private static let insights = [
    Route(
      id: .listPatterns, method: .get, template: "/v1/patterns", role: .read,
      parameters: [agentFilter, limit], help: "what recurs in feedback, the surest first"),
    Route(
      id: .listLearnings, method: .get, template: "/v1/learnings", role: .read,
      parameters: [agentFilter, limit],
      help: "the lessons drawn from patterns, those with the most impact first"),
    Route(
      id: .learn, method: .post, template: "/v1/agents/{id}/learn", role: .operate,
      body: optional, help: "look for patterns now, and draw what is to be learnt"),
    Route(
      id: .applyLearning, method: .post, template: "/v1/learnings/{id}/apply", role: .operate,
      body: optional, help: "start a run that puts a learning into its agent's instructions"),
  ]

  private static let improvement = [
    Route(
      id: .analyze, method: .post, template: "/v1/agents/{id}/analyze", role: .operate,
      body: optional, help: "analyze now: health, opportunities, and what a plan would do"),
    Route(
      id: .optimize, method: .post, template: "/v1/agents/{id}/optimize", role: .operate,
      body: optional, help: "start a run: analyze, plan, try, and keep what proves itself"),
    Route(
      id: .showRun, method: .get, template: "/v1/runs/{id}", role: .read,
      parameters: [after, wait],
      help: "a run; waits up to `wait_ms` for its end or for more than `after` progress lines"),
    Route(
      id: .rollback, method: .post, template: "/v1/agents/{id}/rollback", role: .operate,
      body: optional, help: "put an earlier generation live"),
  ]

  private static let unattended = [
    Route(
      id: .agentStatus, method: .get, template: "/v1/agents/{id}/status", role: .read,
      help: "what goes on with one agent: run, autopilot, freeze, what waits, what the loop says"),
    Route(
      id: .setAutopilot, method: .post, template: "/v1/agents/{id}/autopilot", role: .admin,
      body: json, help: "how far the continuous loop goes alone"),
    Route(
      id: .listFreezes, method: .get, template: "/v1/freezes", role: .read, parameters: [limit],
      help: "the freezes in force"),
    Route(
      id: .freezeAll, method: .post, template: "/v1/freeze", role: .operate, body: json,
      help: "let nothing new go live for a time, whoever asks; rollbacks go on"),
    Route(
      id: .unfreezeAll, method: .post, template: "/v1/unfreeze", role: .operate, body: optional,
      help: "end the freeze of all agents"),
    Route(
      id: .freeze, method: .post, template: "/v1/agents/{id}/freeze", role: .operate, body: json,
      help: "let nothing new of one agent go live for a time"),
    Route(
      id: .unfreeze, method: .post, template: "/v1/agents/{id}/unfreeze", role: .operate,
      body: optional, help: "end the freeze of one agent"),
    Route(
      id: .cancel, method: .post, template: "/v1/trials/{id}/cancel", role: .operate,
      body: optional, help: "end a trial or its run, or withdraw a trial that waits"),
  ]

  private static let decisions = [
    Route(
      id: .listApprovals, method: .get, template: "/v1/approvals", role: .read,
      parameters: [agentFilter, state, limit], help: "requests for approval, newest first"),
    Route(
      id: .showApproval, method: .get, template: "/v1/approvals/{id}", role: .read,
      help: "one request with its evidence: diff, tests, scores, digest and expiry"),
    Route(
      id: .approve, method: .post, template: "/v1/approvals/{id}/approve", role: .operate,
      body: optional, help: "approve exactly what the request's digest names"),
    Route(
      id: .reject, method: .post, template: "/v1/approvals/{id}/reject", role: .operate,
      body: optional, help: "reject a request, with a reason"),
    Route(
      id: .listAudit, method: .get, template: "/v1/audit", role: .read,
      parameters: [after, limit], help: "decisions and switches, oldest first"),
    Route(
      id: .verifyAudit, method: .get, template: "/v1/audit/verify", role: .read,
      help: "check the hash chain of the audit"),
  ]

  private static let plugins = [
    Route(
      id: .listPlugins, method: .get, template: "/v1/plugins", role: .read, parameters: [limit],
      help: "the components and whether each is ready"),
    Route(
      id: .showPlugin, method: .get, template: "/v1/plugins/{id}", role: .read,
      help: "one component: what it declares, its calls and its problems"),
    Route(
      id: .reloadPlugins, method: .post, template: "/v1/plugins/reload", role: .admin,
      body: optional, help: "read the manifests and bundles again"),
    Route(
      id: .reloadPlugin, method: .post, template: "/v1/plugins/{id}/reload", role: .admin,
      body: optional, help: "read again what registers one component, and leave the others alone"),
    Route(
      id: .enablePlugin, method: .post, template: "/v1/plugins/{id}/enable", role: .admin,
      body: optional, help: "let a component be called again"),
    Route(
      id: .disablePlugin, method: .post, template: "/v1/plugins/{id}/disable", role: .admin,
      body: optional, help: "call a component no more, also after a restart"),
    Route(
      id: .listCalls, method: .get, template: "/v1/calls", role: .read,
      parameters: [
        Route.Parameter(name: "component", kind: .identifier),
        Route.Parameter(name: "failed", kind: .word(["yes", "no"])), limit,
      ],
      help: "the latest calls of components, newest first: what each was given, and what came of it"
    ),
    Route(
      id: .replayCall, method: .post, template: "/v1/calls/{id}/replay", role: .operate,
      body: optional,
      help: "run a call of a pure component again with all it was given, and compare"),
  ]

  private static let json = Route.Body.json(bytesMax: Route.bodyBytesMax, required: true)
  private static let optional = Route.Body.json(bytesMax: Route.bodyBytesMax, required: false)

  private static let days = Route.Parameter(name: "days", kind: .integer(1...365))
  private static let after = Route.Parameter(name: "after", kind: .integer(0...Int64.max))
  private static let wait = Route.Parameter(
    name: "wait_ms", kind: .integer(0...Route.waitMillisecondsMax))
  private static let limit = Route.Parameter(
    name: "limit", kind: .integer(1...Route.listCountMax))
  private static let agentFilter = Route.Parameter(name: "agent", kind: .identifier)
  private static let state = Route.Parameter(
    name: "state", kind: .word(["pending", "approved", "rejected", "expired", "used"]))

  private static func generation(_ name: String) -> Route.Parameter {
    Route.Parameter(name: name, kind: .integer(1...Int64(Int32.max)))
  }
}
