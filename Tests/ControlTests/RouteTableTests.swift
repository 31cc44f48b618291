import Control
import Model
import Testing

@Suite("The route table") struct RouteTableTests {
  @Test("has every route once")
  func complete() {
    #expect(RouteTable.all.map(\.id).count == Route.ID.allCases.count)
    #expect(Set(RouteTable.all.map(\.id)) == Set(Route.ID.allCases))
  }

  @Test("answers one method and path by one route")
  func unambiguous() {
    let places = RouteTable.all.map { "\($0.method.rawValue) \($0.template)" }
    #expect(Set(places).count == places.count)
  }

  @Test("finds each route again by the target made from it", arguments: RouteTable.all)
  func inverse(route: Route) throws {
    let target = route.target(["id": "unit-converter"])
    let match = try RouteTable.match(method: route.method.rawValue, path: target)
    #expect(match.route.id == route.id)
    #expect(match.id == (route.template.contains("{id}") ? "unit-converter" : ""))
  }

  @Test("prefers a fixed segment to a variable one")
  func fixed() throws {
    #expect(try RouteTable.match(method: "GET", path: "/v1/audit/verify").route.id == .verifyAudit)
    #expect(
      try RouteTable.match(method: "POST", path: "/v1/plugins/reload").route.id == .reloadPlugins)
  }

  @Test(
    "refuses a path that nothing answers",
    arguments: [
      "", "/", "/v1", "/v1/agents/", "/v1/agents//health", "/v1/agents/a/nothing", "v1/status",
      "/v1/status/", "/V1/status",
    ])
  func unknown(path: String) {
    #expect(throws: KaizenError.self) { try RouteTable.match(method: "GET", path: path) }
  }

  @Test("names the methods that a path does answer")
  func method() {
    let error = #expect(throws: KaizenError.self) {
      try RouteTable.match(method: "PUT", path: "/v1/agents/a")
    }
    #expect(error?.code == "E_METHOD")
    #expect(error?.httpStatus == 405)
    #expect(error?.hint == "it answers DELETE, GET")
  }

  @Test("lets readers read and only operators change")
  func roles() {
    for route in RouteTable.all where route.method != .get {
      #expect(route.role > .read, "\(route.id)")
    }
    #expect(RouteTable.route(.recordFeedback).role == .feedback)
    #expect(RouteTable.route(.addAgent).role == .admin)
    #expect(Route.Role.read < .feedback)
    #expect(Route.Role.operate < .admin)
  }

  @Test("limits every body")
  func bodies() {
    for route in RouteTable.all {
      #expect(route.method == .get ? route.bodyBytesMax == 0 : route.bodyBytesMax <= 64 << 20)
    }
    #expect(RouteTable.route(.recordFeedback).bodyBytesMax == 64 << 20)
    #expect(RouteTable.route(.removeAgent).bodyBytesMax == 0)
  }
}

@Suite("Query parameters") struct RouteQueryTests {
  private let health = RouteTable.route(.health)

  @Test("are read by name and type")
  func read() throws {
    #expect(try health.query([("days", "30")]).integer("days") == 30)
    #expect(try health.query([]).integer("days") == nil)
    #expect(try RouteTable.route(.history).query([]).limit == 100)
    #expect(try RouteTable.route(.showRun).query([("wait_ms", "250")]).wait == .milliseconds(250))
  }

  @Test(
    "that are unknown, doubled or out of range are refused by name",
    arguments: [
      [("dayz", "7")], [("days", "7"), ("days", "7")], [("days", "0")], [("days", "366")],
      [("days", "")], [("days", "7.5")], [("days", "99999999999999999999")], [("limit", "5")],
    ] as [[(String, String)]])
  func refused(pairs: [(String, String)]) {
    let error = #expect(throws: KaizenError.self) {
      try health.query(pairs.map { (name: $0.0, value: $0.1) })
    }
    #expect(error?.code == "E_PARAMETER")
    #expect(error?.httpStatus == 400)
    #expect(error?.message.contains(pairs[0].0) == true)
  }

  @Test("never make a request wait longer than 30 s")
  func wait() {
    #expect(throws: KaizenError.self) {
      try RouteTable.route(.events).query([("wait_ms", "30001")])
    }
  }

  @Test("that are words are one of a few")
  func words() throws {
    let route = RouteTable.route(.listApprovals)
    #expect(try route.query([("state", "pending")]).text("state") == "pending")
    #expect(throws: KaizenError.self) { try route.query([("state", "maybe")]) }
    #expect(throws: KaizenError.self) { try route.query([("agent", "")]) }
    #expect(throws: KaizenError.self) {
      try route.query([("agent", String(repeating: "x", count: 201))])
    }
  }

  @Test("are escaped in a target, byte by byte")
  func escaping() {
    let route = RouteTable.route(.showAgent)
    #expect(route.target(["id": "a/b c?é"]) == "/v1/agents/a%2Fb%20c%3F%C3%A9")
    #expect(
      RouteTable.route(.events).target(query: [("agent", "a&b=c"), ("after", "3")])
        == "/v1/events?agent=a%26b%3Dc&after=3")
  }
}
