import Testing

@testable import PluginHost

@Suite("Waiting for what is dropped in") struct SettlingTests {
  private func seconds(_ seconds: Double) -> Duration { .seconds(seconds) }

  @Test("takes it up once nothing of it changed for a while")
  func still() {
    var settling = Settling()
    var step = settling.step(found: ["a": 1], applied: [:], now: seconds(10)) { _ in nil }
    #expect(step.ripe.isEmpty)
    #expect(step.wakeAt == seconds(10) + Settling.stillMin)
    // It goes on being copied: the time starts anew.
    step = settling.step(found: ["a": 2], applied: [:], now: seconds(10.1)) { _ in nil }
    step = settling.step(found: ["a": 2], applied: [:], now: seconds(10.2)) { _ in nil }
    #expect(step.ripe.isEmpty)
    step = settling.step(found: ["a": 2], applied: [:], now: seconds(10.26)) { _ in nil }
    #expect(step.ripe == ["a": 2])
    #expect(step.givenUp.isEmpty)
  }

  @Test("says what it waits for, for as long as it does")
  func reason() {
    var settling = Settling()
    let look = { (now: Double, lack: String?) in
      settling.step(found: ["a": 1], applied: [:], now: self.seconds(now)) { _ in lack }
    }
    let steps = [look(0, nil), look(1, "half of it"), look(29, nil), look(31, nil)]
    #expect(steps.map { $0.waiting["a"] } == [nil, "half of it", "half of it", nil])
    #expect(steps[3].givenUp == ["a": "half of it"])
  }

  @Test("does nothing about what is taken up already, or is as it was again")
  func unchanged() {
    var settling = Settling()
    var step = settling.step(found: ["a": 2], applied: ["a": 1], now: .zero) { _ in nil }
    #expect(step.wakeAt != nil)
    step = settling.step(found: ["a": 1], applied: ["a": 1], now: seconds(5)) { _ in nil }
    #expect(step.ripe.isEmpty && step.wakeAt == nil)
  }

  @Test("retires what is gone for a while, and not what comes back at once")
  func gone() {
    var settling = Settling()
    _ = settling.step(found: [:], applied: ["a": 1], now: .zero) { _ in nil }
    var step = settling.step(found: ["a": 2], applied: ["a": 1], now: seconds(0.1)) { _ in nil }
    #expect(step.ripe.isEmpty)
    _ = settling.step(found: [:], applied: ["a": 1], now: seconds(1)) { _ in "never asked" }
    step = settling.step(found: [:], applied: ["a": 1], now: seconds(1.2)) { _ in "never asked" }
    #expect(step.ripe.count == 1 && step.ripe["a"] == .some(nil))
  }

  @Test("waits for a half copy, looks into it once, and gives up after half a minute")
  func half() {
    var settling = Settling()
    var lookCount = 0
    func step(_ print: Int, _ now: Double) -> Settling.Step {
      settling.step(found: ["a": print], applied: [:], now: seconds(now)) { _ in
        lookCount += 1
        return "no library"
      }
    }
    #expect(step(1, 0).ripe.isEmpty)
    #expect(step(1, 1).wakeAt == Settling.partMax)
    #expect(step(1, 20).ripe.isEmpty)
    #expect(lookCount == 1)
    #expect(step(2, 25).ripe.isEmpty)
    #expect(step(2, 54).ripe.isEmpty)
    #expect(lookCount == 2)
    let last = step(2, 55)
    #expect(last.ripe == ["a": 2])
    #expect(last.givenUp == ["a": "no library"])
  }

  @Test("gives up on what never stands still")
  func restless() {
    var settling = Settling()
    for number in 0..<300 {
      let step = settling.step(
        found: ["a": number], applied: [:], now: seconds(Double(number))
      ) { _ in nil }
      #expect(step.ripe.isEmpty)
    }
    let step = settling.step(found: ["a": 300], applied: [:], now: seconds(300)) { _ in nil }
    #expect(step.ripe == ["a": 300])
  }

  @Test("one that waits holds up no other")
  func others() {
    var settling = Settling()
    let lack: (String) -> String? = { $0 == "half" ? "no library" : nil }
    _ = settling.step(found: ["half": 1, "b": 1], applied: [:], now: .zero, lack: lack)
    let step = settling.step(found: ["half": 1, "b": 1], applied: [:], now: seconds(1), lack: lack)
    #expect(step.ripe == ["b": 1])
  }

  @Test("waits for one that turned out not to work as for one that lacks something")
  func postponed() {
    var settling = Settling()
    _ = settling.step(found: ["a": 2], applied: ["a": 1], now: .zero) { _ in nil }
    var step = settling.step(found: ["a": 2], applied: ["a": 1], now: seconds(1)) { _ in nil }
    #expect(step.ripe == ["a": 2])
    settling.postpone("a", "it does not load")
    step = settling.step(found: ["a": 2], applied: ["a": 1], now: seconds(2)) { _ in nil }
    #expect(step.ripe.isEmpty && step.wakeAt == Settling.partMax)
    step = settling.step(found: ["a": 2], applied: ["a": 1], now: seconds(30)) { _ in nil }
    #expect(step.givenUp == ["a": "it does not load"])
  }
}
