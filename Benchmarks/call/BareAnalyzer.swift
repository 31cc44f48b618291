import CPluginRuntime
import Glibc
import NoopRig

/// The analyzer that does nothing, without a host: a pointer from dlopen, and what it is called on.
///
/// What it holds lives as long as the process.
struct BareAnalyzer {
  typealias Entry =
    @convention(c) (UnsafePointer<kz_host>?, UInt32) -> UnsafePointer<kz_descriptor>?
  typealias Analyze =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<kz_agent_view>?, UnsafePointer<kz_analyzer_sink>?
    ) -> kz_status

  let analyze: Analyze
  let view: UnsafePointer<kz_agent_view>

  init(library path: String) throws {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL),
      let symbol = dlsym(library, "kz_plugin_entry_v1")
    else { throw BenchmarkFailure("\(path): \(dlerror().map { String(cString: $0) } ?? "")") }
    let entry = unsafeBitCast(symbol, to: Entry.self)
    guard let descriptor = entry(nil, 0),
      let table = descriptor.pointee.interface(descriptor, Self.text(KZ_ANALYZER_1)),
      let analyze = table.assumingMemoryBound(to: kz_analyzer.self).pointee.analyze
    else { throw BenchmarkFailure("\(path) has no analyzer") }
    self.analyze = analyze
    view = Self.makeView()
  }

  static func text(_ string: String) -> kz_text {
    kz_text(data: UnsafePointer(strdup(string)), length: UInt64(string.utf8.count))
  }

  private static func makeView() -> UnsafePointer<kz_agent_view> {
    var numbers = kz_numbers()
    numbers.size = UInt32(MemoryLayout<kz_numbers>.size)
    var trend = kz_trend()
    trend.size = UInt32(MemoryLayout<kz_trend>.size)
    var view = kz_agent_view()
    view.size = UInt32(MemoryLayout<kz_agent_view>.size)
    view.agent = text("probe")
    view.now = kept(numbers)
    view.before = kept(numbers)
    view.trend = kept(trend)
    view.agent_json = text("{}")
    return kept(view)
  }

  private static func kept<T>(_ value: T) -> UnsafePointer<T> {
    let copy = UnsafeMutablePointer<T>.allocate(capacity: 1)
    copy.initialize(to: value)
    return UnsafePointer(copy)
  }
}
