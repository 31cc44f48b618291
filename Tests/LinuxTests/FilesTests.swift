import Glibc
import Linux
import TestSupport
import Testing

@Suite("Whole files") struct FilesTests {
  @Test("what was put in place of a file is read back")
  func replace() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a/b.txt", "old")
    try Files.replace(path, with: "new".utf8)
    #expect(try Files.read(path, limit: 10) == Array("new".utf8))
    #expect(try Files.names(in: directory.path + "/a") == ["b.txt"])
  }

  @Test("a file over the limit is refused, not cut")
  func limit() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("big", String(repeating: "x", count: 11))
    #expect(throws: SystemError.self) { try Files.read(path, limit: 10) }
  }

  @Test(
    "a group passes through a folder, lists it where it could, and never writes it",
    arguments: [(0o700, 0o710), (0o770, 0o750), (0o730, 0o710), (0o775, 0o755), (0o711, 0o711)])
  func pass(before: Int, after: Int) throws {
    let directory = try TemporaryDirectory()
    #expect(chmod(directory.path, mode_t(before)) == 0)
    let group = try #require(Files.rights(of: directory.path)).group
    try Files.letPass(group, through: directory.path)
    let mode = try #require(Files.rights(of: directory.path)).mode
    #expect(mode & 0o777 == UInt32(after))
  }
}
