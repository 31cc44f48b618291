import BenchmarkHarness
import Glibc
import Linux
import Model
import Workspace

/// Switches of one agent with that many files.
struct SwitchBench {
  private static let sampleCount = 31
  private static let warmUpCount = 2
  /// In milliseconds.
  private static let switchBar = 10.0

  private let fileCount: Int
  private let report: Report
  private let store: GenerationStore
  private let floor: DiskFloor

  /// Makes the agent in a folder of its own beneath `parent`, and attaches it.
  init(fileCount: Int, in parent: String, _ report: Report) throws {
    self.fileCount = fileCount
    self.report = report
    let folder = "\(parent)/\(fileCount)"
    try Files.makeDirectories(folder + "/home")
    try Files.makeDirectories(folder + "/floor")
    try SmallFiles.write(fileCount, in: folder + "/agents/unit")
    floor = try DiskFloor(folder + "/floor")
    guard let id = AgentID("unit") else { fatalError("\"unit\" is an id") }
    store = GenerationStore(
      layout: try AgentLayout.locate(
        id: id, root: folder + "/agents/unit", home: folder + "/home"),
      paths: PathSet())
    _ = try store.attach(home: folder + "/home")
  }

  /// What a trial does to a clone before it goes live, each clone thrown away after that.
  ///
  /// The one sync is taken out of `place` by doing it just before: what is left is its own work.
  func trials() throws {
    var syncing: [Double] = []
    var placing: [Double] = []
    var checking: [Double] = []
    for round in 0..<(Self.warmUpCount + Self.sampleCount) {
      let stage = try clone(round)
      let manifest = try store.seal(stage)
      let sync = try floor.sync()
      let place = try Samples.nanoseconds { _ = try store.place(stage, manifest) }
      let check = try Samples.nanoseconds { try store.requireUnmoved(from: stage.base) }
      try store.discard(stage)
      try store.emptyTrash()
      if round < Self.warmUpCount { continue }
      syncing.append(sync)
      placing.append(place)
      checking.append(check)
    }
    let bare = Samples(syncing)
    report.figure(metric("sync"), bare, .milliseconds)
    report.figure(
      metric("place_once_synced"), Samples(placing), .milliseconds,
      against: Report.Reference(bare, "syncfs of the new clone, which place does else"))
    report.figure(metric("drift_check"), Samples(checking), .milliseconds)
  }

  private func clone(_ round: Int) throws -> Stage {
    let stage = try store.clone(try store.base())
    try SmallFiles.write(0, in: stage.path, seed: round + 1)
    return stage
  }

  /// Switches between two generations, back and forth, as rollbacks.
  func switches() throws {
    let first = try store.base().number
    let second = try keepOne()
    var whole: [Double] = []
    var untilLive: [Double] = []
    var switching: [Double] = []
    var bare: [Double] = []
    for round in 0..<(Self.warmUpCount + Self.sampleCount) {
      var marks: [Duration] = []
      let began = Clock.monotonic()
      let total = try Samples.nanoseconds {
        _ = try store.rollback(to: round % 2 == 0 ? first : second) { _ in
          marks.append(Clock.monotonic())
        }
      }
      let exchange = try floor.exchange()
      if round < Self.warmUpCount { continue }
      // Told what to store before each step: preparing, switching, committing.
      switching.append(Double((marks[2] - marks[1]).nanoseconds))
      whole.append(total)
      untilLive.append(Double((marks[2] - began).nanoseconds))
      bare.append(exchange)
    }
    report.figure(
      metric("switch"), Samples(switching), .milliseconds, bar: Self.switchBar,
      against: Report.Reference(
        Samples(bare), "renameat2(EXCHANGE) of two empty directories and fsync of their parent"))
    report.figure(
      metric("rollback_until_live"), Samples(untilLive), .milliseconds, bar: Self.switchBar)
    report.figure(
      metric("rollback_whole"), Samples(whole), .milliseconds, bar: Self.switchBar)
  }

  /// A trial that is kept.
  private func keepOne() throws -> GenerationNumber {
    let stage = try clone(0)
    let placed = try store.place(stage, try store.seal(stage))
    try store.switchTo(placed)
    _ = try store.settle(placed)
    _ = try store.commit(placed)
    return placed.manifest.number
  }

  private func metric(_ name: String) -> String { "\(name)_\(fileCount)_files" }
}
