import Glibc
import Linux
import Model
import NoopRig
import PluginHost
import Sandbox
import TestSupport

/// A component host with a function that scores every file of an agent.
struct FunctionHost {
  private let host: ComponentHost
  private let component: ComponentID
  private let input: ScoreInput
  private let paths: [String]
  private let folder: TemporaryDirectory

  init(fileCount: Int, byteCount: Int) throws {
    folder = try TemporaryDirectory("kaizen-bench")
    guard let component = ComponentID("length"), let agent = AgentID("probe") else {
      throw BenchmarkFailure("an id of this benchmark is not valid")
    }
    self.component = component
    try folder.write(
      "bin/manifest.json",
      #"{"manifest": 1, "name": "bench", "version": "1.0.0", "components": [{"id": "length", "#
        + #""kind": "scorer", "entry": {"function": {"library": "libc.so.6", "symbol": "strnlen", "#
        + #""signature": "u64(bytes)"}}, "input": "files", "output": {"dimension": "length", "#
        + #""best": \#(byteCount)}}]}"#)
    let text = String(repeating: "x", count: byteCount)
    let names = (0..<fileCount).map { "f\($0).txt" }
    paths = try names.map { [folder] in try folder.write("agent/\($0)", text) }
    host = try ComponentHost(
      ComponentHostConfiguration(
        sources: ComponentSources(
          rootManifest: folder.path + "/bin/manifest.json", homeManifest: nil,
          bundleDirectory: nil),
        bundleCopies: folder.path + "/bundles",
        workerProgram: try BuildProducts.path("kaizen-worker"),
        confiner: Confiner(program: try BuildProducts.path("kaizen-confine"))))
    input = ScoreInput(
      context: CallContext(agent: agent),
      files: AgentFiles(
        root: folder.path + "/agent", pathInside: "/srv/agents/probe", names: names))
  }

  /// One score of all files, by a sandbox and worker of its own.
  func score() throws {
    let output = try host.score(component, input)
    if output.dimensions.first?.value != 1 {
      throw BenchmarkFailure("the score was \(output.dimensions), expected 1")
    }
  }

  /// What no scorer can do without.
  func readAll() throws {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    for path in paths {
      let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      var status = stat()
      let count = bytes.count
      if fstat(file, &status) != 0 || read(file, &bytes, count) != Int(status.st_size) {
        throw SystemError("read", path)
      }
      close(file)
    }
  }
}
