import Model
import Testing

@testable import PluginHost

@Suite("What an earlier version may do beside the registered one") struct ReachComparisonTests {
  private func manifest(
    risk: Risk = .medium, _ change: (inout Needs) -> Void = { _ in }
  ) throws -> ComponentManifest {
    var manifest = try component(.applier)
    manifest.risk = risk
    manifest.needs = Needs(
      read: ["/a", "/b"], write: ["*.py"], path: ["/bin"], environment: ["HOME"],
      memoryMegabytes: 100, processes: 8)
    change(&manifest.needs)
    return manifest
  }

  @Test("as much or less is no more")
  func less() throws {
    let registered = try manifest()
    #expect(!registered.mayDoMore(than: registered))
    let safer = try manifest(risk: .low)
    #expect(!safer.mayDoMore(than: registered))
    let lesser = try manifest {
      $0.read = ["/b"]
      $0.write = []
      $0.memoryMegabytes = 99
      $0.processes = 1
    }
    #expect(!lesser.mayDoMore(than: registered))
  }

  @Test("whatever is wider is more, the default of a limit too")
  func more() throws {
    let registered = try manifest()
    let wider = [
      try manifest(risk: .high), try manifest { $0.read.append("/c") },
      try manifest { $0.write = ["*"] }, try manifest { $0.network = ["x"] },
      try manifest { $0.path.append("/sbin") }, try manifest { $0.environment.append("X") },
      try manifest { $0.memoryMegabytes = 101 }, try manifest { $0.memoryMegabytes = nil },
      try manifest { $0.processes = 9 }, try manifest { $0.processes = nil },
    ]
    for manifest in wider { #expect(manifest.mayDoMore(than: registered)) }
  }
}
