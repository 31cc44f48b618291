internal import Glibc
internal import Linux

/// Where the Swift runtime is that plugins written in Swift load.
public enum SwiftRuntime {
  /// The folder of the libswiftCore.so that this process has loaded; nil where it has none, being
  /// linked statically: proc_pid_maps(5).
  static let folder: String? = {
    // Nothing to read: no folder to show.
    guard let bytes = try? Files.read("/proc/self/maps", limit: 16 << 20) else { return nil }
    return core(in: bytes)
  }()

  /// The folder of the libswiftCore.so that `program` would load; nil where it would load none.
  ///
  /// The loader itself is asked, which runs nothing of the program: LD_TRACE_LOADED_OBJECTS of
  /// ld.so(8). A program without a loader is not asked, since it would run.
  public static func folder(neededBy program: String) -> String? {
    // try? because what cannot be asked names no folder; whoever needs it then says so.
    guard let head = try? head(of: program), namesLoader(head),
      // The same.
      let listing = try? listing(of: program)
    else { return nil }
    return core(in: listing)
  }

  private static func listing(of program: String) throws(SystemError) -> [UInt8] {
    let ends = try DescriptorPair.pipe()
    let child = try ChildProcess(
      ChildCommand(
        words: [program], environment: ["LD_TRACE_LOADED_OBJECTS": "1"],
        descriptors: [1: ends.second.raw]))
    _ = consume ends.second
    let deadline = Clock.monotonic() + loaderTimeout
    let bytes = try listing(from: ends.first, of: program, until: deadline)
    // One that does not end is killed with its owner, the end of this function.
    _ = try child.wait(timeout: loaderTimeout)
    return bytes
  }

  /// What comes out of `end`, as much as is allowed.
  private static func listing(
    from end: borrowing FileDescriptor, of program: String, until deadline: Duration
  ) throws(SystemError) -> [UInt8] {
    let raw = end.raw
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    var interests = [Poll.Interest(raw, .read)]
    while bytes.count < listingBytesMax {
      let left = max(.zero, deadline - Clock.monotonic())
      let readyCount = try Poll.wait(&interests, timeout: left)
      if readyCount == 0 { throw SystemError("read", program, code: ETIMEDOUT) }
      let count = try retrying("read", program) {
        chunk.withUnsafeMutableBytes { Glibc.read(raw, $0.baseAddress, $0.count) }
      }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return bytes
  }

  /// The first bytes of the program, in which its headers are.
  private static func head(of program: String) throws(SystemError) -> [UInt8] {
    let file = try FileDescriptor.open(program, O_RDONLY | O_NONBLOCK)
    let raw = file.raw
    var bytes = [UInt8](repeating: 0, count: headBytesMax)
    let count = try retrying("read", program) {
      bytes.withUnsafeMutableBytes { Glibc.read(raw, $0.baseAddress, $0.count) }
    }
    return Array(bytes[..<count])
  }

  /// Whether a program that starts so has a header of the type PT_INTERP, 3: elf(5).
  ///
  /// 64 bits, the lowest byte first: nothing else runs here.
  static func namesLoader(_ head: [UInt8]) -> Bool {
    guard head.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
      let start = number(in: head, at: 32, byteCount: 8),
      let size = number(in: head, at: 54, byteCount: 2),
      let count = number(in: head, at: 56, byteCount: 2), start <= head.count
    else { return false }
    for index in 0..<count
    where number(in: head, at: start + index * size, byteCount: 4) == 3 {
      return true
    }
    return false
  }

  private static func number(in bytes: [UInt8], at offset: Int, byteCount: Int) -> Int? {
    guard offset >= 0, offset + byteCount <= bytes.count else { return nil }
    var value: UInt64 = 0
    for index in (0..<byteCount).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
    return Int(exactly: value)
  }

  /// How much the loader may write, and how long it may take.
  private static let listingBytesMax = 64 << 10
  private static let loaderTimeout = Duration.seconds(5)
  /// How much is read of a program.
  private static let headBytesMax = 64 << 10

  /// The folder of the first libswiftCore.so in lines that end with a path, or with its address.
  private static func core(in bytes: [UInt8]) -> String? {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
      var path = String(decoding: line[slash...], as: UTF8.self)
      if let address = path.firstRange(of: " (0x") { path.removeSubrange(address.lowerBound...) }
      if path.hasSuffix("/libswiftCore.so") { return Files.parent(of: path) }
    }
    return nil
  }
}
