import Glibc
import Linux
import TestSupport
import Testing

@Suite("Unix sockets") struct UnixSocketTests {
  @Test("connect both ends and tell who is there")
  func peers() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/s"
    let listener = try UnixSocket.listen(path, mode: 0o660)
    let client = try UnixSocket.connect(path, timeout: .seconds(1))
    let server = try UnixSocket.accept(listener.raw)
    let peer = try UnixSocket.peer(of: server.raw)
    #expect(peer == PeerCredentials(pid: getpid(), uid: geteuid(), gid: getegid()))
    #expect(try UnixSocket.peer(of: client.raw).pid == getpid())
    try client.writeAll("hello".utf8)
    shutdown(client.raw, Int32(SHUT_WR))
    #expect(try server.readAll(limit: 10) == Array("hello".utf8))
    #expect(fcntl(server.raw, F_GETFD) == FD_CLOEXEC)
  }

  @Test("say apart that nothing is there and that nobody listens")
  func refusals() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/s"
    #expect(throws: SystemError("connect", path, code: ENOENT)) {
      _ = try UnixSocket.connect(path, timeout: .seconds(1))
    }
    do { _ = try UnixSocket.listen(path, mode: 0o600) }
    #expect(throws: SystemError("connect", path, code: ECONNREFUSED)) {
      _ = try UnixSocket.connect(path, timeout: .seconds(1))
    }
    #expect(throws: SystemError("bind", path, code: EADDRINUSE)) {
      _ = try UnixSocket.listen(path, mode: 0o600)
    }
  }

  @Test("refuse a path of 108 bytes")
  func length() {
    let path = "/" + String(repeating: "x", count: 107)
    #expect(throws: SystemError("bind", path, code: ENAMETOOLONG)) {
      _ = try UnixSocket.connect(path, timeout: .seconds(1))
    }
  }
}

@Suite("Signals as data") struct SignalQueueTests {
  @Test("come in the order of their numbers, and say that a process sent them")
  func arrivals() throws {
    // To this thread only: other threads may have them unblocked.
    let queue = try SignalQueue([SIGUSR1, SIGUSR2])
    #expect(try queue.next() == nil)
    pthread_kill(pthread_self(), SIGUSR2)
    pthread_kill(pthread_self(), SIGUSR1)
    #expect(try queue.next()?.number == SIGUSR1)
    let second = try #require(try queue.next())
    #expect(second.number == SIGUSR2)
    #expect(!second.isFromKernel)
    #expect(try queue.next() == nil)
  }

  @Test("leave out those that are ignored")
  func ignored() throws {
    signal(SIGPIPE, SIG_IGN)
    #expect(SignalQueue.isIgnored(SIGPIPE))
    #expect(!SignalQueue.isIgnored(SIGUSR1))
  }
}
