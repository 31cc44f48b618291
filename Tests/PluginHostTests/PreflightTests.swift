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
    #expect(findings.map(\.check) == ["library.needed"])
    #expect(findings.first?.found.contains("libgone.so") == true)
  }

  @Test("what is no library is said to be none", arguments: ["", "text", "\u{7F}ELF"])
  func garbage(text: String) throws {
    let path = try folder.write("lib.so", text)
    let findings = LibraryPreflight.findings(of: path, exporting: "x")
    #expect(findings.map(\.check) == ["library.file"])
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
}
