import Glibc
import Linux
public import Model

/// A clone of the live generation, beside it and not live: what a trial changes and tests.
public struct Stage: Sendable {
  /// Where its files are: a sibling of the live tree.
  public let path: String
  /// The number it will have when it goes live.
  public let number: GenerationNumber
  /// The generation it was cloned from.
  public let base: GenerationManifest
  /// The live root it was cloned from.
  public let baseRoot: FileIdentity
  /// Its own root.
  public let root: FileIdentity
  /// How it came to its bytes.
  public let method: CloneMethod
  /// What could not be cloned as it is, by path: sockets, FIFOs, devices, privileges.
  public let warnings: [String]
  let volume: Volume
}

/// The file system of an agent, opened before anything is written to it.
///
/// syncfs(2) reports write-back errors since the descriptor it is given was opened: one opened after
/// the writes would not know of theirs.
final class Volume: Sendable {
  private let descriptor: FileDescriptor
  private let path: String

  init(_ layout: AgentLayout) throws(KaizenError) {
    path = layout.parent
    descriptor = try io(layout.parent, "opening") { () throws(SystemError) in
      try FileDescriptor.open(layout.parent, O_RDONLY | O_DIRECTORY)
    }
  }

  /// Makes all that was written durable.
  ///
  /// An error is never retried: the pages may be gone.
  func sync() throws(KaizenError) {
    do { try descriptor.syncFileSystem() } catch {
      if error.code == ENOSPC || error.code == EDQUOT {
        throw KaizenError(error, "making durable", path)
      }
      throw KaizenError(
        "E_IO", "making \"\(path)\" durable: \(error)",
        hint: "the change is thrown away and must be made anew; check the device")
    }
  }
}
