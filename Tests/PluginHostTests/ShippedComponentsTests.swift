import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("The components that come with the daemon") struct ShippedComponentsTests {
  private let rig: HostRig

  /// Puts the manifest of the sources beside the libraries of this build, as the build does.
  init() throws {
    rig = try HostRig()
    let manifest = try Files.read(Compiler.packageRoot + "/manifest.json", limit: 1 << 20)
    try Files.replace(rig.folder.path + "/bin/manifest.json", with: manifest, mode: 0o644)
    let products = Files.parent(of: try BuildProducts.path("kaizen-worker"))
    for name in try Files.names(in: products) where name.hasPrefix("lib") && name.hasSuffix(".so") {
      let bytes = try Files.read("\(products)/\(name)", limit: 64 << 20)
      try Files.replace("\(rig.folder.path)/bin/\(name)", with: bytes, mode: 0o755)
    }
  }

  @Test("are ready, each as its manifest says, with nothing to warn of")
  func ready() throws {
    let host = try rig.host()
    let states = host.components().filter { $0.name != "ruff-fix" }.map {
      "\($0.name): \($0.state)"
    }
    #expect(
      states == [
        "capability-gap: ready", "code-security: ready", "documentation: ready",
        "error-patterns: ready", "hardener: ready", "maintainability: ready", "playbook: ready",
        "quality: ready", "redundancy: ready", "resources: ready", "response-time: ready",
        "security: ready",
        "success-rate: ready", "tool-upgrade: ready", "tool-versions: ready",
        "training-needs: ready", "tuner: ready",
      ])
    #expect(host.manifestProblems() == [])
    #expect(host.ready(.analyzer).count == 9)
    #expect(host.ready(.applier).allSatisfy { $0.risk == .low })
    #expect(
      host.ready(.scorer).map(\.dimensions) == [
        ["security"], ["documentation"], ["maintainability"], ["redundancy"],
      ])
    let inProcess = host.components().filter { $0.manifest?.placement == .inProcess }
    #expect(inProcess.map(\.name) == ["resources", "response-time", "success-rate"])
  }

  @Test("find a slow agent from its numbers, in the daemon")
  func responseTime() throws {
    let host = try rig.host()
    var metrics = AgentMetrics()
    metrics.recordCount = 20
    metrics.operationCount = 20
    metrics.successCount = 20
    metrics.meanMilliseconds = 900
    metrics.medianMilliseconds = 900
    metrics.p95Milliseconds = 1000
    var window = FeedbackWindow()
    for row in 0..<20 {
      window.times.append(Int64(row))
      window.types.append(0)
      window.sources.append(0)
      window.scores.append(1)
      window.durations.append(900)
      window.memory.append(.nan)
      window.cpu.append(.nan)
      window.errors.append(-1)
      window.operations.append(UInt64(row))
      window.generations.append(1)
    }
    let context = CallContext(
      agent: try #require(AgentID("slow")), serviceLevel: .milliseconds(100), metrics: metrics)
    let output = try host.analyze(
      try id("response-time"),
      AnalysisInput(context: context, window: try SharedWindow(window), files: rig.files))
    #expect(output.opportunities.map(\.type) == [.performanceDegradation])
    #expect(output.opportunities.first?.component.text == "response-time")
  }

  @Test("find a file that everybody can write, in a worker that sees the files")
  func security() throws {
    let host = try rig.host()
    chmod(rig.folder.path + "/agent/a.py", 0o666)
    let output = try host.analyze(try id("security"), try rig.analysis(hasFiles: true))
    #expect(output.opportunities.map(\.type) == [.securityVulnerability])
    #expect(output.opportunities.first?.severity == .critical)
    #expect(try host.analyze(try id("security"), try rig.analysis()).opportunities.isEmpty)
  }

  @Test("score the agent's Python")
  func maintainability() throws {
    let output = try rig.host().score(try id("maintainability"), try rig.scoring())
    #expect(output.dimensions.map(\.dimension) == ["maintainability"])
    #expect(output.dimensions.allSatisfy { (0...1).contains($0.value) })
  }
}
