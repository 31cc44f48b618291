internal import Glibc
internal import Linux

/// Where the Swift runtime is that plugins written in Swift load.
enum SwiftRuntime {
  /// The folder of the libswiftCore.so that this process has loaded; nil where it has none, being
  /// linked statically: proc_pid_maps(5).
  static let folder: String? = {
    // Nothing to read: no folder to show.
    guard let bytes = try? Files.read("/proc/self/maps", limit: 16 << 20) else { return nil }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
      let path = String(decoding: line[slash...], as: UTF8.self)
      if path.hasSuffix("/libswiftCore.so") { return Files.parent(of: path) }
    }
    return nil
  }()
}
