public import KaizenPluginSDK
import SourceCode

/// Scores how much of what an agent's code offers is explained, and whether its pages hold together.
final class DocumentationScorer: Scorer {
  static let id = "documentation"
  static let version = "0.1.0"
  static let dimensions = ["documentation"]
  static let isPure = true

  private let host: Host

  init(config: String, host: Host) throws { self.host = host }

  func score(_ tree: borrowing Tree, _ sink: borrowing ScorerSink) throws {
    var walk = SourceWalk(host)
    var subjectCount = 0
    var all: [(file: String, findings: [SourceFinding])] = []
    let known = KnownPaths(tree.files)
    try walk.visit(tree) { file, bytes, language in
      let source = SourceText(bytes, language)
      let subjects: [Subject] =
        switch language {
        case .markdown: MarkdownSubjects.all(in: source, file: file, known)
        case _ where TestFiles.isTest(file): []
        case .python: PythonSubjects.all(in: source)
        case .swift: SwiftSubjects.all(in: source)
        case .javaScript: JavaScriptSubjects.all(in: source)
        case .shell: ShellSubjects.all(in: source)
        }
      subjectCount += subjects.count
      let findings = subjects.compactMap(\.finding)
      if !findings.isEmpty { all.append((file, findings)) }
    }
    for entry in all { walk.emit(entry.findings, in: entry.file, sink) }
    let missing = all.reduce(0) { $0 + $1.findings.count }
    // Without anything to explain there is nothing to say: no score, rather than a good one.
    if subjectCount > 0 {
      sink.score(Self.dimensions[0], Double(subjectCount - missing) / Double(subjectCount))
    }
  }
}

/// One thing that is to be explained or to hold, and what is wrong with it.
struct Subject {
  var finding: SourceFinding?

  /// Something that is as it should be.
  static let good = Subject(finding: nil)

  static func missing(_ rule: String, _ line: Int, _ message: String) -> Subject {
    Subject(finding: SourceFinding(rule, .note, weight: 1, line: line, message))
  }
}

/// Tests explain themselves by their names.
enum TestFiles {
  static func isTest(_ path: String) -> Bool {
    let parts = path.lowercased().split(separator: "/")
    let name = parts.last ?? ""
    return parts.dropLast().contains { ["test", "tests", "__tests__", "spec"].contains($0) }
      || name.hasPrefix("test_") || name.hasPrefix("conftest.") || name.contains("_test.")
      || name.contains(".test.") || name.contains(".spec.") || name.hasSuffix("tests.swift")
  }
}

private let plugin = Plugin(.scorer(DocumentationScorer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }
