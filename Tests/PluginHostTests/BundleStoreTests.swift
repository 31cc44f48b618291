import Glibc
import Hashing
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("Copies of bundles") struct BundleStoreTests {
  private let folder: TemporaryDirectory
  private let store: BundleStore
  private let source: String

  init() throws {
    folder = try TemporaryDirectory()
    store = BundleStore(directory: folder.path + "/state/bundles")
    source = folder.path + "/plugin"
    try folder.write("plugin/lib.so", "code")
    try folder.write("plugin/data/words.txt", "words")
    try folder.write("plugin/run", "#!/bin/sh\n", mode: 0o755)
  }

  private func install(
    _ names: [String]? = nil, pins: [String: Digest] = [:], pinned: Set<String> = [],
    trust: FileTrust = .dropped
  ) throws(KaizenError) -> BundleStore.Bundle {
    try store.install(from: source, names: names, pins: pins, pinned: pinned, trust: trust)
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    stat(path, &status)
    return status.st_mode & 0o777
  }

  @Test("hold everything, readable for all and writable for none")
  func whole() throws {
    let bundle = try install()
    #expect(bundle.path == "\(store.directory)/\(bundle.digest.hex)")
    #expect(try text(bundle.path + "/data/words.txt") == "words")
    #expect(mode(bundle.path + "/lib.so") == 0o444)
    #expect(mode(bundle.path + "/run") == 0o555)
    #expect(mode(bundle.path + "/data") == 0o755)
    #expect(try Files.names(in: store.directory) == [bundle.digest.hex])
  }

  @Test("hold only what is named where a manifest names files")
  func some() throws {
    let bundle = try install(["lib.so"])
    #expect(try FileTree.paths(in: bundle.path) == ["lib.so"])
  }

  @Test("are used again while their digest holds, and made anew when it does not")
  func reuse() throws {
    let bundle = try install()
    var before = stat()
    stat(bundle.path + "/lib.so", &before)
    #expect(try install() == bundle)
    var after = stat()
    stat(bundle.path + "/lib.so", &after)
    #expect(before.st_ino == after.st_ino)
    chmod(bundle.path + "/lib.so", 0o644)
    try FileDescriptor.open(bundle.path + "/lib.so", O_WRONLY | O_TRUNC).writeAll("evil".utf8)
    #expect(try install() == bundle)
    #expect(try text(bundle.path + "/lib.so") == "code")
  }

  @Test(
    "have another digest when a name, a byte or an execute bit differs",
    arguments: ["name", "byte", "bit"])
  func digest(change: String) throws {
    let before = try install()
    switch change {
    case "name": rename(source + "/lib.so", source + "/lib2.so")
    case "byte": try folder.write("plugin/lib.so", "codf")
    default: chmod(source + "/lib.so", 0o755)
    }
    let after = try install()
    #expect(before.digest != after.digest)
    #expect(Files.exists(before.path))  // what runs from it runs on
  }

  @Test("keep what was copied when the source is replaced")
  func immune() throws {
    let bundle = try install()
    try folder.write("plugin/lib.so", "evil")
    #expect(try text(bundle.path + "/lib.so") == "code")
  }

  @Test("are refused where a pin does not hold")
  func pins() throws {
    let right = try #require(Digest(hex: SHA256.hex(of: "code")))
    let wrong = try #require(Digest(hex: SHA256.hex(of: "other")))
    #expect(throws: Never.self) { try install(pins: ["lib.so": right]) }
    for attempt in 1...2 {  // the second finds the copy of the first, and checks it all the same
      let error = #expect(throws: KaizenError.self) { try install(pins: ["lib.so": wrong]) }
      #expect(error?.code == "E_PLUGIN_PIN", "attempt \(attempt)")
      #expect(error?.message.contains("\(source)/lib.so: expected SHA-256 \(wrong.short)") == true)
    }
    let error = #expect(throws: KaizenError.self) { try install(pins: ["gone.so": right]) }
    #expect(error?.message.contains("found no file") == true)
  }

  @Test("are refused for a file that is not pinned where others are, the manifest left out")
  func extra() throws {
    try folder.write("plugin/manifest.json", "{}")
    for attempt in 1...2 {
      let error = #expect(throws: KaizenError.self) { try install(pinned: ["lib.so", "run"]) }
      #expect(error?.code == "E_PLUGIN_PIN", "attempt \(attempt)")
      #expect(error?.message.contains("\(source)/data/words.txt") == true)
    }
    #expect(throws: Never.self) { try install(pinned: ["lib.so", "run", "data/words.txt"]) }
    // A copy that is there already is held to the same.
    #expect(throws: KaizenError.self) { try install(pinned: ["lib.so", "run"]) }
  }

  @Test("are refused for a file that is missing, a link, a FIFO or writable by others")
  func refused() throws {
    let missing = #expect(throws: KaizenError.self) { try install(["no.so"]) }
    #expect(missing?.code == "E_PLUGIN_MISSING")
    #expect(missing?.message.contains("\(source)/no.so") == true)
    chmod(source + "/data/words.txt", 0o646)
    let unsafe = #expect(throws: KaizenError.self) { try install() }
    #expect(unsafe?.code == "E_PLUGIN_UNSAFE")
    #expect(unsafe?.message.contains("words.txt") == true)
    chmod(source + "/data/words.txt", 0o644)
    symlink("/etc/passwd", source + "/link")
    #expect(throws: KaizenError.self) { try install() }
    unlink(source + "/link")
    mkfifo(source + "/fifo", 0o600)
    let fifo = #expect(throws: KaizenError.self) { try install() }
    #expect(fifo?.message.contains("\(source)/fifo") == true)
    #expect(try Files.names(in: store.directory) == [])
  }

  @Test("of the daemon's own build may come from a folder of its group")
  func ownBuild() throws {
    chmod(source + "/lib.so", 0o664)
    #expect(throws: KaizenError.self) { try install(["lib.so"], trust: .dropped) }
    #expect(throws: Never.self) { try install(["lib.so"], trust: .ownBuild) }
  }

  @Test("no longer needed are removed, and so is what a crash left")
  func clean() throws {
    let kept = try install()
    try folder.write("plugin/lib.so", "newer")
    let old = try install()
    try folder.write("state/bundles/.incoming-1-1/half", "x")
    store.removeUnneeded(keeping: [kept.digest])
    #expect(try Files.names(in: store.directory) == [kept.digest.hex])
    #expect(kept != old)
  }

  @Test("cannot be made where the folder cannot be written")
  func full() throws {
    try folder.write("file", "x")
    let store = BundleStore(directory: folder.path + "/file/bundles")
    let error = #expect(throws: KaizenError.self) {
      try store.install(from: source, names: nil, pins: [:], trust: .dropped)
    }
    #expect(error?.code == "E_PLUGIN_BUNDLE")
    #expect(error?.message.contains(store.directory) == true)
  }
}
