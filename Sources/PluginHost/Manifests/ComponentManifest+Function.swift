internal import CPluginRuntime
import Model

extension ComponentManifest {
  /// A function of any shared library: where it is, what it is given and what its result means.
  public struct Function: Hashable, Sendable {
    /// A path with a slash, relative to the manifest or absolute; else the dynamic linker's to find.
    public var library: String
    /// Its name in the library.
    public var symbol: String
    /// How it is called; the grammar is in docs/plugins.md.
    public var signature: String
    /// What it is given.
    public var input = Input.files(pattern: nil)
    /// What its results mean.
    public var output = Output()

    /// What a function is given.
    public enum Input: Hashable, Sendable {
      /// Numbers of the agent, in one call.
      case metrics([Metric])
      /// The bytes of one file of the agent.
      case file(String)
      /// The bytes of each file that the pattern matches, one call each.
      case files(pattern: String?)

      /// Whether its worker has to see the agent's files.
      var needsFiles: Bool {
        if case .metrics = self { false } else { true }
      }
    }

    /// A number of the agent that a function can be given.
    public enum Metric: String, CaseIterable, Hashable, Sendable {
      case successRate = "success_rate"
      case errorRate = "error_rate"
      case meanMilliseconds = "mean_ms"
      case medianMilliseconds = "p50_ms"
      case p95Milliseconds = "p95_ms"
      case quality
      case memoryMegabytes = "memory_mb"
      case cpuPercent = "cpu_percent"
      case records
      case operations
    }

    /// What comes out of a call.
    public enum Outcome: String, CaseIterable, Hashable, Sendable {
      /// The function's result.
      case result
      /// The length it leaves behind the out buffer's pointer.
      case length
    }

    /// What a call's outcome is counted for.
    public enum Measure: String, CaseIterable, Hashable, Sendable {
      /// Each call as much as the other.
      case call
      /// Each byte of the input: the outcomes' sum by the bytes' sum.
      case byte
    }

    /// How a score in [0, 1] is made of the outcomes.
    public struct Output: Hashable, Sendable {
      /// The dimension that is scored.
      public var dimension = ""
      /// What of each call counts.
      public var value = Outcome.result
      /// What it counts for.
      public var measure = Measure.call
      /// The outcome whose score is 0.
      public var worst = 0.0
      /// The outcome whose score is 1.
      public var best = 1.0
      /// The results that are success; nil where all are.
      public var okResults: [Int64]?
    }

    /// Makes a function; its input and output are read beside its entry.
    public init(library: String, symbol: String, signature: String) {
      self.library = library
      self.symbol = symbol
      self.signature = signature
    }
  }

  /// The object `entry.function`.
  static func readFunction(_ reader: inout FieldReader) -> Function? {
    let library = reader.string("library", required: true)
    let symbol = reader.string("symbol", required: true)
    let text = reader.string("signature", required: true)
    if let text { _ = parsed(text, &reader) }
    reader.finish()
    guard let library, let symbol, let text else { return nil }
    if symbol.isEmpty || symbol.utf8.count > Limit.symbolBytes || symbol.utf8.contains(0) {
      reader.report(
        "symbol", expected: "a name of 1 to \(Limit.symbolBytes) bytes",
        found: "one of \(symbol.utf8.count) bytes", fix: "`nm -D` on the library shows the names")
    }
    var path: String? = library
    if RelativePath.isBundled(library) { path = readPath(library, "library", &reader) }
    // With its slash, so that it is not taken for a name the dynamic linker looks up.
    if let normal = path, RelativePath.isBundled(library), !normal.contains("/") {
      path = "./\(normal)"
    }
    if library.isEmpty || library.utf8.count > Limit.libraryBytes || library.utf8.contains(0) {
      reader.report(
        "library", expected: "a name or path of 1 to \(Limit.libraryBytes) bytes",
        found: "one of \(library.utf8.count) bytes",
        fix: "write \"libm.so.6\", or \"./lib.so\" for a file of the bundle")
    }
    return path.map { Function(library: $0, symbol: symbol, signature: text) }
  }

  private static func parsed(_ text: String, _ reader: inout FieldReader) -> kzr_signature? {
    var signature = kzr_signature()
    var error = kzr_error()
    let arena = CallArena()
    if kzr_signature_parse(arena.text(text), &signature, &error) { return signature }
    reader.report(
      "signature", expected: "a signature such as \"f64(f64)\" or \"u64(bytes)\"",
      found: String(cString: kzr_error_message(&error)),
      fix: "docs/plugins.md has the grammar")
    return nil
  }

