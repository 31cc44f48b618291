import Control
import HTTP
import Model

/// What may be had over TCP without saying who one is: metrics and signs of life, to read only.
///
/// Browsers are the danger on a loopback port, since a page can have them ask anything there. A name
/// that was made to point here is in `Host`, and a page of somebody else's names itself in `Origin`:
/// OWASP, "DNS rebinding"; RFC 6454, section 7.
struct ScrapeService: HTTPService {
  let handler: RequestHandler
  let endpoint: LoopbackEndpoint

  /// What a scrape costs at most: a few scrapers, each done within seconds.
  static let limits = HTTPServer.Limits(
    connectionCountMax: 8, idleSecondsMax: 5, connectionMemoryBytes: 16 << 10,
    lifetimeMax: .seconds(30))

  private static let routes: Set<Route.ID> = [.alive, .ready, .metrics]

  func admit(_ request: HTTPRequest) throws(KaizenError) -> Int {
    let host = request.header("host") ?? ""
    // The names of hosts have no case: RFC 9110, section 4.2.3.
    guard host.lowercased() == endpoint.description else {
      throw KaizenError(
        "E_FORBIDDEN", "Host: expected \(endpoint), found \"\(host.prefix(80))\"",
        hint: "ask at the address that metrics.listen names")
    }
    if request.header("origin") != nil {
      throw KaizenError("E_FORBIDDEN", "requests that a web page makes are refused")
    }
    let matched = try RouteTable.match(method: request.method, path: request.path)
    guard Self.routes.contains(matched.route.id) else {
      throw KaizenError(
        "E_FORBIDDEN", "\(request.path.prefix(80)) is not served over TCP",
        hint: "ask the Unix socket; here are /metrics, /healthz and /readyz")
    }
    _ = try matched.route.query(request.query)
    return 0
  }

  func answer(_ request: HTTPRequest) -> HTTPResponse { handler.answer(request) }

  func refuse(_ error: KaizenError, path: String?) -> HTTPResponse {
    handler.refuse(error, path: path)
  }
}
