public import Model

/// A route with the parts of one request's path.
public struct MatchedRoute: Hashable, Sendable {
  /// The route.
  public var route: Route
  /// What stands where the template has `{name}`.
  public var segments: [String: String]

  /// The segment for `{id}`; empty where the template has none.
  public var id: String { segments["id"] ?? "" }
}

extension RouteTable {
  /// The route of one id.
  public static func route(_ id: Route.ID) -> Route {
    guard let route = all.first(where: { $0.id == id }) else {
      fatalError("RouteTable.all has each Route.ID once")
    }
    return route
  }

  /// The route that a request's method and decoded path ask for.
  ///
  /// A fixed segment wins over `{id}`: `/v1/audit/verify` is no entry named "verify".
  /// - Throws: `E_UNKNOWN_ROUTE` for a path that nothing answers, `E_METHOD` for a path that does
  ///   not answer this method.
  /// - Complexity: O(number of routes).
  public static func match(
    method: String, path: String
  ) throws(KaizenError) -> MatchedRoute {
    let found = matches(path)
    if found.isEmpty {
      throw KaizenError(
        "E_UNKNOWN_ROUTE", "nothing answers at \"\(path.prefix(200))\"",
        hint: "the routes are /v1/…, /healthz, /readyz and /metrics")
    }
    if let match = found.first(where: { $0.route.method.rawValue == method }) { return match }
    let methods = found.map(\.route.method.rawValue).sorted().joined(separator: ", ")
    throw KaizenError(
      "E_METHOD", "\"\(path.prefix(200))\" does not answer \(method.prefix(20))",
      hint: "it answers \(methods)")
  }

  /// The methods that a path answers, sorted; none where nothing answers there.
  public static func methods(at path: String) -> [String] {
    matches(path).map(\.route.method.rawValue).sorted()
  }

  /// The routes of the one template that fits a path best: the one with the fewest `{name}`.
  private static func matches(_ path: String) -> [MatchedRoute] {
    let asked = path.split(separator: "/", omittingEmptySubsequences: false)
    var found: [MatchedRoute] = []
    for route in all {
      if let segments = bind(route.template, to: asked) {
        found.append(MatchedRoute(route: route, segments: segments))
      }
    }
    let fewest = found.map(\.segments.count).min()
    return found.filter { $0.segments.count == fewest }
  }

  private static func bind(
    _ template: String, to asked: [Substring]
  ) -> [String: String]? {
    let wanted = template.split(separator: "/", omittingEmptySubsequences: false)
    guard wanted.count == asked.count else { return nil }
    var segments: [String: String] = [:]
    for (want, have) in zip(wanted, asked) {
      if want.hasPrefix("{") {
        if have.isEmpty { return nil }
        segments[String(want.dropFirst().dropLast())] = String(have)
      } else if want != have {
        return nil
      }
    }
    return segments
  }
}
