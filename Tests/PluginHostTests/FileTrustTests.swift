import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("Trusting files of plugins") struct FileTrustTests {
  private let folder: TemporaryDirectory
  private let file: String

  init() throws {
    folder = try TemporaryDirectory()
    file = try folder.write("plugin.so", "x")
  }

  @Test("is for what nobody else can write", arguments: [0o600, 0o644, 0o755, 0o555, 0o444])
  func trusted(mode: Int) {
    chmod(file, mode_t(mode))
    #expect(FileTrust.dropped.problem(file) == nil)
    #expect(FileTrust.ownBuild.problem(file) == nil)
  }

  @Test(
    "ends where others can write it",
    arguments: [
      (0o646, true, true), (0o666, true, true), (0o664, true, false), (0o777, true, true),
    ])
  func writable(mode: Int, isDroppedRefused: Bool, isBuildRefused: Bool) {
    chmod(file, mode_t(mode))
    #expect((FileTrust.dropped.problem(file) != nil) == isDroppedRefused)
    #expect((FileTrust.ownBuild.problem(file) != nil) == isBuildRefused)
  }

  @Test("says the mode it found and the command that mends it")
  func words() throws {
    chmod(file, 0o1666)
    let problem = try #require(FileTrust.dropped.problem(file))
    #expect(problem.file == file)
    #expect(problem.found == "mode 01666")
    #expect(problem.fix == "chmod go-w \(file)")
  }

  @Test("ends at a link, unless it may be followed")
  func link() {
    symlink(file, folder.path + "/link")
    #expect(FileTrust.dropped.problem(folder.path + "/link")?.found == "a symbolic link")
    #expect(FileTrust.dropped.problem(folder.path + "/link", followingLinks: true) == nil)
  }

  @Test("ends at what is not there")
  func missing() {
    let problem = FileTrust.dropped.problem(folder.path + "/gone")
    #expect(problem?.found == "no such file or directory")
  }

  @Test("is not for strangers' files", .enabled(if: geteuid() == 0, "needs root"))
  func stranger() {
    chown(file, 4321, 4321)
    #expect(FileTrust.dropped.problem(file)?.found == "uid 4321")
    #expect(FileTrust.ownBuild.problem(file) == nil)
  }
}
