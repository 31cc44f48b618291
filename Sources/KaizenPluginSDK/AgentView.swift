/// One agent as it stands, lent until `analyze` returns.
public struct AgentView: ~Copyable {
  private let raw: UnsafePointer<kz_agent_view>

  init(_ raw: UnsafePointer<kz_agent_view>) { self.raw = raw }

  /// The agent's id.
  public var id: String { String(raw.pointee.agent) }
  /// The response time it promises; nil where it promises none.
  public var slaMilliseconds: Double? {
    raw.pointee.sla_ns == 0 ? nil : Double(raw.pointee.sla_ns) / 1e6
  }
  /// The generation that is live; nil for an agent without one.
  public var generation: UInt64? { raw.pointee.generation == 0 ? nil : raw.pointee.generation }
  /// The end of the window, in nanoseconds since 1970 UTC.
  public var nowNanoseconds: Int64 { raw.pointee.now_ns }

  /// This window in numbers.
  public var now: Numbers { Numbers(raw.pointee.now.pointee) }
  /// The window of the same length before it.
  public var before: Numbers { Numbers(raw.pointee.before.pointee) }
  /// How the success rate moves from day to day; nil below five days with data.
  public var trend: Trend? { Trend(raw.pointee.trend.pointee) }

  /// Error types of this window and how many operations had each, most frequent first.
  public var errors: [(type: String, count: UInt64)] {
    UnsafeBufferPointer(start: raw.pointee.errors, count: Int(raw.pointee.error_count)).map {
      (String($0.type), $0.count)
    }
  }

  /// The agent's files, read-only; nil for an agent that is known from its feedback alone.
  public var tree: Tree? {
    raw.pointee.root.length == 0
      ? nil
      : Tree(root: raw.pointee.root, files: raw.pointee.files, count: raw.pointee.file_count)
  }
  /// The agent's descriptor (agent.json), a JSON object.
  public var json: String { String(raw.pointee.agent_json) }

  /// What else is known of the agent; empty where the host is too old to say.
  /// - Throws: `PluginFailure` where the host sent no JSON object.
  public func facts() throws(PluginFailure) -> Facts {
    // R1: an older host's view ends before the field.
    guard
      let end = MemoryLayout<kz_agent_view>.offset(of: \.facts_json).map({
        $0 + MemoryLayout<kz_text>.size
      }), Int(raw.pointee.size) >= end, raw.pointee.facts_json.length > 0
    else { return Facts() }
    return Facts(try JSONNode(parsing: String(raw.pointee.facts_json)))
  }

  // The window's records, oldest first, all columns of the same length; nothing is copied. A column
  // must not be kept past `analyze`.

  /// When, in nanoseconds since 1970 UTC.
  public var times: Column<Int64> { column("time_ns", format: "l") }
  /// `KZ_TYPE_…`.
  public var types: Column<UInt8> { column("type", format: "C") }
  /// `KZ_SOURCE_…`.
  public var sources: Column<UInt8> { column("source", format: "C") }
  /// In [0, 1].
  public var scores: Column<Double> { column("score", format: "g") }
  /// How long the operation took, in milliseconds.
  public var durations: Column<Double> { column("duration_ms", format: "g") }
  /// Peak resident memory, in MiB.
  public var memory: Column<Double> { column("memory_mb", format: "g") }
  /// CPU time ÷ wall time, in percent.
  public var cpu: Column<Double> { column("cpu_percent", format: "g") }
  /// A hash of the operation's id.
  public var operations: Column<UInt64> { column("operation", format: "L") }
  /// The generation that did the work.
  public var generations: Column<Int64> { column("generation", format: "l") }
  /// The sort of error.
  public var errorTypes: TextColumn { TextColumn(named("error_type", format: "u")) }

  /// A column by name and Arrow format string; empty where the window has none such.
  public func column<Value>(
    _ name: String, format: String, of type: Value.Type = Value.self
  ) -> Column<Value> {
    Column(named(name, format: format))
  }

  private func named(_ name: String, format: String) -> kz_column? {
    guard
      let column = kz_column_named(raw.pointee.columns, raw.pointee.column_count, name),
      kz_text_is(column.pointee.format, format) == 1
    else { return nil }
    return column.pointee
  }
}
