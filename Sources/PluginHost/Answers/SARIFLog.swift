internal import JSONStream
import Model

/// The results of a SARIF 2.1.0 log as findings.
///
/// - Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, by section below.
enum SARIFLog {
  /// Gives each result in `bytes` to `take`; results outside the agent's files are counted.
  /// - Returns: how many were left out.
  /// - Throws: `E_PLUGIN_PROTOCOL` where it is no such log, and what `take` throws.
  static func read(
    _ bytes: [UInt8], of component: ComponentID, isInside: (String) -> Bool,
    _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) -> Int {
    let log: JSONValue
    do {
      log = try JSONDocument.parse(bytes)
    } catch {
      throw failure(component, "a SARIF log", error.message)
    }
    guard log["version"]?.string == "2.1.0" else {  // 3.13.2
      throw failure(
        component, "\"version\": \"2.1.0\"", log["version"]?.shape ?? "no \"version\"")
    }
    guard let runs = log["runs"]?.array else {  // 3.13.4
      throw failure(component, "a list \"runs\"", log["runs"]?.shape ?? "no \"runs\"")
    }
    var outsideCount = 0
    for run in runs {
      for result in run["results"]?.array ?? [] where isReported(result) {  // 3.14.23
        guard let finding = finding(result, in: run) else {
          throw failure(component, "results with a rule and a file", "\(result.text().prefix(120))")
        }
        if isInside(finding.file) {
          try take(.finding(finding))
        } else {
          outsideCount += 1
        }
      }
    }
    return outsideCount
  }

  /// Only failures count (3.27.9), and none that someone suppressed (3.27.23).
  private static func isReported(_ result: JSONValue) -> Bool {
    let kind = result["kind"]?.string ?? "fail"
    return kind == "fail" && result["level"]?.string != "none"
      && (result["suppressions"]?.array ?? []).isEmpty
  }

  private static func finding(_ result: JSONValue, in run: JSONValue) -> Finding? {
    let rules = run["tool"]?["driver"]?["rules"]?.array ?? []  // 3.19.23
    let index = (result["ruleIndex"] ?? result["rule"]?["index"])?.integer  // 3.27.6, -1: unknown
    let described = index.flatMap { rules.indices.contains(Int($0)) ? rules[Int($0)] : nil }
    let rule =
      (result["ruleId"] ?? result["rule"]?["id"] ?? described?["id"])?.string  // 3.27.5, 3.27.7
    let place = result["locations"]?.array?.first?["physicalLocation"]  // 3.27.12
    guard let rule, let uri = place?["artifactLocation"]?["uri"]?.string else { return nil }
    // 3.27.10: a level that is absent is the rule's, else "warning".
    let level =
      (result["level"] ?? described?["defaultConfiguration"]?["level"])?.string
      .flatMap(Finding.Level.init(rawValue:)) ?? .warning
    let line = place?["region"]?["startLine"]?.integer.flatMap { Int(exactly: $0) }  // 3.30.5
    return Finding(
      rule: rule, level: level, file: path(uri), line: line.flatMap { $0 >= 1 ? $0 : nil },
      message: result["message"]?["text"]?.string ?? "")  // 3.11.8
  }

  /// The path that a relative or `file:` URI names, percent-decoded (RFC 3986, section 2.1).
  static func path(_ uri: String) -> String {
    var rest = Substring(uri)
    if rest.hasPrefix("file://") {
      rest = rest.dropFirst(7)
      rest = rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...]  // past the host, if any
    }
    let bytes = Array(rest.utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let digits = bytes[index...].dropFirst().prefix(2)
      if bytes[index] == UInt8(ascii: "%"), digits.count == 2,
        let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      {
        decoded.append(byte)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  private static func failure(
    _ component: ComponentID, _ expected: String, _ found: String
  ) -> KaizenError {
    KaizenError(
      "E_PLUGIN_PROTOCOL",
      "component \"\(component)\", its output: expected \(expected), found \(found)",
      hint: "have the command write SARIF 2.1.0 to its standard output and nothing else")
  }
}
