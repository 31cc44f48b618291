internal import CPluginRuntime
import Model

/// What one call of a function is given.
enum FunctionInput: Hashable, Sendable {
  case numbers([Double])
  /// The bytes of a file, by its path in the sandbox.
  case file(String)

  /// Bytes of its message, beside the header: two counts, then either.
  var byteCount: Int {
    switch self {
    case .numbers(let numbers): 8 + numbers.count * 8
    case .file(let path): 8 + path.utf8.count
    }
  }

  /// Lends it as the wire's struct.
  func lend(_ body: (UnsafePointer<kzw_invocation>) -> Bool) -> Bool {
    var invocation = kzw_invocation()
    switch self {
    case .numbers(let numbers):
      return numbers.withUnsafeBufferPointer { numbers in
        invocation.numbers = numbers.baseAddress
        invocation.number_count = UInt32(numbers.count)
        return body(&invocation)
      }
    case .file(var path):
      return path.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in
          invocation.path = kz_text(data: bytes.baseAddress, length: UInt64(bytes.count))
          return body(&invocation)
        }
      }
    }
  }
}

/// Makes one score of the outcomes of a function's calls.
struct FunctionScore {
  let function: ComponentManifest.Function
  private var sum = 0.0
  private var count = 0.0

  init(_ function: ComponentManifest.Function) { self.function = function }

  /// Takes what one call returned; nil, or the result that is no success.
  mutating func add(_ returned: kzr_returned) -> Int64? {
    let output = function.output
    if let okay = output.okResults {
      let result = Int64(bitPattern: returned.bits)
      if !okay.contains(result) { return result }
    }
    let value = output.value == .length ? Double(returned.length) : returned.value
    switch output.measure {
    case .call:
      sum += share(value)
      count += 1
    case .byte:
      sum += value
      count += Double(returned.input_bytes)
    }
    return nil
  }

  /// The score; nil where nothing was to be scored.
  ///
  /// NaN stays NaN, which is refused as a score.
  var value: Double? {
    if count == 0 { return nil }
    return function.output.measure == .call ? sum / count : share(sum / count)
  }

  /// Where `outcome` lies between the worst and the best.
  private func share(_ outcome: Double) -> Double {
    let (worst, best) = (function.output.worst, function.output.best)
    let share = (outcome - worst) / (best - worst)
    return share.isNaN ? share : min(1, max(0, share))
  }
}

extension ComponentManifest.Function {
  /// What its calls are given for `request`; nil where the agent has no such number yet.
  func inputs(for request: CallRequest) -> [FunctionInput]? {
    let folder = request.files?.pathInside ?? "/"
    let names = (request.files?.names ?? []).sorted()
    switch input {
    case .metrics(let metrics):
      let numbers = metrics.compactMap { $0.value(in: request.context.metrics) }
      return numbers.count == metrics.count ? [.numbers(numbers)] : nil
    case .file(let name): return names.contains(name) ? [.file("\(folder)/\(name)")] : []
    case .files(let pattern):
      let pattern = pattern.map { PathPattern($0) }
      return names.filter { pattern?.matches($0) ?? true }.map { .file("\(folder)/\($0)") }
    }
  }
}

extension ComponentManifest.Function.Metric {
  /// The number of an agent; nil without data.
  func value(in metrics: AgentMetrics) -> Double? {
    switch self {
    case .successRate: metrics.successRate
    case .errorRate: metrics.errorRate
    case .meanMilliseconds: metrics.meanMilliseconds
    case .medianMilliseconds: metrics.medianMilliseconds
    case .p95Milliseconds: metrics.p95Milliseconds
    case .quality: metrics.quality
    case .memoryMegabytes: metrics.memoryMegabytes
    case .cpuPercent: metrics.cpuPercent
    case .records: Double(metrics.recordCount)
    case .operations: Double(metrics.operationCount)
    }
  }
}
