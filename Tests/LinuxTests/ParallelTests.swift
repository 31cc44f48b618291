import Glibc
import Linux
import Synchronization
import Testing

@Suite("Work on a few threads at a time") struct ParallelTests {
  @Test("its results are in the order of the items", arguments: [0, 1, 2, 5, 100])
  func order(count: Int) {
    let items = Array(0..<count)
    let made = Parallel.map(items, threadCountMax: 4, name: "test") { item in
      // Later ones are done first, where they run at once.
      for _ in 0..<((count - item) * 50) { _ = Clock.monotonic() }
      return "\(item)"
    }
    #expect(made == items.map { "\($0)" })
  }

  @Test("as many run at once as it may have threads, and no more")
  func together() {
    let running = Condition(0)
    let most = Mutex(0)
    let arrived = Parallel.map(Array(0..<3), threadCountMax: 3, name: "test") { _ in
      let now = running.update { running in
        running += 1
        return running
      }
      most.withLock { $0 = max($0, now) }
      // Ends only when all three are there: one after the other would never.
      return running.wait(timeout: .seconds(20)) { $0 == 3 ? true : nil } ?? false
    }
    #expect(arrived == [true, true, true])
    #expect(most.withLock { $0 } == 3)
    let alone = Mutex(0)
    let peaks = Parallel.map(Array(0..<20), threadCountMax: 2, name: "test") { _ in
      let now = alone.withLock { running in
        running += 1
        return running
      }
      defer { alone.withLock { $0 -= 1 } }
      return now
    }
    #expect(peaks.allSatisfy { $0 <= 2 })
  }

  @Test("a single thread is the caller's", arguments: [0, 1])
  func caller(threadCountMax: Int) {
    let here = pthread_self()
    let threads = Parallel.map([1, 2, 3], threadCountMax: threadCountMax, name: "test") { _ in
      pthread_self()
    }
    #expect(threads == [here, here, here])
  }
}
