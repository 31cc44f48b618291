import Linux
import Model
import Synchronization
import TestSupport
import Testing

@testable import PluginHost

/// A home where versions of one component come and go, and what its host found guilty.
struct GuiltRig {
  /// Beyond this a test has failed.
  static let patience: Duration = .seconds(20)

  let rig: HostRig
  let found = Condition<[GuiltFound]>([])
  let changes = SharedList<BreakerChange>()

  init() throws { rig = try HostRig() }

  /// The file that remembers.
  var file: String { rig.folder.path + "/home/state/components.json" }
  /// The folder of copies.
  var copies: String { rig.folder.path + "/home/state/bundles" }

  /// Drops in a version of the analyzer, which dies on some agents; it takes the place of another.
  func drop(
    _ version: String, diesOn agents: [String] = [], _ more: String = ""
  ) throws {
    let name = "fragile_" + version.split(separator: ".").prefix(2).joined(separator: "_")
    try rig.fixture(name, in: "home/plugins/fragile")
    let config = agents.map { "\"\($0)\"" }.joined(separator: ", ")
    try rig.folder.write(
      "home/plugins/fragile/manifest.json",
      manifestText(
        #""id": "fragile", "kind": "analyzer", "version": "\#(version)", "emits": "#
          + #"["error_pattern"], "entry": {"library": "\#(name).so"}, "#
          + #""config": {"dies_on": [\#(config)]}\#(more)"#))
  }

  /// A host that remembers, with the breaker as it is shipped but without its delays.
  func host() throws -> ComponentHost {
    var configuration = try rig.configuration()
    configuration.breaker = Breaker.Rules(delayFirst: .zero, delayMax: .zero)
    configuration.memoryFile = file
    configuration.onGuilt = { [found] guilt in found.update { $0.append(guilt) } }
    configuration.onBreaker = { [changes] in changes.append($0) }
    return try ComponentHost(configuration)
  }

  /// The next thing found guilty.
  func next() throws -> ComponentGuilt {
    let guilt = found.wait(timeout: Self.patience) { found in
      found.isEmpty ? nil : found.removeFirst().guilt
    }
    return try #require(guilt)
  }

  /// The input about an agent; another `generation` makes it another one.
  func input(_ agent: String, generation: Int = 4) throws -> AnalysisInput {
    var input = try rig.analysis(agent: agent)
    input.context.generation = GenerationNumber(generation)
    return input
  }

  /// The title that the component finds for an agent, or the code of its failure.
  func ask(
    _ host: ComponentHost, _ agent: String, generation: Int = 4
  ) throws -> String {
    let (component, input) = (try id("fragile"), try input(agent, generation: generation))
    do throws(KaizenError) {
      return try host.analyze(component, input).opportunities.first?.title ?? "nothing"
    } catch {
      return error.code.rawValue
    }
  }

  /// The error of a call that fails.
  func failure(_ host: ComponentHost, _ agent: String) throws -> KaizenError {
    let (component, input) = (try id("fragile"), try input(agent))
    return try #require(
      #expect(throws: KaizenError.self) { try host.analyze(component, input) })
  }

  /// Asks until the component has died three times on `agent`.
  func kill(_ host: ComponentHost, _ agent: String) throws {
    for _ in 0..<3 { #expect(try ask(host, agent) == "E_PLUGIN_CRASHED") }
  }

  func status(_ host: ComponentHost) throws -> ComponentStatus {
    try #require(host.components().first { $0.name == "fragile" })
  }
}
