import BenchmarkHarness
import Glibc
import Linux

/// What the file system itself takes, beside the agent.
final class DiskFloor {
  private let directory: FileDescriptor

  init(_ folder: String) throws {
    try Files.makeDirectories(folder + "/one")
    try Files.makeDirectories(folder + "/two")
    directory = try FileDescriptor.open(folder, O_RDONLY | O_DIRECTORY)
  }

  /// Exchanges two empty directories, durably.
  func exchange() throws -> Double {
    try Samples.nanoseconds {
      try Files.exchange(directory, "one", directory, "two")
      try directory.sync()
    }
  }

  /// Makes all that was written durable.
  func sync() throws -> Double {
    try Samples.nanoseconds { try directory.syncFileSystem() }
  }
}
