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
  /// ld.so(8).
  public static func folder(neededBy program: String) -> String? {
    // try? because what cannot be asked names no folder; whoever needs it then says so.
    guard let listing = try? listing(of: program) else { return nil }
    return core(in: listing)
  }

  private static func listing(of program: String) throws(SystemError) -> [UInt8] {
    let ends = try DescriptorPair.pipe()
    let child = try ChildProcess(
      ChildCommand(
        words: [program], environment: ["LD_TRACE_LOADED_OBJECTS": "1"],
        descriptors: [1: ends.second.raw]))
    _ = consume ends.second
    let bytes = try ends.first.readAll(limit: listingBytesMax)
    // One that does not end is killed with its owner, the end of this function.
    _ = try child.wait(timeout: loaderTimeout)
    return bytes
  }

  /// How much the loader may write, and how long it may take.
  private static let listingBytesMax = 64 << 10
  private static let loaderTimeout = Duration.seconds(5)

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
