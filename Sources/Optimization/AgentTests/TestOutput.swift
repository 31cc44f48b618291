/// Finds the cases in what a test runner printed.
///
/// Understood are the lines of
/// - Python's unittest with -v: `test_a (tests.test_x.T.test_a) ... ok`
///   (https://docs.python.org/3/library/unittest.html#command-line-interface),
/// - pytest with -v: `tests/test_x.py::test_a PASSED`
///   (https://docs.pytest.org/en/stable/how-to/output.html),
/// - the Test Anything Protocol: `ok 1 - name`, `not ok 2 - name` (https://testanything.org).
public enum TestOutput {
  /// Most cases read of one run.
  public static let caseCountMax = 10_000

  /// The cases named in `output`, each once, in order; a case that failed anywhere failed.
  public static func cases(in output: String) -> [TestReport.Case] {
    var order: [String] = []
    var passed: [String: Bool] = [:]
    for line in output.split(whereSeparator: \.isNewline) {
      guard let found = unittest(line) ?? pytest(line) ?? protocolLine(line) else { continue }
      if let before = passed[found.name] {
        passed[found.name] = before && found.passed
      } else if order.count < caseCountMax {
        order.append(found.name)
        passed[found.name] = found.passed
      }
    }
    return order.map { TestReport.Case(name: $0, passed: passed[$0] ?? false) }
  }

  private static func unittest(_ line: Substring) -> TestReport.Case? {
    guard let separator = line.range(of: " ... ") else { return nil }
    let outcome = line[separator.upperBound...].trimmed
    guard let name = line[..<separator.lowerBound].trimmed.nonEmpty else { return nil }
    switch outcome {
    case "ok", "expected failure": return TestReport.Case(name: name, passed: true)
    case "FAIL", "ERROR", "unexpected success": return TestReport.Case(name: name, passed: false)
    default: return nil
    }
  }

  private static func pytest(_ line: Substring) -> TestReport.Case? {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0].contains("::") else { return nil }
    switch words[1] {
    case "PASSED", "XFAIL": return TestReport.Case(name: String(words[0]), passed: true)
    case "FAILED", "ERROR", "XPASS": return TestReport.Case(name: String(words[0]), passed: false)
    default: return nil
    }
  }

  private static func protocolLine(_ line: Substring) -> TestReport.Case? {
    let failed = line.hasPrefix("not ok ")
    guard failed || line.hasPrefix("ok ") else { return nil }
    let rest = line.dropFirst(failed ? 7 : 3)
    let words = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard let number = words.first.flatMap({ Int($0) }) else { return nil }
    var name = words.count > 1 ? words[1].trimmed : ""
    if name.hasPrefix("- ") { name = String(name.dropFirst(2)) }
    if let directive = name.range(of: " # ") {
      // SKIP and TODO cases decide nothing: https://testanything.org/tap-version-14-specification.html
      let word = name[directive.upperBound...].lowercased()
      if word.hasPrefix("skip") || word.hasPrefix("todo") { return nil }
    }
    return TestReport.Case(name: name.nonEmpty ?? "\(number)", passed: !failed)
  }
}

extension StringProtocol {
  fileprivate func range(of separator: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(separator) {
        return start..<index(start, offsetBy: separator.count)
      }
      start = index(after: start)
    }
    return nil
  }

  fileprivate var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
