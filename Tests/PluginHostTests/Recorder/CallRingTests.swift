import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("The ring of calls") struct CallRingTests {
  private let folder: TemporaryDirectory
  private var path: String { folder.path + "/ring" }

  init() throws { folder = try TemporaryDirectory("kaizen-ring") }

  private func ring(_ slotCount: Int = 8) -> CallRing {
    CallRing(path: path, slotCount: slotCount)
  }

  /// Runs `count` calls to their ends.
  private func run(_ ring: CallRing, _ count: Int) throws {
    for seed in 0..<count {
      var record = try sampleRecord(seed)
      let end = record.end
      record.end = .running
      ring.begin(&record)
      record.end = end
      ring.update(record)
    }
  }

  private func all(_ ring: CallRing) -> [CallRecord] { ring.records { _ in true } }

  @Test("a record is read as it was written, whatever is absent")
  func roundTrip() throws {
    var record = try sampleRecord(3)
    record.number = 77
    #expect(CallRecord(bytes: record.bytes[...]) == record)
    record.digest = nil
    record.generation = nil
    record.loaded = nil
    record.duration = nil
    record.processorTime = nil
    record.peakMemoryBytes = nil
    for end in [CallRecord.End.good, .running, .lost, .stopped, .failed("E_X", message: "")] {
      for kept in [CallRecord.Kept.no, .under(.max), .failed("why")] {
        record.end = end
        record.kept = kept
        #expect(CallRecord(bytes: record.bytes[...]) == record)
      }
    }
  }

  @Test("the largest record fits a slot")
  func largest() throws {
    let long = String(repeating: "ö", count: 5000)
    var record = try sampleRecord(0)
    record.component = try #require(ComponentID(String(repeating: "c", count: 128)))
    record.agent = try #require(AgentID(String(repeating: "a", count: 128)))
    record.version = long
    record.end = .failed(KaizenError.Code(rawValue: long), message: long)
    record.kept = .failed(long)
    #expect(record.bytes.count <= CallRing.Limit.slotBytes - 16)
    let ring = ring()
    ring.begin(&record)
    #expect(ring.failure == nil)
    let again = try #require(all(self.ring()).first)
    #expect(again.component == record.component && again.number == record.number)
  }

  @Test("holds so many and no more, the newest first, and counts on after a restart")
  func bounded() throws {
    let first = ring()
    try run(first, 20)
    #expect(all(first).map(\.number) == (13...20).reversed())
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_size == 9 * CallRing.Limit.slotBytes && status.st_mode & 0o777 == 0o600)
    let second = ring()
    #expect(all(second) == all(first) && second.notes.isEmpty)
    try run(second, 1)
    #expect(all(second).first?.number == 21)
    #expect(second.record(14)?.version == "1.13" && second.record(13) == nil)
  }

  @Test("a call that was under way when the daemon ended is lost, and said so")
  func lost() throws {
    var record = try sampleRecord(0)
    record.end = .running
    let first = ring()
    first.begin(&record)
    #expect(first.record(record.number)?.end == .running)
    #expect(ring().record(record.number)?.end == .lost)
  }

  @Test("a record cut short is left out and named, the others stay")
  func torn() throws {
    let first = ring()
    try run(first, 5)
    let file = try FileDescriptor.open(path, O_RDWR)
    let place = off_t(CallRing.Limit.slotBytes * (1 + 5) + 300)
    let zeros = [UInt8](repeating: 0, count: 100)
    #expect(pwrite(file.raw, zeros, zeros.count, place) == zeros.count)
    let second = ring()
    #expect(all(second).map(\.number) == [4, 3, 2, 1])
    #expect(second.notes.count == 1 && second.notes[0].contains("cut short"), "\(second.notes)")
    // Its number is not given again.
    try run(second, 1)
    #expect(all(second).first?.number == 6)
  }

  @Test("whatever its bytes are, it is taken up without harm")
  func hostile() throws {
    try run(ring(), 12)
    let good = try Files.read(path, limit: 1 << 20)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var bytes = good
      for _ in 0..<4 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255)
      }
      // Slots that say they are huge, with checksums nobody can compute.
      let slot = CallRing.Limit.slotBytes * Int.random(in: 1...8)
      for index in 0..<8 where Bool.random() { bytes[slot + index] = 0xff }
      try Files.replace(path, with: bytes)
      #expect(all(ring()).count <= 8)
    }
  }

  @Test("a file of another sort is made anew, and said so; one that cannot be is done without")
  func foreign() throws {
    try folder.write("ring", "not a ring")
    let made = ring()
    #expect(made.notes.count == 1 && made.notes[0].contains("no ring of calls"))
    try run(made, 1)
    #expect(ring().notes.isEmpty)
    // Of another size, too.
    #expect(CallRing(path: path, slotCount: 4).notes.count == 1)
    unlink(path)
    try Files.makeDirectories(path)
    let memory = ring()
    #expect(memory.notes[0].contains("in memory alone"), "\(memory.notes)")
    try run(memory, 3)
    #expect(all(memory).count == 3)
  }

  @Test("a link in its place is not followed")
  func link() throws {
    let target = try folder.write("precious", "precious")
    #expect(symlink(target, path) == 0)
    #expect(ring().notes[0].contains("in memory alone"))
    #expect(try Files.read(target, limit: 100) == Array("precious".utf8))
  }

  @Test("an end that comes after its slot went to a later call changes nothing")
  func late() throws {
    let ring = ring()
    var slow = try sampleRecord(0)
    ring.begin(&slow)
    try run(ring, 8)
    ring.update(slow)
    #expect(ring.record(slow.number) == nil && all(ring).count == 8)
  }
}
