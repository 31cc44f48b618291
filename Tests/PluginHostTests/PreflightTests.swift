import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("Reading a library without running it") struct PreflightTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("kaizen-preflight") }

  private func build(_ source: String, _ flags: String...) throws -> String {
    let path = try folder.write("probe.c", source)
    let library = folder.path + "/libprobe.so"
    try Compiler.run(
      ["cc", "-shared", "-fPIC", "-o", library, path] + flags, in: folder)
    return library
  }

  @Test("finds what is exported, needed and missing")
  func symbols() throws {
    let library = try SharedLibrary(
      path: try build(
        """
        #include <math.h>
        extern int elsewhere(void);
        static int hidden(void) { return elsewhere(); }
        double shown(double x) { return cos(x) + hidden(); }
        """, "-lm"))
    let (defined, undefined, needed) = (library.defined, library.undefined, library.needed)
    #expect(defined.contains("shown"))
    #expect(!defined.contains("hidden"))
    #expect(undefined.isSuperset(of: ["elsewhere", "cos"]))
    #expect(needed.contains("libm.so.6"))
  }

  @Test("finds flags and folders")
  func flags() throws {
    let library = try SharedLibrary(
      path: try build(
        """
        __thread int counter __attribute__((tls_model("initial-exec")));
        int next(void) { return ++counter; }
        """, "-Wl,-rpath,/a:/b", "-Wl,--enable-new-dtags", "-z", "execstack"))
    // One by one: a failure would print the whole file.
    let flags = [
      library.hasStaticStorage, library.wantsExecutableStack, library.hasTextRelocations,
    ]
    #expect(flags == [true, true, false])
    let paths = library.runPaths
    #expect(paths == ["/a", "/b"])
  }

  @Test("names a library that is needed and nowhere")
  func needed() throws {
    let inner = try build("int inner(void) { return 1; }")
    let gone = folder.path + "/libgone.so"
    try Files.replace(gone, with: try Files.read(inner, limit: 1 << 20), mode: 0o644)
    let path = try build(
      "extern int inner(void); int kz_plugin_entry_v1(void) { return inner(); }",
      "-Wl,--no-as-needed", "-L" + folder.path, "-lgone")
    let findings = LibraryPreflight.findings(of: path, exporting: "kz_plugin_entry_v1")
    // The copy has no name of its own, so that the linker wrote down the file's.
    #expect(findings.map(\.rule) == ["library.needed"])
    #expect(findings.first?.found.contains("libgone.so") == true)
  }

  @Test("what is no library is said to be none", arguments: ["", "text", "\u{7F}ELF"])
  func garbage(text: String) throws {
    let path = try folder.write("lib.so", text)
    let findings = LibraryPreflight.findings(of: path, exporting: "x")
    #expect(findings.map(\.rule) == ["library.file"])
    #expect(findings.first?.severity == .error)
  }

  @Test("a library cut or changed anywhere never makes it read outside the file")
  func harmed() throws {
    let whole = try Files.read(
      try build("int kz_plugin_entry_v1(void) { return 1; }"), limit: 1 << 20)
    for count in stride(from: 0, to: whole.count, by: 97) {
      _ = try? SharedLibrary(Array(whole[..<count]), lookingFor: ["x"])  // any answer will do
    }
    for at in 0..<2048 {
      var bytes = whole
      bytes[at * 7 % whole.count] = at % 2 == 0 ? 0xFF : 0x80
      _ = try? SharedLibrary(bytes, lookingFor: ["x"])  // as above
    }
  }

  /// `value` in the machine's order at `at` of `bytes`.
  private func put(_ value: UInt64, _ count: Int, at: Int, in bytes: inout [UInt8]) {
    for index in 0..<count { bytes[at + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  @Test(
    "numbers far too large lead nowhere",
    arguments: [
      (32, 8), (40, 8), (54, 2), (56, 2), (58, 2), (60, 2),  // the headers' places, sizes, counts
    ])
  func counts(at: Int, count: Int) throws {
    let whole = try Files.read(
      try build("int kz_plugin_entry_v1(void) { return 1; }"), limit: 1 << 20)
    for value in [UInt64.max, UInt64.max / 2, UInt64(whole.count), UInt64(whole.count) - 1, 1] {
      var bytes = whole
      put(value, count, at: at, in: &bytes)
      _ = try? SharedLibrary(bytes, lookingFor: ["x"])  // any answer will do
    }
  }

  @Test("no more names are read than there is room for, however often they are said")
  func names() throws {
    // 200,000 symbols, all with one name of 4,000 bytes: 800 MB of text in 5 MB of file.
    let symbolCount = 200_000
    let header = 64
    let segment = 56
    let strings = header + 2 * segment
    let symbols = strings + 4096
    let sections = symbols + 24 * symbolCount
    var bytes = [UInt8](repeating: 0, count: sections + 3 * 64)
    bytes.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
    for (at, count, value) in [
      (16, 2, 3), (18, 2, Int(SharedLibrary.machine)), (32, 8, header), (40, 8, sections),
      (54, 2, segment), (56, 2, 2), (58, 2, 64), (60, 2, 3),
      (header, 4, 2), (header + 8, 8, strings), (header + 32, 8, 0),  // an empty dynamic section
      (sections + 64 + 4, 4, 11), (sections + 64 + 24, 8, symbols),
      (sections + 64 + 32, 8, 24 * symbolCount), (sections + 64 + 40, 4, 2),
      (sections + 128 + 4, 4, 3), (sections + 128 + 24, 8, strings), (sections + 128 + 32, 8, 4096),
    ] { put(UInt64(value), count, at: at, in: &bytes) }
    for at in strings + 1..<strings + 4001 { bytes[at] = UInt8(ascii: "a") }
    for symbol in 0..<symbolCount {
      let at = symbols + 24 * symbol
      put(1 + UInt64(symbol % 8), 4, at: at, in: &bytes)
      bytes[at + 4] = 0x12
      bytes[at + 6] = 1
    }
    let library = try SharedLibrary(bytes)
    #expect(library.isCut)
    let count = library.defined.count
    #expect(count == 8)
  }

  @Test("finds the symbols of a library without a list of sections")
  func stripped() throws {
    var bytes = try Files.read(
      try build("int kz_plugin_entry_v1(void) { return 1; }"), limit: 1 << 20)
    for at in [40, 58, 60] { put(0, at == 40 ? 8 : 2, at: at, in: &bytes) }
    let isThere = try SharedLibrary(bytes).defined.contains("kz_plugin_entry_v1")
    #expect(isThere)
    let path = folder.path + "/libstripped.so"
    try Files.replace(path, with: bytes, mode: 0o644)
    #expect(LibraryPreflight.findings(of: path, exporting: "kz_plugin_entry_v1") == [])
  }

  @Test("two libraries that need each other end somewhere")
  func cycle() throws {
    let one = folder.path + "/libone.so"
    let two = folder.path + "/libtwo.so"
    let source = try folder.write("both.c", "int kz_plugin_entry_v1(void) { return 1; }")
    let always = ["-Wl,--no-as-needed", "-Wl,-rpath,$ORIGIN", "-L" + folder.path]
    for (out, other) in [(one, nil), (two, "-lone"), (one, "-ltwo")] {
      try Compiler.run(
        ["cc", "-shared", "-fPIC", "-o", out, source] + always + (other.map { [$0] } ?? []),
        in: folder)
    }
    #expect(LibraryPreflight.findings(of: one, exporting: "kz_plugin_entry_v1") == [])
  }

  @Test("names a Swift runtime that a bundle brings along")
  func runtime() throws {
    let path = try build("int kz_plugin_entry_v1(void) { return 1; }")
    try folder.write("libswiftCore.so", "")
    let findings = LibraryPreflight.findings(of: path, exporting: "kz_plugin_entry_v1")
    #expect(findings.map(\.rule) == ["library.runtime"])
    let linked = try build(
      "int kz_plugin_entry_v1(void) { return 1; } void swift_retain(void) {}")
    #expect(
      LibraryPreflight.findings(of: linked, exporting: "kz_plugin_entry_v1").count == 2)
  }

  @Test("names code that is changed when it is loaded")
  func relocations() throws {
    let path = try build(
      """
      __asm__(".text\\n.global kz_plugin_entry_v1\\nkz_plugin_entry_v1: ret\\n.quad kz_plugin_entry_v1");
      """, "-Wl,-z,notext")
    let findings = LibraryPreflight.findings(of: path, exporting: "kz_plugin_entry_v1")
    #expect(findings.map(\.rule) == ["library.relocations"])
  }

  @Test("names a library for another machine, and one that is a program")
  func machine() throws {
    let whole = try Files.read(
      try build("int kz_plugin_entry_v1(void) { return 1; }"), limit: 1 << 20)
    for (at, value) in [(4, 1), (16, 2), (18, 40)] {
      var bytes = whole
      put(UInt64(value), at == 4 ? 1 : 2, at: at, in: &bytes)
      let path = folder.path + "/libother.so"
      try Files.replace(path, with: bytes, mode: 0o644)
      let findings = LibraryPreflight.findings(of: path, exporting: "kz_plugin_entry_v1")
      #expect(findings.map(\.rule) == ["library.file"])
    }
  }
}
