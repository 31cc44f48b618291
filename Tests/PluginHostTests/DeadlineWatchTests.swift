import Linux
import Testing

@testable import PluginHost

@Suite("Watching deadlines") struct DeadlineWatchTests {
  @Test("what is due runs, in the order of its time")
  func order() throws {
    let watch = try DeadlineWatch()
    let ran = Condition<[Int]>([])
    _ = watch.add(after: .milliseconds(20)) { ran.update { $0.append(2) } }
    _ = watch.add(after: .milliseconds(1)) { ran.update { $0.append(1) } }
    let order = ran.wait(timeout: .seconds(10)) { $0.count == 2 ? $0 : nil }
    #expect(order == [1, 2])
  }

  @Test("what is taken back in time does not run")
  func takenBack() throws {
    let watch = try DeadlineWatch()
    let ran = Condition<[Int]>([])
    let late = watch.add(after: .milliseconds(5)) { ran.update { $0.append(1) } }
    #expect(watch.remove(late))
    _ = watch.add(after: .milliseconds(10)) { ran.update { $0.append(2) } }
    #expect(ran.wait(timeout: .seconds(10)) { $0.isEmpty ? nil : $0 } == [2])
  }

  @Test("what has run cannot be taken back")
  func tooLate() throws {
    let watch = try DeadlineWatch()
    let ran = Condition(false)
    let number = watch.add(after: .zero) { ran.update { $0 = true } }
    _ = ran.wait(timeout: .seconds(10)) { $0 ? true : nil }
    #expect(!watch.remove(number))
  }

  @Test("its thread ends with it")
  func end() throws {
    weak var weakWatch: DeadlineWatch?
    do {
      let watch = try DeadlineWatch()
      weakWatch = watch
    }
    #expect(weakWatch == nil)
  }
}
