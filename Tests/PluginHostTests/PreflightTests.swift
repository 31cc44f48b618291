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
    #expect(library.defined.contains("shown"))
    #expect(!library.defined.contains("hidden"))
    #expect(library.undefined.isSuperset(of: ["elsewhere", "cos"]))
    #expect(library.needed.contains("libm.so.6"))
    #expect(!library.hasTextRelocations)
  }

  @Test("finds flags and folders")
  func flags() throws {
    let library = try SharedLibrary(
      path: try build(
        """
        extern __thread int counter __attribute__((tls_model("initial-exec")));
        __thread int counter;
        int next(void) { return ++counter; }
        """, "-Wl,-rpath,/a:/b", "-Wl,--enable-new-dtags", "-z", "execstack"))
    #expect(library.hasStaticStorage)
    #expect(library.wantsExecutableStack)
    #expect(library.runPaths == ["/a", "/b"])
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
