import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Optimization

@Suite("Running an agent's reload command") struct ReloadCommandTests {
  /// Neither root nor anybody with files here.
  private static let otherUser: uid_t = 1234
  private static let otherGroup: gid_t = 1235

  private func problem(
    _ words: String..., in directory: TemporaryDirectory, timeout: Duration = .seconds(20)
  ) -> String? {
    ReloadCommand(
      command: AgentDescriptor.Command(words: words, timeout: timeout), root: directory.path,
      tree: directory.path
    ).problem()
  }

  private func text(_ name: String, in directory: TemporaryDirectory) throws -> String {
    String(decoding: try Files.read(directory.path + "/" + name, limit: 1 << 16), as: UTF8.self)
  }

  @Test("it gets a path, a home and a language, and nothing of the daemon's environment")
  func environment() throws {
    setenv("KAIZEN_TEST_SECRET", "token", 1)
    let directory = try TemporaryDirectory("reload")
    #expect(problem("cp", "/proc/self/environ", "seen", in: directory) == nil)
    let names = try text("seen", in: directory).split(separator: "\0").map {
      String($0.prefix { $0 != "=" })
    }
    #expect(names.sorted() == ["HOME", "LANG", "PATH"])
  }

  @Test("a root daemon runs it as the owner of the agent's folder, without other groups")
  func owner() throws {
    if geteuid() != 0 { return }
    let directory = try TemporaryDirectory("reload")
    let script = "echo $(id -u) $(id -g) $(id -G) > seen"
    #expect(problem("sh", "-c", script, in: directory) == nil)
    #expect(try text("seen", in: directory).hasPrefix("0 0 0"))
    unlink(directory.path + "/seen")
    chown(directory.path, Self.otherUser, Self.otherGroup)
    #expect(problem("sh", "-c", script, in: directory) == nil)
    #expect(try text("seen", in: directory) == "1234 1235 1235\n")
  }

  @Test("how it failed is said")
  func failures() throws {
    let directory = try TemporaryDirectory("reload")
    #expect(problem("sh", "-c", "exit 3", in: directory)?.contains("exited(3)") == true)
    let slow = problem("sleep", "1000", in: directory, timeout: .milliseconds(20))
    #expect(slow?.contains("was ended after 20") == true)
    let gone = ReloadCommand(
      command: AgentDescriptor.Command(words: ["true"], timeout: .seconds(1)),
      root: directory.path + "/gone", tree: directory.path + "/gone")
    #expect(gone.problem()?.contains("could not be run") == true)
  }
}
