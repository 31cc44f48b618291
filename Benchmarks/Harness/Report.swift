internal import Glibc
internal import Model

/// What a benchmark prints: one JSON object a line, the machine first.
public struct Report: Sendable {
  /// What figures are in.
  public enum Unit: String, Sendable {
    /// 10⁻⁹ seconds.
    case nanoseconds = "ns"
    /// 10⁻⁶ seconds.
    case microseconds = "us"
    /// 10⁻³ seconds.
    case milliseconds = "ms"
    /// 10⁶ bytes, of samples in bytes.
    case megabytes = "MB"
    /// Things, of samples that are numbers of them.
    case count = "count"
    /// Hundredths, of samples in such.
    case percent = "%"

    /// What samples are divided by: they are in nanoseconds or in bytes.
    var scale: Double {
      switch self {
      case .nanoseconds, .count, .percent: 1
      case .microseconds: 1e3
      case .milliseconds, .megabytes: 1e6
      }
    }
  }

  /// What a figure is held against, measured in the same run.
  public struct Reference: Sendable {
    let samples: Samples
    let what: String

    /// A floor or a peer: `samples` in nanoseconds of `what`.
    public init(_ samples: Samples, _ what: String) {
      self.samples = samples
      self.what = what
    }
  }

  private let bench: String

  /// Starts the report of one benchmark.
  ///
  /// Ends the process where this is no release build: its figures would mean nothing.
  public init(_ bench: String) {
    #if DEBUG
      let text = "bench-\(bench): this is a debug build; run `make bench ONLY=\(bench)`\n"
      _ = Glibc.write(STDERR_FILENO, text, text.utf8.count)
      exit(2)
    #else
      self.bench = bench
    #endif
  }

  /// Prints what the figures were taken on; with a path, its file system too.
  public func machine(fileSystemOf path: String? = nil) {
    var machine = Machine.description.object ?? [:]
    if let path { machine["file_system"] = .string(Machine.fileSystem(of: path)) }
    write(["bench": .string(bench), "machine": .object(machine)])
  }

  /// Prints one figure: the median of `samples`, which are in nanoseconds or bytes.
  /// - Parameter bar: what the median is to stay within, in `unit`; nil where there is none.
  public func figure(
    _ metric: String, _ samples: Samples, _ unit: Unit, bar: Double? = nil,
    against reference: Reference? = nil
  ) {
    var line: [String: JSONValue] = [
      "bench": .string(bench), "metric": .string(metric), "unit": .string(unit.rawValue),
      "value": Self.rounded(samples.median / unit.scale),
      "p95": Self.rounded(samples.p95 / unit.scale),
      "samples": .integer(Int64(samples.count)),
    ]
    if let bar {
      line["bar"] = .number(bar)
      line["within_bar"] = .bool(samples.median <= bar * unit.scale)
    }
    if let reference {
      let floor = reference.samples.median
      line["ratio"] = Self.rounded(samples.median / floor)
      line["against"] = .string(reference.what)
      line["against_value"] = Self.rounded(floor / unit.scale)
    }
    write(line)
  }

  /// Prints one figure that is not a time and was looked at once, such as what a process holds.
  /// - Parameters:
  ///   - bar: what it is to stay within, as `value` in bytes, nanoseconds or things.
  ///   - reference: what it is held against, in the same, and what that is.
  public func state(
    _ metric: String, _ value: Double, _ unit: Unit, bar: Double? = nil,
    against reference: (value: Double, what: String)? = nil
  ) {
    var line: [String: JSONValue] = [
      "bench": .string(bench), "metric": .string(metric), "unit": .string(unit.rawValue),
      "value": Self.rounded(value / unit.scale),
    ]
    if let bar {
      line["bar"] = Self.rounded(bar / unit.scale)
      line["within_bar"] = .bool(value <= bar)
    }
    if let reference {
      // Of nothing there is no ratio.
      if reference.value != 0 { line["ratio"] = Self.rounded(value / reference.value) }
      line["against"] = .string(reference.what)
      line["against_value"] = Self.rounded(reference.value / unit.scale)
    }
    write(line)
  }

  /// Four digits: the rest is noise.
  private static func rounded(_ value: Double) -> JSONValue {
    if value == 0 { return .number(0) }
    let scale = pow(10, 3 - floor(log10(abs(value))))
    return .number((value * scale).rounded() / scale)
  }

  private func write(_ line: [String: JSONValue]) {
    print(JSONValue.object(line).text())
    fflush(nil)  // a program that follows writes to the same place
  }
}
