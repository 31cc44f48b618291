internal import Approval
internal import Control
internal import JSONStream
internal import Linux
internal import Model

/// `config check`: what the daemon would say of settings and policy at its start, without one.
enum ConfigCheck {
  /// Bytes of the longest file: as the daemon reads it.
  private static let fileBytesMax = 1 << 20
  /// Variables of the environment that are no settings, and mean something.
  private static let otherVariables: Set<String> = [
    "KAIZEN_HOME", "KAIZEN_AGENT", "KAIZEN_GENERATION", "KAIZEN_OPERATION_ID",
  ]

  static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let layout = try call.layout()
    let named = call.text("--config").map(Invocation.absolute)
    let file = named ?? layout.configFile
    var problems: [Problem] = []
    let document = read(file, isRequired: named != nil, &problems)
    let (settings, found) = Settings.resolve(
      document: document, file: file, environment: call.environment)
    problems += layout.trustProblems(
      configFile: file, configFolder: Files.parent(of: file),
      socketGroup: settings.integer("socket.gid"), rights: { Files.rights(of: $0) })
    problems += found + unknownVariables(call.environment)
    if let bytes = bytes(of: layout.policyFile, isRequired: false, &problems) {
      problems += Policy.read(bytes, file: layout.policyFile).problems
    }
    let isGood = problems.allSatisfy(\.isWarning)
    if call.isJSON {
      call.terminal.write(json(problems, settings, isGood).text() + "\n")
    } else {
      let changed = settings.entries.values.count { $0.origin != "default" }
      call.terminal.write(
        lines: problems.map { "\($0.isWarning ? "warning" : "problem"): \($0)" }
          + [
            "\(Setting.all.count) settings, \(changed) set, in \(file) and the environment: "
              + (isGood ? "good" : "the daemon would not start")
          ])
    }
    return isGood ? .done : .failed
  }

  private static func json(
    _ problems: [Problem], _ settings: Settings, _ isGood: Bool
  ) -> JSONValue {
    [
      "ok": .bool(isGood), "count": .integer(Int64(problems.count)),
      "items": .array(
        problems.map { problem in
          [
            "file": .string(problem.file), "key": .string(problem.key),
            "expected": .string(problem.expected), "found": .string(problem.found),
            "fix": .string(problem.fix), "warning": .bool(problem.isWarning),
          ]
        }),
      "settings": .object(
        settings.entries.mapValues { ["value": $0.value, "origin": .string($0.origin)] }),
    ]
  }

  private static func read(
    _ file: String, isRequired: Bool, _ problems: inout [Problem]
  ) -> JSONValue? {
    guard let bytes = bytes(of: file, isRequired: isRequired, &problems) else { return nil }
    do throws(KaizenError) {
      return try JSONDocument.parse(bytes)
    } catch {
      problems.append(
        Problem(
          file: file, key: "", expected: "JSON", found: error.message,
          fix: error.hint ?? "correct the file"))
      return nil
    }
  }

  /// A file's bytes; one that is missing is a problem only where somebody named it.
  private static func bytes(
    of file: String, isRequired: Bool, _ problems: inout [Problem]
  ) -> [UInt8]? {
    if !isRequired && !Files.exists(file) { return nil }
    do throws(SystemError) {
      return try Files.read(file, limit: fileBytesMax)
    } catch {
      problems.append(
        Problem(
          file: file, key: "", expected: "a file of at most 1 MiB that can be read",
          found: SystemError.text(error.code), fix: "correct its path or its mode"))
      return nil
    }
  }

  /// A setting that is misspelt in the environment would have no effect, silently.
  private static func unknownVariables(_ environment: [String: String]) -> [Problem] {
    let known = Set(Setting.all.map(\.environmentName)).union(otherVariables)
    return environment.keys.filter { $0.hasPrefix("KAIZEN_") && !known.contains($0) }.sorted()
      .map { name in
        let nearest = Suggestion.nearest(to: name, in: known)
        return Problem(
          file: name, key: "", expected: "a variable that is a setting", found: "an unknown one",
          fix: nearest.map { "did you mean \($0)?" } ?? "`kaizen config show` lists them",
          isWarning: true)
      }
  }
}
