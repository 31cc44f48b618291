public import Linux
public import Model

/// Lines for people or programs on stderr; logging never fails and never waits.
///
/// A line that cannot be written, because the disk is full, the descriptor closed or the reader of
/// the pipe asleep, is dropped and counted, and the next line that gets through says how many.
public struct Log: Sendable {
  /// How much a line matters.
  public enum Level: String, CaseIterable, Sendable, Comparable {
    case debug, info, warning, error

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    /// By how much it matters, least first.
    public static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
  }

  /// How a line looks.
  public enum Format: String, CaseIterable, Sendable {
    /// `2026-11-20T10:15:30.250Z info workspace: cloned agent=a files=12`.
    case text
    /// One JSON object a line.
    case json
  }

  /// The least level written.
  public let level: Level
  private let format: Format
  private let source: String
  private let sink: LogSink
  private let now: @Sendable () -> Instant

  /// Makes a log on an open descriptor that outlives it; stderr unless given otherwise.
  public init(
    level: Level = .info, format: Format = .text, source: String = "kaizen",
    descriptor: Int32 = 2,
    now: @escaping @Sendable () -> Instant = { Instant(nanoseconds: Clock.wallNanoseconds()) }
  ) {
    self.init(level, format, source, LogSink(descriptor: descriptor), now)
  }

  private init(
    _ level: Level, _ format: Format, _ source: String, _ sink: LogSink,
    _ now: @escaping @Sendable () -> Instant
  ) {
    self.level = level
    self.format = format
    self.source = source
    self.sink = sink
    self.now = now
  }

  /// The same log for another part of the program.
  public func from(_ source: String) -> Log { Log(level, format, source, sink, now) }

  /// Lines that could not be written so far.
  public var droppedCount: Int { sink.droppedCount }

  /// For those who look for a fault.
  public func debug(_ message: @autoclosure () -> String, _ fields: [String: JSONValue] = [:]) {
    write(.debug, message, fields)
  }

  /// What an operator wants to know.
  public func info(_ message: @autoclosure () -> String, _ fields: [String: JSONValue] = [:]) {
    write(.info, message, fields)
  }

  /// Something went wrong and was dealt with.
  public func warning(_ message: @autoclosure () -> String, _ fields: [String: JSONValue] = [:]) {
    write(.warning, message, fields)
  }

  /// Something went wrong that a person should look at.
  public func error(_ message: @autoclosure () -> String, _ fields: [String: JSONValue] = [:]) {
    write(.error, message, fields)
  }

  private func write(_ level: Level, _ message: () -> String, _ fields: [String: JSONValue]) {
    if level < self.level { return }
    let line = LogLine(
      time: now(), level: level, source: source, message: message(), fields: fields)
    sink.write { droppedCount in line.bytes(format, droppedCount: droppedCount) }
  }
}
