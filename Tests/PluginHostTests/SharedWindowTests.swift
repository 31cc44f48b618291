import CPluginRuntime
import Glibc
import Linux
import Model
import Testing

@testable import PluginHost

@Suite("The feedback window that components share") struct SharedWindowTests {
  private func window() -> FeedbackWindow {
    var window = FeedbackWindow()
    window.times = [1, 2, 3]
    window.types = [0, 1, 4]
    window.sources = [0, 0, 3]
    window.scores = [1, 0, .nan]
    window.durations = [10, .nan, 30]
    window.memory = [.nan, .nan, .nan]
    window.cpu = [1, 2, 3]
    window.errors = [-1, 1, 0]
    window.operations = [7, 7, 8]
    window.generations = [0, 4, 4]
    window.errorTypes = ["timeout", "größe"]
    return window
  }

  private func column(_ shared: SharedWindow, _ name: String) throws -> kz_column {
    try #require(shared.columns.first { $0.name.string == name })
  }

  @Test("has the columns of the contract, each with every row")
  func columns() throws {
    let shared = try SharedWindow(window())
    #expect(shared.rowCount == 3)
    #expect(
      shared.columns.map(\.name.string) == [
        "time_ns", "type", "source", "score", "duration_ms", "memory_mb", "cpu_percent",
        "operation", "generation", "error_type",
      ])
    #expect(shared.columns.map(\.format.string).joined() == "lCCggggLlu")
    #expect(shared.columns.allSatisfy { $0.length == 3 })
  }

  @Test("is refused where it was laid out elsewhere and places of texts do not ascend")
  func laidOut() throws {
    let made = try SharedWindow(window())
    var bytes = made.withBytes { Array($0) }
    #expect(try SharedWindow(laidOut: bytes).digest == made.digest)
    let errors = try column(made, "error_type")
    let offsets = try #require(errors.offsets)
    let place = made.withBytes { all in
      UnsafeRawPointer(offsets) - (all.baseAddress ?? UnsafeRawPointer(offsets))
    }
    bytes[place + 4 + 3] = 0x7F  // the second of them
    let error = #expect(throws: KaizenError.self) { _ = try SharedWindow(laidOut: bytes) }
    #expect(error?.message.contains("do not ascend") == true)
  }

  @Test("marks what is absent")
  func absent() throws {
    let shared = try SharedWindow(window())
    let nulls = Dictionary(
      uniqueKeysWithValues: shared.columns.map { ($0.name.string, Int($0.null_count)) })
    #expect(nulls["score"] == 1 && nulls["duration_ms"] == 1 && nulls["memory_mb"] == 3)
    #expect(nulls["generation"] == 1 && nulls["error_type"] == 1 && nulls["time_ns"] == 0)
    var score = try column(shared, "score")
    #expect((0..<3).map { kz_column_has(&score, $0) } == [1, 1, 0])
  }

  @Test("holds the values and the texts")
  func values() throws {
    let shared = try SharedWindow(window())
    let operation = try column(shared, "operation").values.assumingMemoryBound(to: UInt64.self)
    #expect((0..<3).map { operation[$0] } == [7, 7, 8])
    let errors = try column(shared, "error_type")
    let offsets = try #require(errors.offsets)
    let texts = (0..<3).map { row in
      let bytes = UnsafeRawBufferPointer(
        start: errors.values + Int(offsets[row]), count: Int(offsets[row + 1] - offsets[row]))
      return String(decoding: bytes, as: UTF8.self)
    }
    #expect(texts == ["", "größe", "timeout"])
  }

  @Test("may be empty")
  func empty() throws {
    let shared = try SharedWindow(FeedbackWindow())
    #expect(shared.rowCount == 0)
    #expect(shared.columns.count == 10)
  }

  @Test("cannot be changed by anyone who gets it")
  func sealed() throws {
    let shared = try SharedWindow(window())
    #expect(pwrite(shared.file.raw, "x", 1, 0) == -1)
    #expect(ftruncate(shared.file.raw, 0) == -1)
    let writable = mmap(nil, 64, PROT_READ | PROT_WRITE, MAP_SHARED, shared.file.raw, 0)
    #expect(writable == MAP_FAILED)
  }
}
