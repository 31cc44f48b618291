import Linux
import Model
import PluginHost
import Sandbox
import TestSupport

/// A component host as the daemon has it, with the analyzer that does nothing.
struct NoopHost {
  let host: ComponentHost
  let component: ComponentID
  private let folder: TemporaryDirectory

  /// - Parameter placement: as in a manifest: `in-process` or `worker`.
  init(placement: String) throws {
    folder = try TemporaryDirectory("kaizen-bench")
    component = try Self.valid(ComponentID("noop"))
    try folder.write(
      "bin/manifest.json",
      #"{"manifest": 1, "name": "bench", "version": "1.0.0", "components": ["#
        + #"{"id": "noop", "kind": "analyzer", "version": "1.0.0", "#
        + #""entry": {"library": "libNoopAnalyzer.so"}, "placement": "\#(placement)", "#
        + #""emits": ["error_pattern"]}]}"#)
    try Files.replace(
      folder.path + "/bin/libNoopAnalyzer.so", with: try Self.library(), mode: 0o755)
    try folder.write("agent/agent.py", "print('a')\n")
    host = try ComponentHost(
      ComponentHostConfiguration(
        sources: ComponentSources(
          rootManifest: folder.path + "/bin/manifest.json", homeManifest: nil,
          bundleDirectory: nil),
        bundleCopies: folder.path + "/bundles",
        workerProgram: try BuildProducts.path("kaizen-worker"),
        confiner: Confiner(program: try BuildProducts.path("kaizen-confine"))))
  }

  /// One analysis of `agent`; with files, by a worker of its own.
  func input(agent: String = "probe", hasFiles: Bool = false) throws -> AnalysisInput {
    var metrics = AgentMetrics()
    metrics.recordCount = 100
    metrics.operationCount = 100
    metrics.successCount = 90
    metrics.failureCount = 10
    let context = CallContext(
      agent: try Self.valid(AgentID(agent)), descriptor: ["id": .string(agent)],
      serviceLevel: .seconds(2), metrics: metrics)
    let files = AgentFiles(
      root: folder.path + "/agent", pathInside: "/srv/agents/probe", names: ["agent.py"])
    return AnalysisInput(context: context, files: hasFiles ? files : nil)
  }

  private static func library() throws -> [UInt8] {
    try Files.read(try BuildProducts.path("libNoopAnalyzer.so"), limit: 1 << 20)
  }

  private static func valid<ID>(_ id: ID?) throws -> ID {
    guard let id else { throw BenchmarkFailure("an id of this benchmark is not valid") }
    return id
  }
}
