import Glibc
import Linux
import TestSupport
import Testing

@Suite("A running daemon") struct SchemathesisTests {
  /// The status of `check.py` where its tools cannot be had.
  private static let skipped: Int32 = 77

  @Test("does what its own description says, to a thousand made-up requests")
  func conforms() throws {
    let root = Compiler.packageRoot
    let daemon = try DaemonUnderTest()  // puts the root manifest beside kaizend
    let products = Files.parent(of: try BuildProducts.path("kaizend"))
    let program = try StartedProgram(
      [
        "/usr/bin/env", "python3", root + "/Tests/CheckAPI/check.py", products,
        root + "/.build/check-api", "--quick",
      ],
      environment: OwnEnvironment.values, in: daemon.directory)
    let done = try #require(try program.finish(timeout: .seconds(240)))
    if done.status == Self.skipped { try Test.cancel("\(done.stdout)") }
    #expect(done.status == 0, "\(done)")
  }
}

/// The environment of the tests: python3 is found by it.
private enum OwnEnvironment {
  static var values: [String: String] {
    var values: [String: String] = [:]
    for name in ["PATH", "HOME", "LANG"] {
      if let value = getenv(name) { values[name] = String(cString: value) }
    }
    return values
  }
}
