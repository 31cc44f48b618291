import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("What a component can reach") struct ReachTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  /// Runs a script as an applier and returns its notes.
  @discardableResult
  private func apply(_ script: String, _ more: String = "") throws -> [String] {
    try rig.commandBundle("probe", kind: "applier", script: script, more)
    return try rig.host().apply(try id("probe"), try rig.application(try id("x"))).remarks.notes
  }

  /// A shell function that notes whether a command succeeds.
  private let tryIt = """
    t() { name=$1; shift; if "$@" >/dev/null 2>&1; then r=yes; else r=no; fi
      echo '{"note": "'$name' '$r'"}'; }

    """

  @Test("an applier writes to the clone at the agent's own path, and nowhere else")
  func applier() throws {
    let notes = try apply(
      tryIt + """
        t here sh -c 'echo x > new.txt'
        t beside sh -c 'echo x > ../other.txt'
        t bundle sh -c 'echo x > "$KAIZEN_BUNDLE/run"'
        t etc sh -c 'echo x > /etc/kaizen-probe'
        t disk test -e \(rig.folder.path)/agent/a.py
        t home test -e \(rig.folder.path)/home/plugins
        t state test -e \(rig.folder.path)/home/state/bundles/*/manifest.json
        t inside test "$PWD" = \(rig.pathInside)
        """)
    #expect(
      notes == [
        "here yes", "beside no", "bundle no", "etc no", "disk no", "home no", "state yes",
        "inside yes",
      ])
    #expect(try rig.text("new.txt") == "x\n")
    #expect(!Files.exists(rig.folder.path + "/other.txt"))
  }

  @Test("what an applier writes belongs to the owner of the agent's files")
  func owner() throws {
    chown(rig.folder.path + "/agent", 1234, 1234)
    chown(rig.folder.path + "/agent/a.py", 1234, 1234)
    try apply("sed -i s/a/b/ a.py; echo x > new.txt")
    for name in ["a.py", "new.txt"] where geteuid() == 0 {
      var status = stat()
      stat("\(rig.folder.path)/agent/\(name)", &status)
      #expect(status.st_uid == 1234, "\(name)")
    }
    #expect(try rig.text("a.py") == "print('b')\n")
  }

  @Test("analyzers and scorers read the files and cannot write them")
  func readOnly() throws {
    try rig.commandBundle(
      "reader",
      script: tryIt + "t read cat a.py\nt write sh -c 'echo x >> a.py'\nt id test $(id -u) != 0")
    let host = try rig.host()
    let output = try host.analyze(try id("reader"), try rig.analysis(hasFiles: true))
    #expect(output.remarks.notes == ["read yes", "write no", "id yes"])
    #expect(try rig.text("a.py") == "print('a')\n")
  }

  @Test("a call without files sees none")
  func observed() throws {
    try rig.commandBundle("reader", script: tryIt + "t files ls \(rig.pathInside)")
    let output = try rig.host().analyze(try id("reader"), try rig.analysis())
    #expect(output.remarks.notes == ["files no"])
  }

  @Test("the environment is what the manifest names, and nothing of the daemon's")
  func environment() throws {
    setenv("KAIZEN_PROBE_A", "seen", 1)
    setenv("KAIZEN_PROBE_B", "hidden", 1)
    let notes = try apply(
      #"echo '{"note": "'"a=$KAIZEN_PROBE_A b=$KAIZEN_PROBE_B"'"}'"#,
      #", "needs": {"env": ["KAIZEN_PROBE_A", "KAIZEN_PROBE_NONE"]}"#)
    #expect(notes == ["a=seen b="])
  }

  @Test("further paths are readable where the manifest asks for them")
  func needs() throws {
    try rig.folder.write("extra/words", "w")
    try rig.folder.write("tools/hello", "#!/bin/sh\necho '{\"note\": \"hello\"}'\n", mode: 0o755)
    chmod(rig.folder.path, 0o755)
    let notes = try apply(
      tryIt + "t words cat \(rig.folder.path)/extra/words\nhello",
      #", "needs": {"read": ["\#(rig.folder.path)/extra"], "path": ["\#(rig.folder.path)/tools"]}"#)
    #expect(notes == ["words yes", "hello"])
  }

  @Test("standard error can be opened by name")
  func standardError() throws {
    let error = #expect(throws: KaizenError.self) { try apply("echo no > /dev/stderr; exit 1") }
    #expect(error?.message.hasSuffix("ended with status 1: no") == true)
  }

  @Test("nothing that was started goes on after the call")
  func daemons() throws {
    let mark = "\(getpid())7654"
    try apply("setsid sleep \(mark) >/dev/null 2>&1 & sleep 0; exit 0", #", "deadline_ms": 9000"#)
    #expect(try processes(with: mark) == [])
    _ = #expect(throws: KaizenError.self) {
      try apply("setsid sleep \(mark) & sleep \(mark)", #", "deadline_ms": 100"#)
    }
    #expect(try processes(with: mark) == [])
  }

  @Test("an applier in a worker has ended when its call has")
  func worker() throws {
    try rig.libraryBundle("good_applier", id: "good-applier", kind: "applier")
    let host = try rig.host()
    for _ in 0..<3 {
      _ = try host.apply(try id("good-applier"), try rig.application(try id("finder")))
    }
    let lines = try rig.text("a.py").split(separator: "\n")
    #expect(lines.count == 4)
    #expect(host.components().first?.statistics.failureCount == 0)
  }

  /// The processes whose command line has `mark` in it.
  private func processes(with mark: String) throws -> [String] {
    try Files.names(in: "/proc").filter { name in
      guard name.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
      // A process that has just ended has no command line any more.
      let line = (try? Files.read("/proc/\(name)/cmdline", limit: 1 << 20)) ?? []
      return String(decoding: line, as: UTF8.self).contains("sleep\0\(mark)")
    }
  }
}
