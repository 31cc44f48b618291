import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("Trees in a sandbox") struct TreeTests {
  @Test(
    "a tree is read at the agent's own path, private files included", arguments: Daemon.possible)
  func ownPath(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let tree = Confinement.Tree(try fixture.tree(), at: "/srv/agents/one", access: .readOnly)
    let confinement = Confinement(trees: [tree], workingDirectory: "/srv/agents/one")
    #expect(
      try fixture.text("pwd; cat main.txt secret.txt link", confinement)
        == "/srv/agents/one\nmain\nsecret\nmain")
    #expect(try !fixture.shell("echo x > main.txt", confinement).succeeded)
    #expect(try !fixture.shell("rm main.txt", confinement).succeeded)
    #expect(try fixture.text("stat -c %U:%a .", confinement).hasSuffix(":750"))
  }

  @Test(
    "a throw-away tree takes every change, and is byte-identical after", arguments: Daemon.possible)
  func throwaway(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let root = try fixture.tree()
    let before = try SandboxFixture.picture(of: root)
    let live = fixture.directory.path + "/live"
    let confinement = Confinement(
      trees: [.init(root, at: live, access: .throwaway)], workingDirectory: live)
    let script = """
      set -e
      test $(stat -c %a .) = 750; test -O .; test -O main.txt
      echo more >> main.txt; rm secret.txt; mkdir cache; echo new > cache/new; chmod 777 folder
      mv folder/inner.txt moved; ln -sf elsewhere link; touch -d @1 moved; rmdir folder; mkdir folder
      cat main.txt cache/new moved; ls
      """
    #expect(
      try fixture.text(script, confinement) == """
        main
        more
        new
        inner
        cache
        folder
        link
        main.txt
        moved
        """)
    #expect(try SandboxFixture.picture(of: root) == before)
    #expect(!Files.exists(live))
  }

  @Test("a writable tree keeps what was written, as its owner's", arguments: Daemon.possible)
  func writable(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let root = try fixture.tree()
    let confinement = Confinement(
      trees: [.init(root, access: .writable)], workingDirectory: root)
    #expect(try fixture.text("echo x > new; mkdir d; echo y >> secret.txt", confinement) == "")
    #expect(try Files.read(root + "/new", limit: 10) == Array("x\n".utf8))
    #expect(try Files.read(root + "/secret.txt", limit: 20) == Array("secret\ny\n".utf8))
    for name in ["new", "d", "secret.txt"] {
      var status = stat()
      #expect(lstat(root + "/" + name, &status) == 0)
      #expect(status.st_uid == fixture.owner && status.st_gid == fixture.owner, "\(name)")
    }
  }

  @Test(
    "under a root daemon files of any owner are the command's, and stay the owner's on disk",
    .enabled(if: geteuid() == 0, "only root can give files away"),
    arguments: [0, 1234, 61_184, 70_000] as [UInt32])
  func owners(owner: UInt32) throws {
    let fixture = try SandboxFixture(.root)
    let root = try fixture.tree()
    for path in ["", "/main.txt", "/secret.txt", "/folder"] { chown(root + path, owner, owner) }
    let confinement = Confinement(
      trees: [.init(root, access: .writable)], workingDirectory: root)
    #expect(try fixture.text("cat secret.txt; echo x > new; id -u", confinement) == "secret\n61184")
    var status = stat()
    #expect(lstat(root + "/new", &status) == 0)
    #expect(status.st_uid == owner && status.st_gid == owner)
  }

  @Test(
    "state is an empty place of its own, shared files are read-only", arguments: Daemon.possible)
  func stateAndShared(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let root = try fixture.tree()
    let shared = try fixture.tree("shared")
    let before = try SandboxFixture.picture(of: root)
    let confinement = Confinement(
      trees: [
        .empty(at: root + "/folder"), .init(shared, at: root + "/lib/shared", access: .readOnly),
        .empty(at: root + "/logs"), .init(root, access: .throwaway),
      ], workingDirectory: root)
    let script = """
      ls -A folder logs; echo x > folder/x && echo x > logs/x && echo written
      cat lib/shared/main.txt; echo x > lib/shared/main.txt
      """
    let text = try fixture.text(script, confinement)
    #expect(text.hasPrefix("folder:\n\nlogs:\nwritten\nmain\n"), "\(text)")
    #expect(text.contains("Read-only file system"))
    #expect(try SandboxFixture.picture(of: root) == before)
    #expect(try SandboxFixture.picture(of: shared).count == 5)
  }

  @Test(
    "what lies under a folder only root may enter is shown with fresh folders around it",
    .enabled(if: geteuid() == 0, "an ordinary user can only show what it can reach"))
  func unreadableParents() throws {
    let fixture = try SandboxFixture(.root)
    let tree = try fixture.tree("closed/inside")
    chmod(fixture.directory.path + "/closed", 0o700)
    chmod(tree, 0o755)
    try fixture.directory.write("closed/beside", "secret")
    let confinement = Confinement(readPaths: [tree])
    #expect(try fixture.text("cat \(tree)/main.txt", confinement) == "main")
    #expect(try fixture.text("ls \(fixture.directory.path)/closed", confinement) == "inside")
    // A read path is not a tree: modes hold as they are for anybody.
    #expect(try !fixture.shell("cat \(tree)/secret.txt", confinement).succeeded)
  }

  @Test("a single file can be shown", arguments: Daemon.possible)
  func singleFile(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let file = try fixture.tree() + "/main.txt"
    let confinement = Confinement(trees: [.init(file, at: "/srv/a/b.txt", access: .readOnly)])
    #expect(try fixture.text("cat /srv/a/b.txt; ls /srv/a", confinement) == "main\nb.txt")
  }

  @Test("a link in the tree leads no mount out of the sandbox", arguments: Daemon.possible)
  func links(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let root = try fixture.tree()
    symlink("/etc", root + "/state")
    let confinement = Confinement(trees: [
      .init(root, access: .throwaway), .empty(at: root + "/state"),
    ])
    // The link is followed in the sandbox, where its /etc comes to be hidden; the host's is not.
    #expect(try fixture.text("ls -A /etc; echo x > /etc/x", confinement) == "")
    #expect(!Files.exists("/etc/x"))
  }

  @Test("what throw-away trees and /tmp take together is limited", arguments: Daemon.possible)
  func scratchLimit(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let root = try fixture.tree()
    let confinement = Confinement(
      trees: [.init(root, access: .throwaway)], workingDirectory: root,
      limits: .init(scratchBytes: 1 << 20))
    let outcome = try fixture.shell("head -c 3000000 /dev/zero > big", confinement)
    #expect(!outcome.succeeded)
    #expect(outcome.stderr.text.contains("No space left"))
  }

  @Test("a tree that is not there is an error that names it", arguments: Daemon.possible)
  func missing(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let error = #expect(throws: KaizenError.self) {
      try fixture.shell("true", Confinement(trees: [.init("/no/such/tree", access: .readOnly)]))
    }
    #expect(error?.code == "E_SANDBOX_SETUP")
    #expect(error?.message.contains("/no/such/tree") == true)
    #expect(error?.message.contains("No such file or directory") == true)
    #expect(error?.hint != nil)
  }

  @Test(
    "a working directory that is not there is an error that names it", arguments: Daemon.possible)
  func missingDirectory(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let error = #expect(throws: KaizenError.self) {
      try fixture.shell("true", Confinement(workingDirectory: "/nowhere"))
    }
    #expect(error?.code == "E_SANDBOX_SETUP")
    #expect(error?.message.contains("chdir(/nowhere)") == true)
  }
}
