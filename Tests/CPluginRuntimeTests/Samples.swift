import CKaizenPlugin
import CPluginRuntime

/// Views for calls, with every part filled, that live as long as the body runs.
enum Sample {
  static func numbers(operations: UInt64) -> kz_numbers {
    var numbers = kz_numbers()
    numbers.size = size(of: kz_numbers.self)
    numbers.records = operations + 1
    numbers.operations = operations
    numbers.mean_ms = 12.5
    numbers.quality = .nan
    return numbers
  }

  /// Three rows: durations 10, absent, 30; error types "timeout", absent, "oom".
  static func withColumns<R>(_ body: (UnsafeBufferPointer<kz_column>) throws -> R) rethrows -> R {
    let durations: [Double] = [10, 99, 30]
    let types = Array("timeoutoom".utf8)
    let offsets: [Int32] = [0, 7, 7, 10]
    let validity: [UInt8] = [0b101]
    return try durations.withUnsafeBytes { durations in
      try types.withUnsafeBytes { types in
        try offsets.withUnsafeBufferPointer { offsets in
          try validity.withUnsafeBufferPointer { validity in
            let columns = [
              kz_column(
                name: lasting("duration_ms"), format: lasting("g"), length: 3, null_count: 1,
                validity: validity.baseAddress, values: durations.baseAddress, offsets: nil),
              kz_column(
                name: lasting("error_type"), format: lasting("u"), length: 3, null_count: 1,
                validity: validity.baseAddress, values: types.baseAddress,
                offsets: offsets.baseAddress),
            ]
            return try columns.withUnsafeBufferPointer(body)
          }
        }
      }
    }
  }

  static func withView<R>(
    agent: String = "demo", files: Int = 2, columns: UnsafeBufferPointer<kz_column>? = nil,
    _ body: (UnsafePointer<kz_agent_view>) throws -> R
  ) rethrows -> R {
    var now = numbers(operations: 40)
    var before = numbers(operations: 30)
    var trend = kz_trend(
      size: size(of: kz_trend.self), days: 7, slope_per_day: -0.02, p_value: 0.01)
    let paths = [kz_text](repeating: lasting("tools/a.py"), count: files)
    var error = kz_error_count(type: lasting("timeout"), count: 3)
    return try agent.withText { agent in
      try paths.withUnsafeBufferPointer { paths in
        try withUnsafePointer(to: &now) { now in
          try withUnsafePointer(to: &before) { before in
            try withUnsafePointer(to: &trend) { trend in
              try withUnsafePointer(to: &error) { error in
                var view = kz_agent_view()
                view.size = size(of: kz_agent_view.self)
                view.agent = agent
                view.now_ns = 1_700_000_000_000_000_000
                (view.now, view.before, view.trend) = (now, before, trend)
                (view.errors, view.error_count) = (error, 1)
                view.root = lasting("/agents/demo")
                (view.files, view.file_count) = (paths.baseAddress, UInt32(files))
                view.columns = columns?.baseAddress
                view.column_count = UInt32(columns?.count ?? 0)
                view.agent_json = lasting("{}")
                view.facts_json = lasting(#"{"tools":[]}"#)
                return try body(&view)
              }
            }
          }
        }
      }
    }
  }

  static func withItem<R>(
    root: String, files: [kz_text], _ body: (UnsafePointer<kz_plan_item>) throws -> R
  ) rethrows -> R {
    try root.withText { root in
      try files.withUnsafeBufferPointer { files in
        var item = kz_plan_item()
        item.size = size(of: kz_plan_item.self)
        item.severity = UInt32(KZ_SEVERITY_HIGH)
        item.opportunity = lasting("o-1")
        item.type = lasting("code_smell")
        item.title = lasting("smells")
        item.component = lasting("nose")
        item.evidence_json = lasting("{}")
        item.agent = lasting("demo")
        item.root = root
        item.files = files.baseAddress
        item.file_count = UInt32(files.count)
        item.agent_json = lasting("{}")
        item.history_json = lasting(history)
        return try body(&item)
      }
    }
  }

  /// Static memory: kz_text_of borrows.
  static let history: StaticString = "[]"

  static func withTree<R>(
    files: [kz_text], _ body: (UnsafePointer<kz_tree_view>) throws -> R
  ) rethrows -> R {
    try files.withUnsafeBufferPointer { files in
      var tree = kz_tree_view()
      tree.size = size(of: kz_tree_view.self)
      tree.root = lasting("/agents/demo")
      tree.files = files.baseAddress
      tree.file_count = UInt32(files.count)
      return try body(&tree)
    }
  }
}

/// A text whose bytes are a literal's, and so live for ever.
func lasting(_ literal: StaticString) -> kz_text {
  literal.withUTF8Buffer { bytes in
    bytes.withMemoryRebound(to: CChar.self) {
      kz_text(data: $0.baseAddress, length: UInt64($0.count))
    }
  }
}
