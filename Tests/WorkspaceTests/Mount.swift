import Glibc
import Linux
import TestSupport

/// A file system mounted for one test; nil where this process may not mount.
final class Mount: Sendable {
  let path: String
  /// Outlives the mount: removing it first would remove what is mounted there.
  private let directory: TemporaryDirectory?

  /// Mounts `source` at `path`, which is made.
  init?(
    at path: String, in directory: TemporaryDirectory? = nil, type: String, source: String,
    options: String = ""
  ) throws {
    self.path = path
    self.directory = directory
    try Files.makeDirectories(path, mode: 0o755)
    if geteuid() != 0 || mount(source, path, type, 0, options) != 0 { return nil }
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }
}

/// A file system of its own in a file; nil where the host cannot make one.
final class LoopDisk: Sendable {
  let mount: Mount
  private let device: String
  private let image: TemporaryDirectory
  var path: String { mount.path }

  init?(type: String, megabytes: Int) throws {
    image = try TemporaryDirectory("workspace-disk")
    guard geteuid() == 0, Files.exists("/dev/loop-control"), Files.exists("/usr/sbin/mkfs.\(type)")
    else { return nil }
    let file = image.path + "/disk.img"
    let opened = try FileDescriptor.open(file, O_RDWR | O_CREAT)
    if ftruncate(opened.raw, off_t(megabytes) << 20) != 0 { return nil }
    if Self.run("mkfs.\(type) -q \(file)") == nil { return nil }
    guard let device = Self.run("losetup --find --show \(file)"), !device.isEmpty else {
      return nil
    }
    self.device = device
    guard let mount = try Mount(at: image.path + "/mnt", type: type, source: device) else {
      _ = Self.run("losetup --detach \(device)")
      return nil
    }
    self.mount = mount
  }

  deinit {
    umount2(mount.path, Int32(MNT_DETACH))
    _ = Self.run("losetup --detach \(device)")
  }

  /// The first line a command prints; nil where it fails.
  private static func run(_ command: String) -> String? {
    guard let pipe = popen("PATH=$PATH:/usr/sbin \(command) 2>/dev/null", "r") else { return nil }
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = fread(&buffer, 1, buffer.count - 1, pipe)
    if pclose(pipe) != 0 { return nil }
    let text = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(separator: "\n").first.map(String.init) ?? ""
  }
}
