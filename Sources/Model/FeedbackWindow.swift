/// The feedback of one agent over one span of time, as columns in the order of time.
///
/// Every column has `count` rows. A missing number is NaN; a missing error type is index −1; a
/// missing generation is 0. The plugin host turns this into the Arrow layout once an analysis.
public struct FeedbackWindow: Hashable, Sendable {
  /// Nanoseconds since the Unix epoch.
  public var times: [Int64] = []
  /// Index into `FeedbackType.allCases`.
  public var types: [UInt8] = []
  /// Index into `FeedbackSource.allCases`.
  public var sources: [UInt8] = []
  /// In [0, 1].
  public var scores: [Double] = []
  /// Milliseconds.
  public var durations: [Double] = []
  /// MiB.
  public var memory: [Double] = []
  /// Percent of one CPU.
  public var cpu: [Double] = []
  /// Index into `errorTypes`.
  public var errors: [Int32] = []
  /// A number that is equal for records of one operation, within this window.
  public var operations: [UInt64] = []
  /// The generation that did the work.
  public var generations: [Int64] = []
  /// The distinct error types.
  public var errorTypes: [String] = []
  /// Older rows that did not fit.
  public var droppedCount = 0

  /// Makes an empty window.
  public init() {}

  /// The rows of one generation alone.
  /// - Complexity: O(n) for n rows.
  public func only(_ generation: GenerationNumber) -> FeedbackWindow {
    let rows = generations.indices.filter { generations[$0] == Int64(generation.value) }
    var part = FeedbackWindow()
    part.times = rows.map { times[$0] }
    part.types = rows.map { types[$0] }
    part.sources = rows.map { sources[$0] }
    part.scores = rows.map { scores[$0] }
    part.durations = rows.map { durations[$0] }
    part.memory = rows.map { memory[$0] }
    part.cpu = rows.map { cpu[$0] }
    part.errors = rows.map { errors[$0] }
    part.operations = rows.map { operations[$0] }
    part.generations = rows.map { generations[$0] }
    part.errorTypes = errorTypes
    part.droppedCount = droppedCount
    return part
  }

  /// Rows in each column.
  public var count: Int { times.count }
}
