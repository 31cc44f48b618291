import CKaizenPlugin
import CPluginRuntime
import TestSupport
import Testing

@Suite("Opening a library") struct LibraryTests {
  private func refusal(_ path: String) -> Refusal {
    var error = kzr_error()
    #expect(kzr_open(path, &error) == nil)
    return Refusal(error)
  }

  @Test("tells what the library says of itself, checked and copied")
  func describes() throws {
    let directory = try TemporaryDirectory()
    let path = try Compiler.fixture("life_cycle", in: directory)
    var error = kzr_error()
    let library = try #require(kzr_open(path, &error), "\(message(error))")
    #expect(kzr_component_count(library) == 1)
    let component = try #require(kzr_component(library, 0)).pointee
    #expect(text(component.id) == "life-cycle")
    #expect(text(component.version) == "2.1.0")
    #expect(component.kind == KZ_KIND_ANALYZER && component.flags == KZ_FLAG_PURE)
    let topics = UnsafeBufferPointer(start: component.topics, count: Int(component.topic_count))
    #expect(topics.map(text) == ["error_pattern", "tool_upgrade"])
    #expect(kzr_component(library, 1) == nil)
    #expect(kzr_open(path, &error) == library, "opened once")
  }

  @Test("refuses a missing file by its path")
  func missing() {
    let refused = refusal("/nowhere/libx.so")
    #expect(refused.code == KZR_FILE)
    #expect(refused.description == "/nowhere/libx.so: No such file or directory")
  }

  @Test("refuses a name without a slash, which dlopen would search for")
  func bareName() {
    #expect(refusal("libm.so.6").code == KZR_FILE)
  }

  @Test("refuses a text file, an executable of another machine, and a folder")
  func notLibrary() throws {
    let directory = try TemporaryDirectory()
    #expect(refusal(try directory.write("a.so", "#!/bin/sh\n")).code == KZR_NOT_LIBRARY)
    #expect(refusal(directory.path).code == KZR_NOT_LIBRARY)
    var elf = [UInt8](repeating: 0, count: 64)
    elf.replaceSubrange(0..<7, with: [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1])  // ELFCLASS32
    let path = directory.path + "/b.so"
    try directory.write("b.so", String(decoding: elf, as: UTF8.self))
    let refused = refusal(path)
    #expect(refused.code == KZR_NOT_LIBRARY)
    #expect(refused.description.contains("another machine"))
  }

  @Test("refuses a library whose symbols are missing, with the linker's words")
  func unresolved() throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write("x.c", "int gone(void); int here(void) { return gone(); }\n")
    let path = directory.path + "/x.so"
    try Compiler.run(["cc"] + Compiler.sharedLibrary + ["-o", path, source], in: directory)
    let refused = refusal(path)
    #expect(refused.code == KZR_LOAD)
    #expect(refused.description.contains("undefined symbol: gone"))
  }

  @Test(
    "refuses what is no plugin of this contract",
    arguments: [
      ("no_entry", KZR_ENTRY, "does not export kz_plugin_entry_v1"),
      ("newer_abi", KZR_ENTRY, "exports kz_plugin_entry_v2, a newer contract"),
      ("null_entry", KZR_EMPTY, "kz_plugin_entry_v1 returned NULL for index 0"),
      ("small_descriptor", KZR_DESCRIPTOR, "descriptor 0 has size 64, expected"),
    ])
  func notPlugin(fixture: String, code: Int, words: String) throws {
    let directory = try TemporaryDirectory()
    let refused = refusal(try Compiler.fixture(fixture, in: directory))
    #expect(refused.code == code)
    #expect(refused.description.contains(words), "\(refused)")
  }

  @Test("names what there is where the manifest's id or kind is another")
  func otherComponent() throws {
    let wrongID = #expect(throws: Refusal.self) {
      try LoadedComponent("other_id", id: "good", kind: KZ_KIND_ANALYZER)
    }
    #expect(wrongID?.code == KZR_COMPONENT)
    #expect(
      wrongID?.description.hasSuffix("no component \"good\"; it has: analyzer \"somebody-else\"")
        == true)
    let wrongKind = #expect(throws: Refusal.self) {
      try LoadedComponent("other_id", id: "somebody-else", kind: KZ_KIND_SCORER)
    }
    #expect(wrongKind?.code == KZR_KIND)
    #expect(wrongKind?.description.hasSuffix("is of kind analyzer, expected scorer") == true)
  }

  @Test("refuses a component without the interface of its kind")
  func noInterface() throws {
    let refused = #expect(throws: Refusal.self) {
      try LoadedComponent("no_interface", id: "no-interface", kind: KZ_KIND_ANALYZER)
    }
    #expect(refused?.code == KZR_INTERFACE)
    #expect(
      refused?.description == "component \"no-interface\" has no interface \"kz.analyzer/1\"")
  }

  @Test("every code has a name of its own")
  func codeNames() {
    let names = (0...UInt32(KZR_LIMIT)).map { String(cString: kzr_code_name($0)) }
    #expect(Set(names).count == names.count)
    #expect(String(cString: kzr_code_name(9999)) == "E_PLUGIN_UNKNOWN")
    #expect(kzr_code_hint(UInt32(KZR_ENTRY)) != nil && kzr_code_hint(9999) == nil)
  }
}
