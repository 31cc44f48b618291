import Linux
import Model
import PluginHost
import Sandbox
import Synchronization

/// Asks tools for their versions: each by its own check, confined, and not more often than hourly.
final class ToolVersions: Sendable {
  /// How long one check may take.
  private static let checkTimeout = Duration.seconds(5)
  /// How long all checks of one analysis may take; what is left is asked the next time.
  private static let allTimeout = Duration.seconds(15)
  /// Bytes read of what a check prints.
  private static let outputBytesMax = 16 << 10
  /// How long an answer holds.
  private static let answerLifetime = Duration.seconds(3600)
  /// Answers kept.
  private static let answersMax = 1024
  /// Bytes of a reason.
  private static let reasonBytesMax = 300

  /// What a check said.
  private struct Answer {
    var version: String?
    var error: String?
    var time: Duration
  }

  private let confiner: Confiner
  private let catalogue: [String: String]
  private let answers = Mutex<[[String]: Answer]>([:])

  init(confiner: Confiner, catalogue: [String: String]) {
    self.confiner = confiner
    self.catalogue = catalogue
  }

  /// The tools that the descriptor declares, then those that only the catalogue knows.
  ///
  /// The checks see the agent's files, read-only.
  func tools(of descriptor: AgentDescriptor, files: AgentFiles) -> [KnownTool] {
    let end = Clock.monotonic() + Self.allTimeout
    var tools: [KnownTool] = []
    for tool in descriptor.tools.prefix(AgentFacts.toolCountMax) {
      var known = KnownTool(
        name: tool.name, declared: tool.version, latest: catalogue[tool.name])
      if !tool.check.isEmpty {
        let answer = answer(tool.check, files, until: end)
        (known.installed, known.error) = (answer.version, answer.error)
      }
      tools.append(known)
    }
    let declared = Set(tools.map(\.name))
    for (name, version) in catalogue.sorted(by: { $0.key < $1.key })
    where !declared.contains(name) {
      tools.append(KnownTool(name: name, latest: version))
    }
    return tools
  }

  private func answer(_ words: [String], _ files: AgentFiles, until end: Duration) -> Answer {
    let key = [files.root] + words
    let now = Clock.monotonic()
    if let known = answers.withLock({ $0[key] }), now - known.time < Self.answerLifetime {
      return known
    }
    guard now < end else {
      return Answer(error: "not asked yet: the other tools took too long", time: now)
    }
    let fresh = ask(words, files, timeout: min(Self.checkTimeout, end - now))
    answers.withLock { answers in
      if answers.count >= Self.answersMax { answers.removeAll() }
      answers[key] = fresh
    }
    return fresh
  }

  private func ask(_ words: [String], _ files: AgentFiles, timeout: Duration) -> Answer {
    var answer = Answer(time: Clock.monotonic())
    var confinement = Confinement(
      trees: [Confinement.Tree(files.root, at: files.pathInside, access: .readOnly)],
      workingDirectory: files.pathInside)
    do throws(KaizenError) {
      confinement.readPaths = try InterpreterFinder.readPaths(for: words, confinement)
      let outcome = try confiner.run(
        words, confinement, timeout: timeout, outputLimit: Self.outputBytesMax)
      // Some programs print their version to stderr, and some then exit with a status of their own.
      answer.version =
        VersionText.first(in: outcome.stdout.text) ?? VersionText.first(in: outcome.stderr.text)
      if outcome.timedOut {
        answer.error = "its check took longer than \(timeout)"
      } else if answer.version == nil {
        answer.error = "its check (\(words.joined(separator: " "))) printed no version"
      }
    } catch {
      let isMissing = error.code == "E_INTERPRETER_MISSING"
      answer.error = (isMissing ? "missing: " : "") + error.message
    }
    answer.error = answer.error.map {
      String(decoding: $0.utf8.prefix(Self.reasonBytesMax), as: UTF8.self)
    }
    return answer
  }
}
