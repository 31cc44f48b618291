public import Model

/// The description of the interface: the route table and what the decoders ask for, as OpenAPI 3.1.
///
/// Nothing in it is written by hand but the words around them.
/// - Source: https://spec.openapis.org/oas/v3.1.0
public enum OpenAPI {
  /// The whole document.
  public static func document(version: String) -> JSONValue {
    var schemas = JSONSchema()
    var paths: [String: [String: JSONValue]] = [:]
    for route in RouteTable.all {
      paths[route.template, default: [:]][route.method.rawValue.lowercased()] = operation(
        route, &schemas)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Kaizen", "version": .string(version),
        "description": .string(about),
      ],
      "servers": [["url": "/", "description": "the daemon's Unix socket, run/kaizen.sock"]],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": ["schemas": .object(schemas.named)],
    ]
  }

  private static let about = """
    The control interface of one daemon. Whoever the socket lets in may read; what more a caller \
    may do follows from the user id that the kernel gives for the connection, and stands at each \
    operation as x-role. A member that is null counts as absent. Answers may gain members; \
    requests with members nobody knows are refused.
    """

  private static func operation(_ route: Route, _ schemas: inout JSONSchema) -> JSONValue {
    var operation: [String: JSONValue] = [
      "operationId": .string(route.id.rawValue),
      "summary": .string(route.help),
      "x-role": .string(route.role.rawValue),
      "responses": .object(responses(route, &schemas)),
    ]
    let parameters = pathParameters(route) + route.parameters.map(queryParameter)
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    if let body = body(route, &schemas) { operation["requestBody"] = body }
    return .object(operation)
  }

  private static func body(_ route: Route, _ schemas: inout JSONSchema) -> JSONValue? {
    guard case .value(let type) = route.id.request else { return nil }
    var media: [String: JSONValue] = ["schema": schemas.reference(to: type)]
    if let example = route.id.example { media["example"] = example }
    switch route.body {
    case .none: return nil
    case .json(_, let isRequired):
      return [
        "required": .bool(isRequired), "content": ["application/json": .object(media)],
        "description": .string("at most \(route.bodyBytesMax) bytes"),
      ]
    case .lines:
      return [
        "required": true, "content": ["application/json": .object(media)],
        "description": .string(
          "one record, or one a line (NDJSON); at most \(route.bodyBytesMax) bytes"),
      ]
    }
  }

  private static func pathParameters(_ route: Route) -> [JSONValue] {
    guard route.template.contains("{id}") else { return [] }
    return [
      [
        "name": "id", "in": "path", "required": true,
        "schema": route.template.hasPrefix("/v1/agents/")
          ? ["type": "string", "pattern": .string(JSONSchema.identifierPattern)]
          : ["type": "string", "minLength": 1],
      ]
    ]
  }

  private static func queryParameter(_ parameter: Route.Parameter) -> JSONValue {
    let schema: JSONValue =
      switch parameter.kind {
      case .integer(let range): JSONSchema.integer(range)
      case .identifier: ["type": "string", "pattern": .string(JSONSchema.identifierPattern)]
      case .text:
        [
          "type": "string", "minLength": 1,
          "maxLength": .integer(Int64(Route.Parameter.textBytesMax)),
        ]
      case .word(let words): ["type": "string", "enum": .array(words.map(JSONValue.string))]
      }
    return [
      "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
      "description": .string("\(parameter.kind)"), "schema": schema,
    ]
  }

  private static func responses(
    _ route: Route, _ schemas: inout JSONSchema
  ) -> [String: JSONValue] {
    let content: JSONValue =
      switch route.id.answer {
      case .value(let type): ["application/json": ["schema": schemas.reference(to: type)]]
      case .object: ["application/json": ["schema": ["type": "object"]]]
      case .metrics: ["text/plain": ["schema": ["type": "string"]]]
      }
    var responses: [String: JSONValue] = ["200": ["description": "done", "content": content]]
    let error = schemas.reference(to: ErrorAnswer.self)
    for (status, meaning) in route.refusals {
      responses["\(status)"] = [
        "description": .string(meaning), "content": ["application/json": ["schema": error]],
      ]
    }
    return responses
  }
}

extension Route {
  /// The statuses a refusal of this route may have, and what each says.
  public var refusals: [(status: Int, meaning: String)] {
    var all = [
      (400, "the request is not as described here"),
      (413, "a body that is larger than allowed, or stands where none is"),
      (500, "a fault of the daemon's own"),
      (503, "the daemon starts or stops"),
    ]
    // Whoever can connect may read; over TCP only the three routes there are.
    if role > .read || !template.hasPrefix("/v1/") {
      all.append((403, "the caller's role does not allow it"))
    }
    let isAboutOne =
      template.hasPrefix("/v1/agents/")
      || parameters.contains { $0.name == "agent" || $0.name == "component" }
    if template.contains("{") || isAboutOne { all.append((404, "there is no such thing")) }
    if template.hasPrefix("/v1/agents/") || method != .get {
      all.append((409, "what there is now does not allow it"))
      all.append((422, "understood, and cannot be done; the error says why"))
    }
    if method != .get {
      all.append((404, "something that it names is not there"))
      all.append((429, "a limit is reached; ask later"))
      all.append((507, "there is no room on the disk"))
    }
    var seen: Set<Int> = []
    return all.filter { seen.insert($0.0).inserted }.sorted { $0.0 < $1.0 }
      .map { (status: $0.0, meaning: $0.1) }
  }
}

extension Route.ID {
  /// A body that shows what one may look like.
  var example: JSONValue? {
    switch self {
    case .recordFeedback:
      [
        "agent_id": "unit-converter", "operation_id": "op-1", "type": "success", "score": 0.9,
        "duration_ms": 120,
      ]
    case .startOperation: ["agent_id": "unit-converter", "operation_id": "op-1"]
    case .addAgent: ["path": "/srv/agents/unit-converter"]
    case .analyze: ["days": 7]
    case .optimize: ["strategy": "auto", "dry_run": true]
    case .rollback: ["to": 1]
    case .reject: ["reason": "not on a Friday"]
    case .setAutopilot: ["autopilot": "propose"]
    case .freeze, .freezeAll: ["for_s": 3600, "reason": "a release"]
    default: nil
    }
  }
}
