import Glibc
import Linux
import Model
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import PluginHost

/// A home with plugins, an agent's files, and a host over them.
final class HostRig: Sendable {
  /// Everything lies in here.
  let folder: TemporaryDirectory
  /// The calls that the host's observer was told of.
  let calls = SharedList<ComponentCall>()
  /// Where sandboxes show the agent's files.
  let pathInside = "/srv/agents/probe"

  private static let fixtures = FixtureCache()
  /// One for all tests: it finds out once what this host can do.
  private static let confiner = Result {
    Confiner(program: try BuildProducts.path("kaizen-confine"), swiftRuntime: try swiftRuntime())
  }

  /// The folder that this process has the Swift runtime from.
  private static func swiftRuntime() throws -> String? {
    let maps = String(decoding: try Files.read("/proc/self/maps", limit: 64 << 20), as: UTF8.self)
    let line = maps.split(separator: "\n").first { $0.hasSuffix("/libswiftCore.so") }
    return line?.firstIndex(of: "/").map { Files.parent(of: String(line?[$0...] ?? "")) }
  }

  init() throws {
    folder = try TemporaryDirectory("kaizen-host")
    try Files.makeDirectories(folder.path + "/home/plugins")
    try Files.makeDirectories(folder.path + "/bin")
    try folder.write("agent/a.py", "print('a')\n")
    try folder.write("agent/lib/b.py", "b = 1\n")
  }

  /// The sources of this home.
  var sources: ComponentSources {
    ComponentSources(
      rootManifest: folder.path + "/bin/manifest.json",
      homeManifest: folder.path + "/home/manifest.json",
      bundleDirectory: folder.path + "/home/plugins")
  }

  /// The agent's files, or a clone's.
  var files: AgentFiles {
    AgentFiles(
      root: folder.path + "/agent", pathInside: pathInside, names: ["a.py", "lib/b.py"])
  }

  /// Puts the library `Tests/Fixtures/<name>.c` into a folder of the home.
  func fixture(_ name: String, in place: String) throws {
    let bytes = try Self.fixtures.library(name)
    try Files.makeDirectories("\(folder.path)/\(place)", mode: 0o755)
    try Files.replace("\(folder.path)/\(place)/\(name).so", with: bytes, mode: 0o644)
  }

  /// Drops a bundle with one component of the library fixture `name` into the home.
  func libraryBundle(
    _ name: String, id: String? = nil, kind: String = "analyzer", version: String = "1.0.0",
    topics: String? = nil, _ more: String = ""
  ) throws {
    try fixture(name, in: "home/plugins/\(name)")
    let (key, topic) =
      switch kind {
      case "applier": ("handles", "code_smell")
      case "scorer": ("dimensions", "maintainability")
      default: ("emits", "error_pattern")
      }
    let members =
      #""id": "\#(id ?? name)", "kind": "\#(kind)", "version": "\#(version)", "#
      + #""entry": {"library": "\#(name).so"}, "\#(key)": [\#(topics ?? "\"\(topic)\"")]\#(more)"#
    try folder.write("home/plugins/\(name)/manifest.json", manifestText(members))
  }

  /// Drops a bundle with one command, whose program is the shell script `script`.
  func commandBundle(
    _ id: String, kind: String = "analyzer", script: String, entry: String = "",
    _ more: String = ""
  ) throws {
    let key =
      switch kind {
      case "applier": #""handles": ["code_smell"]"#
      case "scorer": #""dimensions": ["security"]"#
      default: #""emits": ["code_smell"]"#
      }
    let members =
      #""id": "\#(id)", "kind": "\#(kind)", "entry": {"command": ["./run"]\#(entry)}, "#
      + key + more
    try folder.write("home/plugins/\(id)/manifest.json", manifestText(members))
    try folder.write("home/plugins/\(id)/run", "#!/bin/sh\n" + script, mode: 0o755)
  }

  func host(
    grace: Duration = .milliseconds(200), idle: Duration = .seconds(30)
  ) throws -> ComponentHost {
    var configuration = try configuration()
    configuration.grace = grace
    configuration.workerIdle = idle
    return try ComponentHost(configuration)
  }

  /// The host's configuration, with a sandbox of another program where one is named.
  func configuration(confine: String? = nil) throws -> ComponentHostConfiguration {
    var configuration = ComponentHostConfiguration(
      sources: sources, bundleCopies: folder.path + "/home/state/bundles",
      workerProgram: try BuildProducts.path("kaizen-worker"),
      confiner: try confine.map { Confiner(program: $0) } ?? Self.confiner.get()
    ) { [calls] in calls.append($0) }
    // Its tests hurt over and over; those of the breaker set their own rules.
    configuration.breaker = .off
    return configuration
  }

  /// An analysis of this agent, whose id some fixtures take as an order.
  func analysis(
    agent: String = "probe", window: SharedWindow? = nil, hasFiles: Bool = false
  ) throws -> AnalysisInput {
    AnalysisInput(
      context: CallContext(
        agent: try #require(AgentID(agent)), descriptor: ["id": .string(agent)],
        generation: GenerationNumber(4)),
      window: window, files: hasFiles ? files : nil)
  }

  /// A plan item for a code smell, in the agent's files as if they were a clone.
  func application(_ component: ComponentID) throws -> ApplyInput {
    let agent = try #require(AgentID("probe"))
    let opportunity = Opportunity(
      type: .codeSmell, severity: .medium, agent: agent, component: component, title: "smells",
      strength: 1, evidence: ["line": 3])
    return ApplyInput(
      context: CallContext(agent: agent),
      item: Plan.Item(opportunity: opportunity, opportunityID: "o-1", applier: component),
      clone: files, history: [["note": "before", "verdict": "rolled_back"]])
  }

  /// A tree to score.
  func scoring(changed: [String] = []) throws -> ScoreInput {
    ScoreInput(
      context: CallContext(agent: try #require(AgentID("probe"))), files: files, changed: changed)
  }

  /// The text of one of the agent's files.
  func text(_ name: String) throws -> String {
    String(decoding: try Files.read("\(folder.path)/agent/\(name)", limit: 1 << 20), as: UTF8.self)
  }
}

extension ComponentHost {
  /// Why the component is disabled; nil where it is ready or unknown.
  func reason(_ name: String) -> String? {
    guard case .disabled(let reason) = components().first(where: { $0.name == name })?.state
    else { return nil }
    return reason
  }
}

/// The id `text`, which has the form of one.
func id(_ text: String) throws -> ComponentID { try #require(ComponentID(text)) }

/// A list that threads share.
final class SharedList<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  var all: [Element] { elements.withLock { $0 } }
  func append(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// Compiles each fixture once a run.
private final class FixtureCache: Sendable {
  private let libraries = Mutex<[String: [UInt8]]>([:])

  /// The bytes of the library `Tests/Fixtures/<name>.c`.
  func library(_ name: String) throws -> [UInt8] {
    try libraries.withLock { libraries in
      if let library = libraries[name] { return library }
      let folder = try TemporaryDirectory("kaizen-fixture")
      let path = try Compiler.fixture(name, in: folder)
      let library = try Files.read(path, limit: 16 << 20)
      libraries[name] = library
      return library
    }
  }
}
