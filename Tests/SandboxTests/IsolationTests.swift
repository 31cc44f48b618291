import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("What a confined command cannot do") struct IsolationTests {
  @Test("it is never root, and has no capability to become so", arguments: Daemon.possible)
  func identity(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let expected = daemon == .root ? 61_184 : fixture.owner
    #expect(try fixture.text("id -u; id -g") == "\(expected)\n\(expected)")
    let status = try fixture.text(
      "awk '/^(Cap|NoNewPrivs|Seccomp:)/ { print $1 $2 }' /proc/self/status")
    let none = "0000000000000000"
    #expect(
      status == """
        CapInh:\(none)
        CapPrm:\(none)
        CapEff:\(none)
        CapBnd:\(none)
        CapAmb:\(none)
        NoNewPrivs:1
        Seccomp:2
        """)
  }

  @Test("the kernel knows it as somebody else than root, from outside", arguments: Daemon.possible)
  func kernelUser(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let name = "user-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let process = try fixture.confiner.start(
      ["/bin/sh", "-c", "sleep 1000; :", name], Confinement())
    defer { process.kill() }
    for pid in try Files.names(in: "/proc") where Int32(pid) != nil {
      guard let bytes = try? Files.read("/proc/\(pid)/cmdline", limit: 1 << 20),  // gone meanwhile
        String(decoding: bytes, as: UTF8.self).contains(name)
      else { continue }
      let status = String(
        decoding: try Files.read("/proc/\(pid)/status", limit: 1 << 16), as: UTF8.self)
      let uids = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }
      #expect(uids?.contains("\t0") == false)
    }
  }

  @Test("it writes nowhere but in its own fresh places", arguments: Daemon.possible)
  func writing(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    for path in ["/x", "/usr/x", "/etc/x", "/dev/x", "/run/x", "/var/x", "/bin/x", "/proc/x"] {
      #expect(try !fixture.shell("echo x > \(path)").succeeded, "\(path)")
    }
    for path in ["/tmp/x", "$HOME/x", "/dev/shm/x", "/var/tmp/x", "$TMPDIR/x"] {
      #expect(try fixture.shell("echo x > \(path)").succeeded, "\(path)")
    }
  }

  @Test("settings of the kernel are read-only", arguments: Daemon.possible)
  func kernelSettings(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    for path in [
      "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
      "/proc/sys/vm/drop_caches", "/proc/self/oom_score_adj",
    ] {
      let outcome = try fixture.shell("test -e \(path) && : >> \(path)")
      #expect(!outcome.succeeded, "\(path)")
    }
  }

  @Test("files of the host that were not given are not there", arguments: Daemon.possible)
  func hostFiles(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    try fixture.directory.write("private", "secret")
    #expect(try fixture.text("ls -A /tmp; ls -A $HOME; ls -A /dev/shm") == "")
    #expect(try fixture.text("ls -d /root /home /srv /sys /boot 2>/dev/null; true") == "")
    #expect(try !fixture.shell("cat \(fixture.directory.path)/private").succeeded)
    #expect(try !fixture.shell("cat /etc/shadow").succeeded)
  }

  @Test("processes of the host are not there", arguments: Daemon.possible)
  func processes(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    #expect(try fixture.text("ls /proc | grep -c '^[0-9]'").count == 1)
    #expect(try !fixture.shell("kill -0 \(getpid())").succeeded)
    // Init of the sandbox can be neither killed nor looked into.
    #expect(try fixture.text("kill -9 1; echo alive").hasSuffix("alive"))
    #expect(try !fixture.shell("ls /proc/1/fd/ | grep .").succeeded)
    #expect(try !fixture.shell("head -c 1 /proc/1/environ").succeeded)
  }

  @Test("it has a loopback device of its own, and no other network", arguments: Daemon.possible)
  func network(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let devices = try fixture.text("tail -n +3 /proc/net/dev | cut -d: -f1")
    #expect(devices.split(separator: "\n").map { $0.filter { $0 != " " } } == ["lo"])
    let connecting = """
      import socket
      try: socket.create_connection(("192.0.2.1", 80), timeout=5)
      except OSError as error: print(error.strerror)
      server = socket.create_server(("127.0.0.1", 0))
      socket.create_connection(server.getsockname(), timeout=5); print("loopback")
      for family in (socket.AF_PACKET, 40, socket.AF_ALG):
          try: socket.socket(family, socket.SOCK_STREAM)
          except OSError as error: print(error.strerror)
      """
    let outcome = try fixture.confiner.run(
      ["python3", "-c", connecting], Confinement(), timeout: .seconds(20))
    #expect(
      outcome.stdout.text == """
        Network is unreachable
        loopback
        Address family not supported by protocol
        Address family not supported by protocol
        Address family not supported by protocol

        """, "\(outcome.stderr.text)")
  }

  @Test(
    "the environment is what was given and a few of the sandbox's own", arguments: Daemon.possible)
  func environment(daemon: Daemon) throws {
    setenv("KAIZEN_TEST_SECRET", "secret", 1)
    let fixture = try SandboxFixture(daemon)
    let outcome = try fixture.confiner.run(
      ["env"],
      Confinement(pathDirectories: ["/usr/games"], environment: ["GIVEN": "1", "LANG": "C"]),
      timeout: .seconds(20))
    #expect(
      outcome.stdout.text == """
        GIVEN=1
        HOME=/run/home
        LANG=C
        LOGNAME=kaizen
        PATH=/usr/games:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        TMPDIR=/tmp
        USER=kaizen

        """)
  }

  @Test("calls it has no business with are denied", arguments: Daemon.possible)
  func calls(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    // Numbers of x86-64 and, but for the older ones, of every architecture.
    let script = """
      import ctypes, os
      libc = ctypes.CDLL(None, use_errno=True)
      def call(name, number, *args):
          ctypes.set_errno(0)
          result = libc.syscall(number, *args)
          print(name, result, os.strerror(ctypes.get_errno()))
      call("io_uring_setup", 425, 1, None)
      call("clone3", 435, None, 0)
      call("open_tree", 428, -100, b"/", 1)
      call("fsopen", 430, b"tmpfs", 0)
      call("mount_setattr", 442, -1, b"", 0, None, 0)
      print("unshare", libc.unshare(0x10000000), os.strerror(ctypes.get_errno()))
      print("ptrace", libc.ptrace(0, 0, 0, 0), os.strerror(ctypes.get_errno()))
      print("ioctl", libc.ioctl(0, 0x5412, b"x"), os.strerror(ctypes.get_errno()))
      open("/tmp/x", "w").close()
      print("chmod", libc.chmod(b"/tmp/x", 0o4755), os.strerror(ctypes.get_errno()))
      """
    let outcome = try fixture.confiner.run(
      ["python3", "-c", script], Confinement(), timeout: .seconds(20))
    #expect(
      outcome.stdout.text == """
        io_uring_setup -1 Operation not permitted
        clone3 -1 Function not implemented
        open_tree -1 Operation not permitted
        fsopen -1 Operation not permitted
        mount_setattr -1 Operation not permitted
        unshare -1 Operation not permitted
        ptrace -1 Operation not permitted
        ioctl -1 Operation not permitted
        chmod -1 Operation not permitted

        """, "\(outcome.stderr.text)")
  }

  @Test("it leads a session of its own, without a terminal", arguments: Daemon.possible)
  func session(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    #expect(try fixture.text("cut -d' ' -f6,7 /proc/$$/stat; echo $$") == "2 0\n2")
  }
}
