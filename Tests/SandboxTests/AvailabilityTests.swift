import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("Hosts that give less than a full sandbox") struct AvailabilityTests {
  /// Stands in for a host that refuses: kaizen-confine under a filter that denies clone(2) with
  /// these flags, as a container's seccomp profile does.
  func refusing(
    _ flags: UInt32, in directory: TemporaryDirectory, minimum: SandboxLevel
  ) throws -> Confiner {
    let confine = try BuildProducts.path("kaizen-confine")
    let source = """
      #include <errno.h>
      #include <seccomp.h>
      #include <unistd.h>
      int main(int argc, char **argv) {
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, \(flags)u, \(flags)u));
        seccomp_load(filter);
        execv("\(confine)", argv);
        return 126;
      }
      """
    let file = try directory.write("refusing.c", source)
    let program = directory.path + "/refusing"
    try Compiler.run(["cc", "-o", program, file, "-lseccomp"], in: directory)
    return Confiner(program: program, minimumLevel: minimum)
  }

  @Test("this host gives level A, and says what limits memory", arguments: Daemon.possible)
  func probe(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let report = fixture.confiner.probe()
    #expect(report.level == .full)
    #expect(["cgroup v1", "cgroup v2", "rlimit"].contains(report.limits))
    #expect(report.features.map(\.name) == ["level A", "landlock", "limits"])
    #expect(report.features.first?.state == "ok")
    if report.limits == "rlimit" { #expect(report.features.last?.fix != nil) }
  }

  @Test("without namespaces and below the minimum nothing runs, and the error says why")
  func failsClosed() throws {
    let directory = try TemporaryDirectory()
    let confiner = try refusing(0x0002_0000, in: directory, minimum: .full)  // CLONE_NEWNS
    let error = #expect(throws: KaizenError.self) {
      try confiner.run(["true"], Confinement(), timeout: .seconds(5))
    }
    #expect(error?.code == "E_SANDBOX_UNAVAILABLE")
    #expect(error?.message.contains("need level A, have B: clone(") == true, "\(error as Any)")
    #expect(error?.message.contains("Operation not permitted") == true)
    #expect(error?.hint?.contains("level to B") == true)
    #expect(throws: KaizenError.self) { try confiner.start(["true"], Confinement()) }
  }

  @Test("level B still keeps a command from writing, from the network and from outliving its time")
  func restricted() throws {
    let directory = try TemporaryDirectory()
    let confiner = try refusing(0x0002_0000, in: directory, minimum: .restricted)
    #expect(confiner.probe().level == .restricted)
    let secret = try directory.write("secret", "secret")
    chmod(directory.path, 0o755)
    let script = """
      id -u; echo $HOME; echo x > $TMPDIR/x && cat $TMPDIR/x
      cat \(secret); echo x > \(directory.path)/x; echo x > /tmp/kaizen-should-not-be
      python3 -c 'import socket; socket.socket(socket.AF_INET)' 2>&1 | tail -n 1
      unshare -r true; (setsid sleep 1000 &) ; (setsid sleep 1000 &)
      """
    let outcome = try confiner.run(
      ["/bin/sh", "-c", script], Confinement(), timeout: .seconds(20))
    let lines = outcome.stdout.text.split(separator: "\n").map(String.init)
    #expect(outcome.level == .restricted)
    #expect(lines.count == 4, "\(outcome.stdout.text)")
    #expect(lines.first == (geteuid() == 0 ? "61184" : "\(geteuid())"))
    #expect(lines[1].hasPrefix("/tmp/kaizen-sandbox."))
    #expect(lines[2] == "x")
    #expect(lines[3].contains("Address family not supported"))
    #expect(!Files.exists(lines[1]))
    #expect(!Files.exists("/tmp/kaizen-should-not-be") && !Files.exists(directory.path + "/x"))
    #expect(outcome.duration < .seconds(10))  // the sleepers did not hold it up
  }

  @Test("level B cannot move a tree or throw its changes away, and says so")
  func noMounts() throws {
    let directory = try TemporaryDirectory()
    let confiner = try refusing(0x0002_0000, in: directory, minimum: .restricted)
    for tree in [
      Confinement.Tree(directory.path, at: "/srv/agent", access: .readOnly),
      Confinement.Tree(directory.path, access: .throwaway), .empty(at: "/srv/state"),
    ] {
      let error = #expect(throws: KaizenError.self) {
        try confiner.run(["true"], Confinement(trees: [tree]), timeout: .seconds(5))
      }
      #expect(error?.code == "E_SANDBOX_UNAVAILABLE")
      #expect(error?.message.contains(tree.at) == true)
    }
  }

  @Test("a kaizen-confine that is not there is named")
  func noProgram() throws {
    let confiner = Confiner(program: "/no/such/kaizen-confine")
    let error = #expect(throws: KaizenError.self) {
      try confiner.run(["true"], Confinement(), timeout: .seconds(5))
    }
    #expect(error?.code == "E_SANDBOX_UNAVAILABLE")
    #expect(error?.message.contains("/no/such/kaizen-confine") == true)
  }

  @Test("levels are ordered by strength")
  func order() {
    #expect(SandboxLevel.none < .restricted && .restricted < .full)
  }
}
