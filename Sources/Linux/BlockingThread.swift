import Glibc
import Synchronization

/// A thread of its own for work that blocks, such as SQLite, fsync, plugin calls and children.
///
/// Swift's cooperative pool has as many threads as there are cores: one blocked there is one lost.
public final class BlockingThread: Sendable {
  private let handle: Mutex<pthread_t?>

  /// Starts `body` on a new thread; `name` (at most 15 bytes) shows in `ps -L` and debuggers.
  public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let box = Unmanaged.passRetained(Body(name: name, run: body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
        pthread_setname_np(pthread_self(), String(body.name.prefix(15)))
        body.run()
        return nil
      }, box.toOpaque())
    if code != 0 {
      box.release()
      throw SystemError("pthread_create", name, code: code)
    }
    handle = Mutex(thread)
  }

  /// Waits until the thread has ended.
  public func join() {
    let thread = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    if let thread { pthread_join(thread, nil) }
  }

  deinit {
    handle.withLock { handle in
      if let thread = handle { pthread_detach(thread) }
      handle = nil
    }
  }

  private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void
    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }
}
