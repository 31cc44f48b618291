import Glibc
import Linux
public import Model

/// The right to change one agent's files; given back when it goes out of scope.
///
/// The kernel frees it when the process ends, however it ends.
public final class AgentLock: Sendable {
  private let file: FileDescriptor

  private init(_ file: consuming FileDescriptor) { self.file = file }

  /// Takes the agent's lock, or says who has it.
  /// - Parameter purpose: what for, in a few words for whoever finds it taken.
  /// - Throws: `E_AGENT_LOCKED`, which names the process.
  public static func acquire(
    _ layout: AgentLayout, purpose: String
  ) throws(KaizenError) -> AgentLock {
    let path = layout.lock
    let file = try io(path, "locking") { () throws(SystemError) in
      try Files.makeDirectories(layout.store)
      return try FileDescriptor.open(path, O_RDWR | O_CREAT)
    }
    let isOurs = try io(path, "locking") { () throws(SystemError) in try file.tryLock() }
    if !isOurs {
      // Whoever has it wrote its number and purpose; empty for the instant before it does.
      let holder = try io(path, "reading") { () throws(SystemError) in
        String(decoding: try file.readAll(limit: 4096), as: UTF8.self)
      }
      throw KaizenError(
        "E_AGENT_LOCKED",
        "agent \"\(layout.id)\" is being changed by process "
          + (holder.isEmpty ? "(not yet named)" : holder),
        hint: "wait until it is done, or cancel it")
    }
    try io(path, "writing") { () throws(SystemError) in
      if ftruncate(file.raw, 0) != 0 { throw SystemError("ftruncate") }
      try file.writeAll("\(getpid()) (\(purpose.prefix(200)))".utf8)
    }
    return AgentLock(file)
  }
}