  /// `function` with the component's `input` and `output`, which its signature has to fit.
  static func completed(
    _ function: Function, _ kind: ComponentKind?, _ reader: inout FieldReader
  ) -> Function {
    if let kind, kind != .scorer {
      reader.report(
        "entry.function", expected: "a component of kind \"scorer\"", found: "\"\(kind.rawValue)\"",
        fix: "make it a scorer, or wrap the function in a library")
    }
    var function = function
    if let text = reader.string("input", required: true) {
      function.input = readInput(text, &reader)
    }
    let file = reader.file
    if let output = reader.nested("output", required: true, { readOutput(&$0) }) {
      function.output = output
    }
    var ignored = FieldReader([:], file: file)  // a bad signature was reported at its own place
    if let signature = parsed(function.signature, &ignored) {
      check(function, signature, &reader)
    }
    return function
  }

  /// `metric:NAME`, `metrics:NAME,NAME`, `file:PATH`, `files` or `files:PATTERN`.
  private static func readInput(_ text: String, _ reader: inout FieldReader) -> Function.Input {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? String(parts[1]) : nil
    switch (String(parts[0]), rest) {
    case ("metric", let names?), ("metrics", let names?):
      let words = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let metrics = words.compactMap(Function.Metric.init(rawValue:))
      if metrics.count == words.count, metrics.count <= Int(KZR_NUMBERS_MAX) {
        return .metrics(metrics)
      }
      let known = Function.Metric.allCases.map(\.rawValue).joined(separator: ", ")
      reader.report(
        "input", expected: "metrics out of \(known)", found: "\"\(names.prefix(140))\"",
        fix: "write \"metric:success_rate\"")
    case ("file", let path?):
      if let path = readPath(path, "input", &reader) { return .file(path) }
    case ("files", nil): return .files(pattern: nil)
    case ("files", let pattern?) where !pattern.isEmpty: return .files(pattern: pattern)
    default:
      reader.report(
        "input",
        expected: "\"metric:NAME\", \"metrics:NAME,NAME\", \"file:PATH\", \"files\" or "
          + "\"files:PATTERN\"", found: "\"\(text.prefix(140))\"", fix: "write one of them")
    }
    return .files(pattern: nil)
  }

  private static func readOutput(_ reader: inout FieldReader) -> Function.Output? {
    var output = Function.Output()
    let wide = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    if let name = reader.string("dimension", required: true) {
      output.dimension = name
      if !Identifier.isValid(name) {
        reader.report(
          "dimension", expected: Identifier.form, found: "\"\(name.prefix(140))\"",
          fix: "write a name of that form")
      }
    }
    output.value = reader.word("value", Function.Outcome.self) ?? .result
    output.measure = reader.word("per", Function.Measure.self) ?? .call
    output.worst = reader.number("worst", in: wide) ?? 0
    output.best = reader.number("best", in: wide) ?? 1
    if let list = reader.value("ok_results") {
      output.okResults = (list.array ?? []).compactMap(\.integer)
      if output.okResults?.count != list.array?.count || list.array?.isEmpty != false {
        reader.report(
          "ok_results", expected: "a list of integers", found: list.text(), fix: "write [0]")
      }
    }
    if output.worst == output.best {
      reader.report(
        "best", expected: "another number than \"worst\"", found: "\(output.best)",
        fix: "name the outcome that deserves the score 1")
    }
    reader.finish()
    return output
  }

  /// Whether what the function is given and asked for is what its signature takes and leaves.
  private static func check(
    _ function: Function, _ signature: kzr_signature, _ reader: inout FieldReader
  ) {
    if case .metrics(let metrics) = function.input {
      if signature.takes_data {
        reader.report(
          "input", expected: "\"file:PATH\" or \"files\": the signature takes bytes or utf8",
          found: "metrics", fix: "correct one of them")
      } else if !signature.takes_array, metrics.count != Int(signature.numbers) {
        reader.report(
          "input", expected: "\(signature.numbers) metrics, as the signature takes",
          found: "\(metrics.count)", fix: "name as many, or give parameters a value: i32=0")
      }
    } else if !signature.takes_data {
      reader.report(
        "input", expected: "metrics: the signature takes no bytes and no utf8", found: "files",
        fix: "correct one of them")
    }
    if function.output.value == .length, !signature.leaves_length {
      reader.report(
        "output.value", expected: "\"result\": the signature has no out[…]:&length",
        found: "\"length\"", fix: "correct one of them")
    }
    if function.output.measure == .byte, !signature.takes_data {
      reader.report(
        "output.per", expected: "\"call\": metrics have no bytes", found: "\"byte\"",
        fix: "leave it out")
    }
  }
}
