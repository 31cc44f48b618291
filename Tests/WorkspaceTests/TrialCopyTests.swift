import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

@Suite("A copy to try something on") struct TrialCopyTests {
  private let folder: TemporaryDirectory
  private let root: String

  init() throws {
    folder = try TemporaryDirectory("kaizen-copy")
    root = folder.path + "/agent"
    try folder.write("agent/a.py", "one\ntwo\nthree\n")
    try folder.write("agent/lib/run", "#!/bin/sh\n", mode: 0o755)
  }

  @Test("holds the same files, and nothing of tools")
  func files() throws {
    try folder.write("agent/.git/HEAD", "ref")
    try folder.write("agent/node_modules/x/y.js", "1")
    try folder.write("agent/lib/__pycache__/a.pyc", "1")
    try folder.write("agent/lib/node_modules/y.js", "1")
    let copy = try TrialCopy(of: root, at: folder.path + "/copy")
    #expect(copy.fileNames == ["a.py", "lib/run"])
    #expect(access(copy.path + "/lib/run", X_OK) == 0)
    #expect(!Files.exists(copy.path + "/.git"))
    #expect(try copy.diff().isEmpty)
  }

  @Test("tells what was changed, added and removed, and leaves the original alone")
  func diff() throws {
    let copy = try TrialCopy(of: root, at: folder.path + "/copy")
    try folder.write("copy/a.py", "one\nTWO\nthree\n")
    try folder.write("copy/new.txt", "new\n")
    unlink(copy.path + "/lib/run")
    let diff = try copy.diff()
    #expect(diff.changes.map(\.path.text).sorted() == ["a.py", "lib/run", "new.txt"])
    #expect(diff.text.contains("-two\n+TWO\n"))
    #expect(diff.text.contains("+++ b/new.txt"))
    let kept = try Files.read(root + "/a.py", limit: 100)
    #expect(String(decoding: kept, as: UTF8.self) == "one\ntwo\nthree\n")
  }

  @Test("is refused where the folder is none")
  func missing() throws {
    #expect(throws: KaizenError.self) {
      _ = try TrialCopy(of: root + "/none", at: folder.path + "/copy")
    }
  }
}
