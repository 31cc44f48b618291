import CKaizenPlugin
import CPluginRuntime
import Linux
import TestSupport
import Testing

@Suite("The author's guide") struct GuideTests {
  /// The text of each code block of that language in docs/plugins.md.
  private func blocks(_ language: String) throws -> [String] {
    let path = Compiler.packageRoot + "/docs/plugins.md"
    let text = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
    var blocks: [String] = []
    var open: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```\(language)" {
        open = []
      } else if line == "```", let lines = open {
        blocks.append(lines.joined(separator: "\n") + "\n")
        open = nil
      } else {
        open?.append(line)
      }
    }
    return blocks
  }

  @Test("has a C analyzer that compiles strictly and finds the stragglers of a window")
  func analyzer() throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write("stragglers.c", try #require(try blocks("c").first))
    let library = directory.path + "/libstragglers.so"
    try Compiler.run(
      ["cc", "-std=c11"] + HeaderTests.strict + Compiler.sharedLibrary + ["-o", library, source],
      in: directory)
    var error = kzr_error()
    let opened = try #require(kzr_open(library, &error), "\(message(error))")
    let collector = Collector()
    let instance = try #require(
      kzr_create(opened, 0, lasting("{}"), 0, 0, collector.log, &error), "\(message(error))")
    defer { kzr_destroy(instance, nil) }
    #expect(kzr_activate(instance, &error))
    var call = kzr_call(id: 1, now_ns: 0, seed: 0, control: nil, events: collector.events)
    let durations = [Double](repeating: 5, count: 40) + [51, 60]
    let code = durations.withUnsafeBytes { values in
      let column = kz_column(
        name: lasting("duration_ms"), format: lasting("g"), length: UInt64(durations.count),
        null_count: 0, validity: nil, values: values.baseAddress, offsets: nil)
      return withUnsafePointer(to: column) { column in
        Sample.withView(columns: UnsafeBufferPointer(start: column, count: 1)) { view in
          var now = view.pointee.now.pointee
          now.p50_ms = 5
          return withUnsafePointer(to: &now) { now in
            var view = view.pointee
            view.now = now
            return kzr_analyze(instance, &view, &call, &error)
          }
        }
      }
    }
    #expect(code == KZR_OK)
    #expect(
      collector.lines == [
        "performance_degradation some operations take over ten times the median 0.5 "
          + "{\"slow\":2,\"of\":42,\"median_ms\":5}"
      ])
  }

  @Test("shows the Swift plugin that the SDK documents")
  func swiftPlugin() throws {
    let sdk = Compiler.packageRoot + "/Sources/KaizenPluginSDK/Plugin.swift"
    let source = String(decoding: try Files.read(sdk, limit: 1 << 20), as: UTF8.self)
    let comment = source.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { $0.hasPrefix("///") }.map { $0.dropFirst($0.hasPrefix("/// ") ? 4 : 3) }
      .joined(separator: "\n")
    #expect(comment.contains(try #require(try blocks("swift").first)))
  }

  @Test("names every error code that the loader has")
  func codes() throws {
    let path = Compiler.packageRoot + "/docs/plugins.md"
    let text = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
    for code in UInt32(KZR_FILE)...UInt32(KZR_STOPPED) where code != KZR_STATE {
      #expect(text.contains("`\(String(cString: kzr_code_name(code)))`"))
    }
  }
}
