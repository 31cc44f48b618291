import Glibc
import Linux
import Model
import Synchronization
import TestSupport

@testable import PluginHost

/// What lies outside a sandbox and would show that something got out: files, sockets, shared
/// memory, a variable, and this process itself.
final class EscapeGround {
  /// Signals of the sort that the fixture sends, counted by this process.
  private static let signalCount = Atomic<Int>(0)

  /// In this process's environment, set once: other tests start processes meanwhile.
  private static let variable: String = {
    let token = "kaizen-escape-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    setenv("KAIZEN_ESCAPE_TOKEN", token, 1)
    return token
  }()

  private let folder: TemporaryDirectory
  private let token: String
  private let sharedKey: Int32
  private let sharedID: Int32
  private let listeners: [Int32]
  private let port: UInt16
  private let filesBefore: [String]
  private let signalsBefore: Int

  /// Lays everything out, with a name of its own in each place that is shared by the machine.
  init() throws {
    folder = try TemporaryDirectory("kaizen-outside")
    chmod(folder.path, 0o777)
    try folder.write("secret.txt", "secret\n", mode: 0o666)
    token = Self.variable
    try Files.replace("/dev/shm/\(token)", with: Array("seen".utf8), mode: 0o666)
    sharedKey = Int32.random(in: 1...Int32.max)
    sharedID = shmget(sharedKey, 4096, IPC_CREAT | 0o666)
    signal(SIGUSR1) { _ in EscapeGround.signalCount.add(1, ordering: .relaxed) }
    var loopback = sockaddr_in()
    loopback.sin_family = sa_family_t(AF_INET)
    loopback.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let tcp = Self.listener(AF_INET, of: loopback, MemoryLayout<sockaddr_in>.size)
    listeners = [
      tcp, Self.unixListener(folder.path + "/s", isAbstract: false),
      Self.unixListener(token, isAbstract: true),
    ]
    chmod(folder.path + "/s", 0o777)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &loopback) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(tcp, __SOCKADDR_ARG(__sockaddr__: $0), &length)
      }
    }
    port = UInt16(bigEndian: loopback.sin_port)
    filesBefore = try Self.description(of: folder.path)
    signalsBefore = Self.signalCount.load(ordering: .relaxed)
  }

  deinit {
    listeners.forEach { close($0) }
    shmctl(sharedID, IPC_RMID, nil)
    unlink("/dev/shm/\(token)")
  }

  /// The folder outside.
  var path: String { folder.path }

  /// What the fixture has to know to try it.
  var evidence: JSONValue {
    [
      "outside": .string(folder.path), "token": .string(token),
      "pid": .integer(Int64(getpid())), "port": .integer(Int64(port)),
      "key": .integer(Int64(sharedKey)),
    ]
  }

  /// What has changed since; empty where nothing got out.
  func damage() throws -> [String] {
    var found: [String] = []
    let after = try Self.description(of: folder.path)
    if after != filesBefore { found.append("files: \(filesBefore) became \(after)") }
    if Self.signalCount.load(ordering: .relaxed) != signalsBefore { found.append("a signal came") }
    for (listener, name) in zip(listeners, ["TCP", "by path", "by name"]) {
      let connection = accept(listener, __SOCKADDR_ARG(__sockaddr__: nil), nil)
      if connection >= 0 {
        close(connection)
        found.append("a connection \(name)")
      }
    }
    for path in ["/etc/kaizen-probe", "/usr/kaizen-probe", "/kaizen-probe"]
    where Files.exists(path) {
      found.append(path)
    }
    return found
  }

  /// Names, modes, links and bytes of what lies in a folder.
  static func description(of folder: String) throws -> [String] {
    try Files.names(in: folder).sorted().map { name in
      var status = stat()
      lstat("\(folder)/\(name)", &status)
      let isFile = status.st_mode & S_IFMT == S_IFREG
      let bytes = isFile ? try Files.read("\(folder)/\(name)", limit: 1 << 20) : []
      return "\(name) \(status.st_mode) \(status.st_nlink) \(status.st_uid) "
        + String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func unixListener(_ name: String, isAbstract: Bool) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = (isAbstract ? [0] : []) + Array(name.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    return listener(AF_UNIX, of: address, length)
  }

  private static func listener<Address>(
    _ family: Int32, of address: Address, _ length: Int
  ) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
    let made = socket(family, type, 0)
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(made, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(length))
      }
    }
    listen(made, 4)
    return made
  }
}
