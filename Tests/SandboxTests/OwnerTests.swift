import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("Whose files a confined command may use") struct OwnerTests {
  private static let confiner = Result {
    Confiner(program: try BuildProducts.path("kaizen-confine"))
  }
  /// Somebody who owns an agent, and is neither root nor the sandbox's user.
  private static let owner: UInt32 = 4321

  /// A folder with one file, both for their owner alone.
  private func privateFolder(of owner: UInt32) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory("kaizen-owner")
    chown(try directory.write("file", "text\n", mode: 0o600), owner, owner)
    chown(directory.path, owner, owner)
    return directory
  }

  /// What `cat` prints and says of the file at `path`.
  private func read(
    _ path: String, _ trees: [Confinement.Tree]
  ) throws -> (said: String, errors: String) {
    let outcome = try Self.confiner.get().run(
      ["/bin/cat", path], Confinement(trees: trees), timeout: .seconds(20))
    return (outcome.stdout.text, outcome.stderr.text)
  }

  @Test(
    "a private tree, and one of the same owner within it, can be read",
    .enabled(if: geteuid() == 0))
  func sameOwner() throws {
    let agent = try privateFolder(of: Self.owner)
    let shared = try privateFolder(of: Self.owner)
    let trees = [
      Confinement.Tree(agent.path, access: .throwaway),
      Confinement.Tree(shared.path, at: agent.path + "/shared", access: .readOnly),
    ]
    #expect(try read(agent.path + "/file", trees).said == "text\n")
    #expect(try read(agent.path + "/shared/file", trees).said == "text\n")
  }

  @Test(
    "a link in an agent's tree opens what is its owner's, and nothing of somebody else",
    .enabled(if: geteuid() == 0), arguments: [owner, 0])
  func links(linked: UInt32) throws {
    let agent = try privateFolder(of: Self.owner)
    let folder = try privateFolder(of: linked)
    #expect(symlink(folder.path, agent.path + "/shared") == 0)
    let trees = [
      Confinement.Tree(agent.path, access: .readOnly),
      Confinement.Tree(agent.path + "/shared", access: .readOnly),
    ]
    let (said, errors) = try read(agent.path + "/shared/file", trees)
    #expect(said == (linked == Self.owner ? "text\n" : ""))
    #expect(errors.contains("Permission denied") == (linked != Self.owner))
  }

  @Test("a read path is readable as far as its mode says", .enabled(if: geteuid() == 0))
  func readPaths() throws {
    let secret = try privateFolder(of: 0)
    chmod(secret.path, 0o755)
    var confinement = Confinement(readPaths: [secret.path])
    confinement.workingDirectory = secret.path
    let outcome = try Self.confiner.get().run(
      ["/bin/sh", "-c", "ls; cat file"], confinement, timeout: .seconds(20))
    #expect(outcome.stdout.text == "file\n")
    #expect(outcome.stderr.text.contains("Permission denied"))
  }

  @Test("the Swift runtime of this process can be read, as plugins written in Swift need")
  func swiftRuntime() throws {
    let maps = String(decoding: try Files.read("/proc/self/maps", limit: 16 << 20), as: UTF8.self)
    let line = maps.split(separator: "\n").first { $0.hasSuffix("/libswiftCore.so") }
    guard let line, let slash = line.firstIndex(of: "/") else { return }  // linked statically
    let outcome = try Self.confiner.get().run(
      ["/usr/bin/head", "-c", "4", String(line[slash...])], Confinement(), timeout: .seconds(20))
    #expect(outcome.stdout.text == "\u{7f}ELF")
  }

  @Test("a limit of zero is refused: it would be none")
  func zeroLimit() throws {
    for field in [\Confinement.Limits.memoryBytes, \.processes, \.fileBytes, \.scratchBytes] {
      var confinement = Confinement()
      confinement.limits[keyPath: field] = 0
      let error = #expect(throws: KaizenError.self) {
        try Self.confiner.get().run(["/bin/true"], confinement, timeout: .seconds(20))
      }
      #expect(error?.code == "E_SANDBOX_REQUEST")
    }
  }
}
