import Glibc
import Linux
import Model
import Synchronization
import TestSupport
import Testing

@testable import PluginHost

@Suite("The file that remembers components") struct ComponentMemoryTests {
  private let folder: TemporaryDirectory
  private let file: String
  private let seconds = SharedCounter()

  private final class SharedCounter: Sendable {
    let value = Atomic<Int64>(1_000_000)
  }

  init() throws {
    folder = try TemporaryDirectory()
    file = folder.path + "/components.json"
  }

  private func memory() -> ComponentMemory {
    ComponentMemory(file) { [seconds] in
      Instant(seconds: seconds.value.load(ordering: .relaxed))
    }
  }

  private func event(_ digest: Character, _ input: String = "x") -> ComponentRecord.Event {
    ComponentRecord.Event(
      version: .init(name: "1", digest: String(repeating: digest, count: 64)), input: input,
      agent: "a", time: Instant(seconds: seconds.value.load(ordering: .relaxed)))
  }

  private let death = KaizenError("E_PLUGIN_CRASHED", "it crashed")

  @Test("has deaths and first answers at once, for whoever reads it next")
  func durable() {
    let first = memory()
    first.answered("c", event("a"), isKept: true)
    _ = first.died("c", event("b"), death)
    let second = memory()
    #expect(second.record("c") == first.record("c"))
    #expect(second.keptDigests().map(\.hex) == [String(repeating: "a", count: 64)])
    #expect(second.note == nil)
  }

  @Test("leaves out what is oldest rather than grow beyond what is read back")
  func fits() throws {
    let long = KaizenError("E_PLUGIN_CRASHED", String(repeating: "x", count: 900))
    let memory = ComponentMemory(file, bytesMax: 4000)
    memory.answered("c", event("a"), isKept: true)
    for number in 0..<16 { _ = memory.died("c", event("b", "\(number)"), long) }
    #expect(try Files.read(file, limit: 4000).count > 1000)
    let again = ComponentMemory(file)
    #expect(again.note == nil && again.record("c").deaths.last?.input == "15")
    #expect(memory.record("c").deaths.count == 16)
    #expect(again.record("c").good == memory.record("c").good)
  }

  @Test("is not written for each answer")
  func quiet() throws {
    let memory = memory()
    memory.answered("c", event("a"), isKept: true)
    let before = try Files.read(file, limit: 1 << 20)
    memory.answered("c", event("a", "y"), isKept: true)
    #expect(try Files.read(file, limit: 1 << 20) == before)
    #expect(memory.record("c").answers.count == 2)
  }

  @Test("forgets what nothing registers any more, a day later")
  func absent() {
    let memory = memory()
    memory.answered("gone", event("a"), isKept: true)
    memory.answered("there", event("b"), isKept: true)
    memory.registered(["there": String(repeating: "b", count: 64)])
    #expect(memory.record("gone").good.count == 1)
    seconds.value.add(86_401, ordering: .relaxed)
    memory.registered(["there": nil])  // registered, though it does not work now
    #expect(memory.record("gone") == ComponentRecord())
    #expect(memory.record("there").good.count == 1)
    #expect(self.memory().record("gone") == ComponentRecord())
  }

  @Test("holds a number of components, those registered before all others")
  func bounded() {
    let memory = memory()
    for number in 0..<(ComponentMemory.componentCountMax + 5) {
      _ = memory.died("c\(number)", event("a"), death)
    }
    memory.registered(["c3": nil])
    let kept = (0..<(ComponentMemory.componentCountMax + 5)).filter {
      memory.record("c\($0)") != ComponentRecord()
    }
    #expect(kept.count == ComponentMemory.componentCountMax && kept.contains(3))
  }

  @Test("that cannot be written is told of, and what it would hold is held to")
  func unwritable() throws {
    try folder.write("file", "in the way")
    let memory = ComponentMemory(folder.path + "/file/components.json")
    _ = memory.died("c", event("b"), death)
    #expect(memory.note?.contains("cannot be written") == true)
    #expect(memory.record("c").deaths.count == 1)
  }

  @Test("of another form is set aside and named")
  func otherSchema() throws {
    try folder.write("components.json", #"{"schema": 2, "components": {}}"#)
    #expect(memory().note?.contains("schema 1") == true)
    try folder.write("components.json", #"{"schema": 1, "components": {"c": {"good": 1}}}"#)
    #expect(memory().note?.contains("\"c\" is malformed") == true)
    #expect(!Files.exists(file) && Files.exists(file + ".damaged"))
  }

  @Test("is written whole when many write at once")
  func together() throws {
    let memory = memory()
    let threads = try (0..<4).map { thread in
      try BlockingThread(name: "writer") { [self] in
        for number in 0..<10 { _ = memory.died("c\(thread)", event("b", "i\(number)"), death) }
      }
    }
    for thread in threads { thread.join() }
    let read = self.memory()
    for thread in 0..<4 { #expect(read.record("c\(thread)").deaths.count == 10) }
    #expect(try Files.names(in: folder.path) == ["components.json"])
  }
}
