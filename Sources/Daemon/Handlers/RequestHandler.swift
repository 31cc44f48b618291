import Control
import HTTP
import JSONStream
import Linux
import Model

/// Answers the routes of the table, each family in a file of its own beside this one.
///
/// The sequence is the same for all: match, role, query, body, handler, JSON. Only `/metrics`
/// answers in another format.
struct RequestHandler: HTTPService {
  let parts: DaemonParts

  func admit(_ request: HTTPRequest) throws(KaizenError) -> Int {
    let matched = try RouteTable.match(method: request.method, path: request.path)
    let role = parts.roles.role(of: request.peer.uid)
    guard role >= matched.route.role else {
      throw KaizenError(
        "E_FORBIDDEN",
        "user \(request.peer.uid) has the role \(role.rawValue); "
          + "\(matched.route.method.rawValue) \(matched.route.template) needs "
          + matched.route.role.rawValue,
        hint: "an admin adds the user to roles.feedback or roles.operate in config.json")
    }
    _ = try matched.route.query(request.query)
    return matched.route.bodyBytesMax
  }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    do {
      let matched = try RouteTable.match(method: request.method, path: request.path)
      if matched.route.id == .metrics { return metrics() }
      let query = try matched.route.query(request.query)
      let call = Call(matched: matched, query: query, request: request)
      // No handler looks at a body that says nothing: what stands in it all the same is refused.
      if matched.route.id.hasEmptyRequest { _ = try call.body(EmptyRequest.self) }
      try requireSound(matched.route)
      return HTTPResponse(text: marked(try value(for: call)).text())
    } catch {
      return refuse(explained(error), path: request.path)
    }
  }

  func refuse(_ error: KaizenError, path: String?) -> HTTPResponse {
    var response = HTTPResponse(status: error.httpStatus, text: ErrorAnswer(error).json.text())
    // RFC 9110, section 15.5.6: a 405 says which methods there are.
    if error.code == "E_METHOD", let path {
      response.fields["Allow"] = RouteTable.methods(at: path).joined(separator: ", ")
    }
    return response
  }

  /// One request with its route.
  struct Call {
    var matched: MatchedRoute
    var query: RouteQuery
    var request: HTTPRequest

    /// The user who asks.
    var user: UInt32 { request.peer.uid }

    /// The agent named in the path.
    var agent: AgentID {
      get throws(KaizenError) { try RequestHandler.agentID(matched.id) }
    }

    /// The body as one request value; an absent body where none is needed is an empty object.
    func body<R: ControlRequest>(_ type: R.Type) throws(KaizenError) -> R {
      if request.body.isEmpty, case .json(_, required: false) = matched.route.body {
        return try R(json: .object([:]))
      }
      return try R(json: try JSONDocument.parse(request.body))
    }
  }

  static func agentID(_ text: String) throws(KaizenError) -> AgentID {
    guard let id = AgentID(text) else {
      throw KaizenError(
        "E_BAD_REQUEST", "\"\(text.prefix(140))\" is no agent id: \(Identifier.form)",
        hint: "`kaizen agent list` shows those there are")
    }
    return id
  }

  private func value(for call: Call) throws(KaizenError) -> JSONValue {
    switch call.matched.route.id {
    case .alive: LifeAnswer(status: "ok").json
    case .ready: try ready()
    case .metrics: .null
    case .openAPI: OpenAPI.document(version: DaemonProgram.version)
    case .status: try status().json
    case .stats: try stats(call).json
    case .config: config().json
    case .events: try events(call).json
    case .recordFeedback: try recordFeedback(call)
    case .startOperation: try startOperation(call).json
    case .listAgents: try listAgents(call).json
    case .addAgent: try addAgent(call).json
    case .showAgent: try showAgent(call).json
    case .removeAgent: try removeAgent(call).json
    case .health: try health(call).json
    case .summary: try summary(call).json
    case .opportunities: try opportunities(call).json
    case .history: try history(call).json
    case .generations: try generations(call).json
    case .diff: try diff(call).json
    case .quality: try quality(call).json
    case .analyze: try analyze(call).json
    case .optimize: try optimize(call).json
    case .showRun: try showRun(call).json
    case .rollback: try rollback(call).json
    case .agentStatus: try agentStatus(call).json
    case .setAutopilot: try setAutopilot(call).json
    case .listFreezes: try listFreezes(call).json
    case .freeze: try freeze(try call.agent, call).json
    case .freezeAll: try freeze(nil, call).json
    case .unfreeze: try unfreeze(try call.agent, call).json
    case .unfreezeAll: try unfreeze(nil, call).json
    case .cancel: try cancel(call).json
    case .listPatterns: try listPatterns(call).json
    case .listLearnings: try listLearnings(call).json
    case .learn: try learn(call).json
    case .applyLearning: try applyLearning(call).json
    case .listApprovals: try listApprovals(call).json
    case .showApproval: try showApproval(call).json
    case .approve: try approve(call).json
    case .reject: try reject(call).json
    case .listAudit: try listAudit(call).json
    case .verifyAudit: try verifyAudit().json
    case .listPlugins: listPlugins(call).json
    case .showPlugin: try showPlugin(call).json
    case .reloadPlugins: reloadPlugins(call).json
    case .reloadPlugin: try reloadPlugin(call).json
    case .enablePlugin: try setEnabled(call, true).json
    case .disablePlugin: try setEnabled(call, false).json
    case .listCalls: try listCalls(call).json
    case .replayCall: try replayCall(call).json
    }
  }
}
