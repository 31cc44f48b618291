public import Model

/// The query parameters of one request, checked against its route.
public struct RouteQuery: Hashable, Sendable {
  private var values: [String: String]

  init(_ values: [String: String]) { self.values = values }

  /// The value of a text or word parameter.
  public func text(_ name: String) -> String? { values[name] }

  /// The value of an integer parameter; its range was checked.
  public func integer(_ name: String) -> Int? { values[name].flatMap(Int.init) }

  /// How many items a list may have.
  public var limit: Int { integer("limit") ?? Int(Route.listCountDefault) }

  /// How long to wait for news.
  public var wait: Duration { .milliseconds(integer("wait_ms") ?? 0) }
}

extension Route {
  /// The decoded query `pairs`, where each is a parameter of this route with a value it may have.
  /// - Throws: `E_PARAMETER`, naming the parameter, what was expected and what was found.
  public func query(_ pairs: [(name: String, value: String)]) throws(KaizenError) -> RouteQuery {
    var values: [String: String] = [:]
    for (name, value) in pairs {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        throw KaizenError(
          "E_PARAMETER", "\(template) has no parameter \"\(name.prefix(80))\"",
          hint: parameters.isEmpty
            ? "it takes none" : "it takes \(parameters.map(\.name).joined(separator: ", "))")
      }
      if values[name] != nil {
        throw KaizenError("E_PARAMETER", "the parameter \"\(name)\" is given twice")
      }
      if !parameter.kind.allows(value) {
        throw KaizenError(
          "E_PARAMETER",
          "\"\(name)\": expected \(parameter.kind), found \"\(value.prefix(80))\"")
      }
      values[name] = value
    }
    for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
      throw KaizenError("E_PARAMETER", "the parameter \"\(parameter.name)\" is missing")
    }
    return RouteQuery(values)
  }

  /// The path and query to ask for, percent-encoded: the inverse of matching.
  public func target(
    _ segments: [String: String] = [:], query: [(name: String, value: String)] = []
  ) -> String {
    let path = template.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.hasPrefix("{")
        ? PercentEncoding.encode(segments[String(part.dropFirst().dropLast())] ?? "")
        : String(part)
    }.joined(separator: "/")
    if query.isEmpty { return path }
    let pairs = query.map {
      PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value)
    }
    return path + "?" + pairs.joined(separator: "&")
  }
}

extension Route.Parameter.Kind: CustomStringConvertible {
  /// What the value may be, in the words of an error message.
  public var description: String {
    switch self {
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .identifier: "an id (\(Identifier.form))"
    case .text: "text of 1 to \(Route.Parameter.textBytesMax) bytes"
    case .word(let words): "one of \(words.joined(separator: ", "))"
    }
  }

  func allows(_ value: String) -> Bool {
    switch self {
    case .integer(let range): Int64(value).map { range.contains($0) } ?? false
    case .identifier: Identifier.isValid(value)
    case .text: (1...Route.Parameter.textBytesMax).contains(value.utf8.count)
    case .word(let words): words.contains(value)
    }
  }
}
