import Glibc

/// What stat(2) says of one file, in the few fields that matter to trees.
struct FileStatus: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case file, directory, link
    /// A socket, a FIFO or a device, in words.
    case special(String)
  }

  var kind: Kind
  /// Permission bits with set-user-id, set-group-id and sticky.
  var mode: UInt32
  var owner: UInt32
  var group: UInt32
  var sizeBytes: Int64
  /// What it takes on disk, which holes and shared blocks make less or more than its size.
  var allocatedBytes: Int64
  var device: UInt64
  var inode: UInt64
  var linkCount: UInt64
  var modifiedNanoseconds: Int64
  var changedNanoseconds: Int64

  init(_ raw: stat) {
    kind =
      switch raw.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .link
      case S_IFSOCK: .special("a socket")
      case S_IFIFO: .special("a FIFO")
      default: .special("a device")
      }
    mode = UInt32(raw.st_mode & 0o7777)
    owner = raw.st_uid
    group = raw.st_gid
    sizeBytes = Int64(raw.st_size)
    allocatedBytes = Int64(raw.st_blocks) * 512  // stat(2): always units of 512 bytes
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
    linkCount = UInt64(raw.st_nlink)
    modifiedNanoseconds = Self.nanoseconds(raw.st_mtim)
    changedNanoseconds = Self.nanoseconds(raw.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  static func timespec(nanoseconds: Int64) -> Glibc.timespec {
    let seconds = Int((Double(nanoseconds) / 1e9).rounded(.down))
    // Exact for every time a file system can hold: the double only picks the second, corrected here.
    var rest = nanoseconds - Int64(seconds) * 1_000_000_000
    var whole = seconds
    if rest < 0 {
      rest += 1_000_000_000
      whole -= 1
    } else if rest >= 1_000_000_000 {
      rest -= 1_000_000_000
      whole += 1
    }
    return Glibc.timespec(tv_sec: whole, tv_nsec: Int(rest))
  }
}

/// Which file a name stands for, whatever the name: the device and the number on it.
public struct FileIdentity: Hashable, Sendable {
  /// The device; may change with a reboot, so that only the inode is compared across one.
  public var device: UInt64
  /// The number on the device.
  public var inode: UInt64

  /// The identity of those numbers.
  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  init(_ status: FileStatus) { self.init(device: status.device, inode: status.inode) }
}
