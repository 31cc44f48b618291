import Glibc
import Linux
import TestSupport
import Testing

@testable import Sandbox

@Suite("A sandbox's folder in /tmp") struct PrivateDirectoryTests {
  @Test("goes with its owner, and what is in it")
  func removed() throws {
    let path: String
    do {
      let directory = try PrivateDirectory()
      path = directory.path
      try Files.makeDirectories(path + "/one/two")
      symlink("/etc", path + "/one/link")
      #expect(Files.isDirectory(path))
    }
    #expect(!Files.exists(path))
    #expect(Files.exists("/etc"))
  }

  @Test("is swept when its owner was killed, and only then")
  func swept() throws {
    let living = try PrivateDirectory()
    var template = Array("/tmp/kaizen-sandbox.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", "/tmp") }
    let dead = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    PrivateDirectory.sweep()
    #expect(Files.isDirectory(living.path))
    #expect(!Files.exists(dead))
  }

  @Test("one with something in it is left alone, and so is a link of that name")
  func kept() throws {
    let directory = try TemporaryDirectory("kaizen-sandbox", in: "/tmp")
    let link = "\(directory.path)-link"
    symlink("/etc", link)
    defer { unlink(link) }
    try directory.write("file", "")
    PrivateDirectory.sweep()
    #expect(Files.exists(directory.path + "/file"))
    #expect(Files.exists(link))
  }
}
