internal import Linux
public import Model
public import PluginHost
internal import Sandbox
internal import TestSupport

/// A component host as the daemon has it, with the analyzer that does nothing.
public struct NoopHost: Sendable {
  /// Where the analyzer is registered, and so where it runs.
  public enum Place: Sendable {
    /// By the manifest beside the programs, in the daemon.
    case daemon
    /// By the same manifest, in a confined worker.
    case worker
    /// In a bundle that was dropped in, in a confined worker.
    case bundle
  }

  /// The host, every component probed.
  public let host: ComponentHost
  /// The analyzer.
  public let component: ComponentID
  private let folder: TemporaryDirectory

  /// Makes a host on a folder of its own.
  public init(_ place: Place) throws {
    folder = try TemporaryDirectory("kaizen-bench")
    component = try Self.valid(ComponentID("noop"))
    try folder.write("agent/agent.py", "print('a')\n")
    try Files.makeDirectories(folder.path + "/bin")
    try Self.write(to: folder.path + (place == .bundle ? "/plugins/noop" : "/bin"), place)
    host = try ComponentHost(
      ComponentHostConfiguration(
        sources: ComponentSources(
          rootManifest: folder.path + "/bin/manifest.json", homeManifest: nil,
          bundleDirectory: folder.path + "/plugins"),
        bundleCopies: folder.path + "/bundles",
        workerProgram: try BuildProducts.path("kaizen-worker"),
        confiner: Confiner(program: try BuildProducts.path("kaizen-confine"))))
  }

  /// One analysis of `agent`; with files, by a worker of its own.
  ///
  /// The analyzer crashes for the agent "crash". No two of different `records` are the same input.
  public func input(
    agent: String = "probe", hasFiles: Bool = false, records: Int = 100
  ) throws -> AnalysisInput {
    var metrics = AgentMetrics()
    metrics.recordCount = records
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

  /// Copies another build of the analyzer over the one that was dropped in.
  ///
  /// The library's bytes differ in one number at its end, which no loader reads.
  public func replaceBundle(number: Int) throws {
    try Self.write(to: folder.path + "/plugins/noop", .bundle, number: number)
  }

  private static func write(to path: String, _ place: Place, number: Int = 0) throws {
    try Files.makeDirectories(path, mode: 0o755)
    let library = try Files.read(try BuildProducts.path("libNoopAnalyzer.so"), limit: 1 << 20)
    let mark = withUnsafeBytes(of: UInt64(number)) { Array($0) }
    try Files.replace(path + "/libNoopAnalyzer.so", with: library + mark, mode: 0o755)
    let placement = place == .daemon ? "in-process" : "worker"
    let manifest =
      #"{"manifest": 1, "name": "bench", "version": "1.0.0", "components": ["#
      + #"{"id": "noop", "kind": "analyzer", "version": "1.0.0", "#
      + #""entry": {"library": "libNoopAnalyzer.so"}, "placement": "\#(placement)", "#
      + #""emits": ["error_pattern"], "config": {"number": \#(number)}}]}"#
    try Files.replace(path + "/manifest.json", with: Array(manifest.utf8), mode: 0o644)
  }

  private static func valid<ID>(_ id: ID?) throws -> ID {
    guard let id else { throw BenchmarkFailure("an id of this benchmark is not valid") }
    return id
  }
}
