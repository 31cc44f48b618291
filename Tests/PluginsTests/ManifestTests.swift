import CKaizenPlugin
import CPluginRuntime
import JSONStream
import Linux
import Model
import Testing

/// The root of the sources, from where this file stands.
let sources = Files.parent(of: Files.parent(of: Files.parent(of: #filePath)))

@Suite("The root manifest") struct ManifestTests {
  static func components() throws -> [JSONValue] {
    let bytes = try Files.read(sources + "/manifest.json", limit: 1 << 20)
    return try #require(try JSONDocument.parse(bytes)["components"]?.array)
  }

  @Test("agrees with what every library says of itself")
  func agrees() throws {
    let kinds = [
      "analyzer": KZ_KIND_ANALYZER, "applier": KZ_KIND_APPLIER, "scorer": KZ_KIND_SCORER,
    ]
    for entry in try Self.components() {
      let id = try #require(entry["id"]?.string)
      guard let library = entry["entry"]?["library"]?.string else {
        // Programs and functions say nothing of themselves.
        #expect((entry["entry"]?["command"] ?? entry["entry"]?["function"]) != nil, "\(id)")
        continue
      }
      let kind = try #require(kinds[entry["kind"]?.string ?? ""])
      let component = try Component(String(library.dropFirst(3).dropLast(3)), id, kind: kind)
      let said = component.description
      let topics = (0..<Int(said.topic_count)).map { text(said.topics[$0]) }
      let declared = (entry["emits"] ?? entry["handles"] ?? entry["dimensions"])?.array ?? []
      #expect(topics.sorted() == declared.compactMap(\.string).sorted(), "\(id)")
      #expect(text(said.version) == entry["version"]?.string, "\(id)")
      #expect(said.flags & UInt32(KZ_FLAG_PURE) != 0, "\(id)")
      #expect(entry["pure"] == .bool(true), "\(id)")
    }
  }

  @Test("registers every plugin of the source tree, each with its page")
  func complete() throws {
    let registered = try Self.components().compactMap { $0["entry"]?["library"]?.string }
    let folders = try Files.names(in: sources + "/Plugins")
    #expect(registered.sorted() == folders.map { "lib\($0).so" })
    for folder in folders {
      #expect(Files.exists("\(sources)/Plugins/\(folder)/README.md"), "\(folder)")
    }
  }

  @Test("places nothing but analyzers of numbers in the daemon")
  func placement() throws {
    let inside = try Self.components().filter { $0["placement"]?.string == "in-process" }
    #expect(
      inside.compactMap { $0["id"]?.string } == ["success-rate", "response-time", "resources"])
  }
}
