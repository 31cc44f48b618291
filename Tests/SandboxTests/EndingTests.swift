import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("The end of a confined command") struct EndingTests {
  /// A word nobody else's command line has.
  func marker(_ name: String) -> String { "\(name)-\(getpid())-\(UInt32.random(in: 0 ... .max))" }

  @Test("one that hangs, whatever it ignores, ends when its time is up", arguments: Daemon.possible)
  func hang(daemon: Daemon) throws {
    let name = marker("hang")
    let outcome = try SandboxFixture(daemon).shell(
      "trap '' TERM INT HUP; echo started; while :; do tail -f /dev/null --pid=\(name) \(name); "
        + "sleep 1000; done", timeout: .milliseconds(300))
    #expect(outcome.timedOut)
    #expect(outcome.stdout.text == "started\n")
    #expect(outcome.duration < .seconds(5))
    #expect(try SandboxFixture.running(name) == 0)
  }

  @Test("what it put in the background ends with it", arguments: Daemon.possible)
  func daemonized(daemon: Daemon) throws {
    let name = marker("daemonized")
    // Two forks and a session of its own, output closed: nothing that a process group would hold.
    let script = """
      (setsid sh -c 'trap "" HUP TERM; (exec sh -c "sleep 1000; :" \(name)) &' \
        < /dev/null > /dev/null 2>&1 &)
      until grep -q \(name) /proc/[0-9]*/cmdline; do :; done; echo seen
      """
    let outcome = try SandboxFixture(daemon).shell(script)
    #expect(outcome.status == .exited(0))
    #expect(outcome.stdout.text == "seen\n")
    #expect(try SandboxFixture.running(name) == 0)
  }

  @Test("a fork bomb is bounded and ended", arguments: Daemon.possible)
  func forkBomb(daemon: Daemon) throws {
    let name = marker("bomb")
    let fixture = try SandboxFixture(daemon)
    let bomb = """
      import os, sys, time
      started = 0
      while True:
          try:
              if os.fork() == 0: time.sleep(1000)
              started += 1
          except OSError as error:
              print(started, error.strerror, flush=True)
              time.sleep(1000)
      """
    let outcome = try fixture.confiner.run(
      ["python3", "-c", bomb, name], Confinement(limits: .init(processes: 20)),
      timeout: .milliseconds(700))
    #expect(outcome.timedOut)
    #expect(outcome.stdout.text == "19 Resource temporarily unavailable\n")
    #expect(try SandboxFixture.running(name) == 0)
  }

  @Test("one that floods its output ends when its time is up", arguments: Daemon.possible)
  func flood(daemon: Daemon) throws {
    let outcome = try SandboxFixture(daemon).shell("yes", timeout: .milliseconds(200))
    #expect(outcome.timedOut)
    #expect(outcome.stdout.bytes.count == 1 << 20)
    #expect(outcome.stdout.isCut)
  }

  @Test("one that takes more memory than it may is ended or refused", arguments: Daemon.possible)
  func memory(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let outcome = try fixture.confiner.run(
      ["python3", "-c", "x = b'x' * (400 << 20); print(len(x))"],
      Confinement(limits: .init(memoryBytes: 64 << 20)), timeout: .seconds(20))
    #expect(!outcome.succeeded)
    #expect(outcome.stdout.text == "")
    if fixture.confiner.probe().limits != "rlimit" && daemon == .root {
      #expect(outcome.end.outOfMemory)
      #expect(outcome.end.peakMemoryBytes > 32 << 20)
    }
  }

  @Test("limits of files, open files and processor time hold", arguments: Daemon.possible)
  func otherLimits(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let limits = Confinement.Limits(
      fileBytes: 1 << 20, openFiles: 32, processorTime: .seconds(7), scratchBytes: 4 << 20)
    let confinement = Confinement(limits: limits)
    #expect(try fixture.text("ulimit -n; ulimit -t; ulimit -c", confinement) == "32\n7\n0")
    let large = try fixture.shell("head -c 2000000 /dev/zero > /tmp/x", confinement)
    #expect(!large.succeeded)
    let many = "for i in 1 2 3 4 5 6; do head -c 1000000 /dev/zero > $HOME/$i || exit 9; done"
    #expect(try fixture.shell(many, confinement).status == .exited(9))
  }

  @Test("stopping a lasting process leaves no process and no cgroup", arguments: Daemon.possible)
  func stopped(daemon: Daemon) throws {
    let name = marker("stopped")
    let fixture = try SandboxFixture(daemon)
    let process = try fixture.confiner.start(
      ["/bin/sh", "-c", "trap '' TERM; sleep 1000 & wait; :", name], Confinement())
    let group = "kaizen-\(getpid())-\(process.pid)"
    #expect(try SandboxFixture.running(name) >= 1)
    if daemon == .root && fixture.confiner.probe().limits != "rlimit" {
      #expect(try !SandboxFixture.cgroups(named: group).isEmpty)
    }
    #expect(try process.stop()?.status == .stopped)
    #expect(try SandboxFixture.running(name) == 0)
    #expect(try SandboxFixture.cgroups(named: group) == [])
    #expect(try process.stop()?.status == .stopped)  // asking twice changes nothing
  }

  @Test(
    "a set-up that fails leaves no cgroup", .enabled(if: geteuid() == 0, "only root makes them"))
  func failedSetUp() throws {
    let fixture = try SandboxFixture(.root)
    let before = try SandboxFixture.groupsOfThisProcess()
    let missing = Confinement(trees: [.init("/no/such/tree", access: .readOnly)])
    #expect(throws: KaizenError.self) { try fixture.shell("true", missing) }
    // Other tests have sandboxes too, whose supervisors live, or have just died and are tidied up.
    let deadline = Clock.monotonic() + .seconds(5)
    var left: Set<Int32>
    repeat {
      left = try SandboxFixture.groupsOfThisProcess().subtracting(before).filter {
        kill($0, 0) != 0
      }
      sched_yield()
    } while !left.isEmpty && Clock.monotonic() < deadline
    #expect(left == [])
  }

  @Test("a process whose owner forgets it ends", arguments: Daemon.possible)
  func forgotten(daemon: Daemon) throws {
    let name = marker("forgotten")
    let fixture = try SandboxFixture(daemon)
    var process: ConfinedProcess? = try fixture.confiner.start(
      ["/bin/sh", "-c", "sleep 1000; :", name], Confinement())
    #expect(process != nil)
    #expect(try SandboxFixture.running(name) >= 1)
    process = nil
    #expect(try SandboxFixture.running(name) == 0)
  }

  @Test("when its supervisor is killed, the sandbox goes with it", arguments: Daemon.possible)
  func supervisorKilled(daemon: Daemon) throws {
    let name = marker("orphan")
    let fixture = try SandboxFixture(daemon)
    let process = try fixture.confiner.start(
      ["/bin/sh", "-c", "echo; sleep 1000; :", name], Confinement())
    kill(process.pid, SIGKILL)
    #expect(try process.wait(timeout: .seconds(5))?.status == .signaled(SIGKILL))
    #expect(try SandboxFixture.cgroups(named: "kaizen-\(getpid())-\(process.pid)") == [])
    // The kernel ends the sandbox's init a moment later than its parent.
    let deadline = Clock.monotonic() + .seconds(5)
    while try SandboxFixture.running(name) > 0, Clock.monotonic() < deadline { sched_yield() }
    #expect(try SandboxFixture.running(name) == 0)
  }

  @Test("a lasting process may have a time limit too", arguments: Daemon.possible)
  func timeLimit(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let process = try fixture.confiner.start(
      ["sleep", "1000"], Confinement(), timeout: .milliseconds(50))
    #expect(try process.wait(timeout: .seconds(10))?.status == .timedOut)
    // So short that the set-up itself takes longer.
    #expect(try fixture.shell("sleep 1000", timeout: .milliseconds(1)).timedOut)
  }
}
