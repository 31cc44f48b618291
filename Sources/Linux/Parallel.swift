import Synchronization

/// Work that blocks, on a few threads at a time.
public enum Parallel {
  /// What `body` makes of each of `items`, in their order, whichever is done first.
  ///
  /// The caller's thread is one of the `threadCountMax`; where the system gives no more, fewer
  /// threads do it, and later.
  /// - Parameter name: shows in `ps -L`, at most 15 bytes.
  public static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], threadCountMax: Int, name: String,
    _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result] {
    let work = Work(items, body)
    var threads: [BlockingThread] = []
    for _ in 1..<max(1, min(threadCountMax, items.count)) {
      // Without it the others do its share.
      guard let thread = try? BlockingThread(name: name, { work.run() }) else { break }
      threads.append(thread)
    }
    work.run()
    for thread in threads { thread.join() }
    return work.results()
  }

  /// Items of which each thread takes the next.
  private final class Work<Item: Sendable, Result: Sendable>: Sendable {
    private let items: [Item]
    private let body: @Sendable (Item) -> Result
    private let next = Atomic<Int>(0)
    private let made: Mutex<[Result?]>

    init(_ items: [Item], _ body: @escaping @Sendable (Item) -> Result) {
      self.items = items
      self.body = body
      made = Mutex([Result?](repeating: nil, count: items.count))
    }

    func run() {
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        if index >= items.count { return }
        let result = body(items[index])
        made.withLock { $0[index] = result }
      }
    }

    /// All of them; only once every thread is done.
    func results() -> [Result] {
      made.withLock { made in
        made.map { result in
          guard let result else { fatalError("every item was taken by a thread that has ended") }
          return result
        }
      }
    }
  }
}
