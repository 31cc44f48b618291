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
}
