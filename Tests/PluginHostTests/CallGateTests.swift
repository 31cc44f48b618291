import Linux
import Model
import Sandbox
import Synchronization
import Testing

@testable import PluginHost

@Suite("Waiting for a component's turn") struct CallGateTests {
  private let id: ComponentID
  init() throws { id = try #require(ComponentID("probe")) }

  @Test("one at a time gets in, and everyone does")
  func exclusion() throws {
    let gate = CallGate()
    let shared = Counters()
    let id = id
    let threads = try (0..<8).map { _ in
      try BlockingThread(name: "caller") {
        for _ in 0..<200 {
          // A turn that does not come shows in the total.
          try? gate.alone(id) { () throws(KaizenError) in shared.visit() }
        }
      }
    }
    threads.forEach { $0.join() }
    #expect(shared.most.load(ordering: .relaxed) == 1)
    #expect(shared.total.load(ordering: .relaxed) == 1600)
  }

  @Test("whoever wants the turn no more waits no longer")
  func cancelled() throws {
    let gate = CallGate()
    let stop = StopToken()
    let id = id
    try gate.alone(id) { () throws(KaizenError) in
      let ended = Condition<KaizenError?>(nil)
      do {
        _ = try BlockingThread(name: "caller") {
          do throws(KaizenError) {
            try gate.alone(id, stop: stop) { () throws(KaizenError) in () }
          } catch { ended.update { $0 = error } }
        }
      } catch { Issue.record("\(error)") }
      stop.stop(KaizenError("E_CANCELLED", "enough"))
      #expect(ended.wait(timeout: .seconds(10)) { $0 }?.code == "E_CANCELLED")
    }
  }

  @Test("a turn that does not come in time is an error naming the component")
  func timeout() throws {
    let gate = CallGate()
    try gate.alone(id) { () throws(KaizenError) in
      let error = #expect(throws: KaizenError.self) {
        try gate.alone(id, waitMax: .milliseconds(1)) { () throws(KaizenError) in () }
      }
      #expect(error?.code == "E_PLUGIN_BUSY")
      #expect(error?.message.contains("\"probe\"") == true)
    }
  }

  @Test("a queue that is full takes nobody more")
  func full() throws {
    let (gate, id, refused) = (CallGate(), id, SharedList<String>())
    let isOpen = Condition(false)
    var threads: [BlockingThread] = []
    try gate.alone(id) { () throws(KaizenError) in
      for _ in 0...CallGate.waitingCountMax {
        // A thread that is not there shows in what is refused.
        let thread = try? BlockingThread(name: "caller") {
          do throws(KaizenError) {
            try gate.alone(id) { () throws(KaizenError) in () }
          } catch {
            refused.append(error.message)
            isOpen.update { $0 = true }
          }
        }
        if let thread { threads.append(thread) }
      }
      // The one too many is refused while all the others wait.
      _ = isOpen.wait(timeout: .seconds(20)) { $0 ? true : nil }
    }
    threads.forEach { $0.join() }
    #expect(refused.all == ["64 calls of component \"probe\" wait already"])
  }

  @Test("an error within gives the turn back")
  func release() throws {
    let gate = CallGate()
    #expect(throws: KaizenError.self) {
      try gate.alone(id) { () throws(KaizenError) in throw KaizenError("E_X", "x") }
    }
    #expect(try gate.alone(id, waitMax: .zero) { () throws(KaizenError) in 7 } == 7)
  }
}

private final class Counters: Sendable {
  let inside = Atomic(0)
  let most = Atomic(0)
  let total = Atomic(0)

  func visit() {
    let now = inside.add(1, ordering: .relaxed).newValue
    most.max(now, ordering: .relaxed)
    total.add(1, ordering: .relaxed)
    inside.subtract(1, ordering: .relaxed)
  }
}
