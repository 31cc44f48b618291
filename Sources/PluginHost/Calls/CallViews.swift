internal import CPluginRuntime
internal import Linux
import Model

/// What a call passes to a component, as the structs of kaizen_plugin.h.
struct CallViews {
  /// Owns what the structs point to.
  private let arena = CallArena()
  /// The component sees the files here; nil where they lie.
  private let context: CallContext
  private let now: Int64

  init(_ context: CallContext, nowNanoseconds: Int64) {
    self.context = context
    now = nowNanoseconds
  }

  /// Lends the view of one analysis.
  func analyze<R>(
    _ input: AnalysisInput, _ body: (UnsafePointer<kz_agent_view>) -> R
  ) -> R {
    withExtendedLifetime((arena, input.window)) {
      var view = kz_agent_view()
      view.size = size(view)
      view.agent = arena.text(context.agent.text)
      view.sla_ns = UInt64(clamping: context.serviceLevel?.nanoseconds ?? 0)
      view.generation = UInt64(clamping: context.generation?.value ?? 0)
      view.now_ns = now
      view.now = arena.value(numbers(context.metrics))
      view.before = arena.value(numbers(context.previous ?? AgentMetrics()))
      view.trend = arena.value(trend(input.trend))
      view.errors = arena.array(
        context.metrics.errors.map {
          kz_error_count(type: arena.text($0.type), count: UInt64(clamping: $0.count))
        })
      view.error_count = UInt32(context.metrics.errors.count)
      view.columns = input.window?.columns.baseAddress
      view.column_count = UInt32(input.window?.columns.count ?? 0)
      view.root = arena.text(input.files?.pathInside ?? "")
      let names = (input.files?.names ?? []).sorted()
      view.files = arena.texts(names)
      view.file_count = UInt32(names.count)
      view.agent_json = arena.text(context.descriptor.text())
      view.facts_json = arena.text(input.facts.text())
      return body(arena.value(view))
    }
  }

  /// Lends one plan item.
  func apply<R>(_ input: ApplyInput, _ body: (UnsafePointer<kz_plan_item>) -> R) -> R {
    withExtendedLifetime(arena) {
      let opportunity = input.item.opportunity
      var item = kz_plan_item()
      item.size = size(item)
      item.severity = Self.severity(opportunity.severity)
      item.opportunity = arena.text(input.item.opportunityID)
      item.type = arena.text(opportunity.type.rawValue)
      item.title = arena.text(opportunity.title)
      item.component = arena.text(opportunity.component.text)
      item.evidence_json = arena.text(opportunity.evidence.text())
      item.strength = opportunity.strength
      item.agent = arena.text(context.agent.text)
      item.generation = UInt64(clamping: context.generation?.value ?? 0)
      item.now_ns = now
      item.root = arena.text(input.clone.pathInside)
      let names = input.clone.names.sorted()
      item.files = arena.texts(names)
      item.file_count = UInt32(names.count)
      item.agent_json = arena.text(context.descriptor.text())
      item.history_json = arena.text(input.history.text())
      return body(arena.value(item))
    }
  }

  /// Lends one tree of files.
  func score<R>(_ input: ScoreInput, _ body: (UnsafePointer<kz_tree_view>) -> R) -> R {
    withExtendedLifetime(arena) {
      var tree = kz_tree_view()
      tree.size = size(tree)
      tree.now_ns = now
      tree.root = arena.text(input.files.pathInside)
      let names = input.files.names.sorted()
      tree.files = arena.texts(names)
      tree.file_count = UInt32(names.count)
      return body(arena.value(tree))
    }
  }

  /// The numbers of one span; a double without data is NaN.
  private func numbers(_ metrics: AgentMetrics) -> kz_numbers {
    var numbers = kz_numbers()
    numbers.size = size(numbers)
    numbers.records = UInt64(clamping: metrics.recordCount)
    numbers.operations = UInt64(clamping: metrics.operationCount)
    numbers.successes = UInt64(clamping: metrics.successCount)
    numbers.failures = UInt64(clamping: metrics.failureCount)
    numbers.errors = UInt64(clamping: metrics.errorCount)
    numbers.mean_ms = metrics.meanMilliseconds ?? .nan
    numbers.p50_ms = metrics.medianMilliseconds ?? .nan
    numbers.p95_ms = metrics.p95Milliseconds ?? .nan
    numbers.quality = metrics.quality ?? .nan
    numbers.memory_mb = metrics.memoryMegabytes ?? .nan
    numbers.cpu_percent = metrics.cpuPercent ?? .nan
    return numbers
  }

  private func trend(_ trend: Trend?) -> kz_trend {
    var value = kz_trend()
    value.size = size(value)
    value.days = UInt32(clamping: trend?.dayCount ?? 0)
    value.slope_per_day = trend?.slopePerDay ?? .nan
    value.p_value = trend?.pValue ?? .nan
    return value
  }

  private func size<T>(_ value: T) -> UInt32 { UInt32(MemoryLayout<T>.size) }

  static func severity(_ severity: Severity) -> UInt32 {
    switch severity {
    case .low: UInt32(KZ_SEVERITY_LOW)
    case .medium: UInt32(KZ_SEVERITY_MEDIUM)
    case .high: UInt32(KZ_SEVERITY_HIGH)
    case .critical: UInt32(KZ_SEVERITY_CRITICAL)
    }
  }
}
