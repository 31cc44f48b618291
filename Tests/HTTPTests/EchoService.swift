import HTTP
import Linux
import Model
import Synchronization

/// Says back what it was asked; `/wait` answers only once it is let go.
final class EchoService: HTTPService {
  static let bodyBytesMax = 1000
  let gate = Condition(false)
  let waiting = Condition(0)
  let seen = Mutex<[HTTPRequest]>([])

  func admit(_ request: HTTPRequest) throws(KaizenError) -> Int {
    switch request.path {
    case "/forbidden": throw KaizenError("E_FORBIDDEN", "not for uid \(request.peer.uid)")
    case "/large": return 10 << 20
    default: return Self.bodyBytesMax
    }
  }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    seen.withLock { $0.append(request) }
    switch request.path {
    case "/wait":
      waiting.update { $0 += 1 }
      _ = gate.wait(timeout: .seconds(10)) { $0 ? true : nil }
      return HTTPResponse(text: "waited")
    case "/big": return HTTPResponse(body: [UInt8](repeating: 120, count: 3 << 20))
    case "/none": return HTTPResponse(status: 204, body: [])
    default:
      return HTTPResponse(
        contentType: "text/plain",
        text: "\(request.method) \(request.path) \(request.body.count) uid=\(request.peer.uid)")
    }
  }

  func refuse(_ error: KaizenError, path: String?) -> HTTPResponse {
    let status =
      switch error.code {
      case "E_FORBIDDEN": 403
      case "E_TOO_LARGE": 413
      default: 400
      }
    return HTTPResponse(status: status, contentType: "text/plain", text: error.code.rawValue)
  }
}
