import Linux
import Model
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
