import Linux
import Model
import TestSupport
import Testing

@testable import PluginKit

@Suite("A plugin's template") struct PluginTemplateTests {
  static let all = PluginTemplate.Language.allCases.flatMap { language in
    PluginTemplate.Kind.allCases.map { (language, $0) }
  }

  private func template(
    _ language: PluginTemplate.Language, _ kind: PluginTemplate.Kind
  ) throws -> PluginTemplate {
    PluginTemplate(id: try #require(ComponentID("my.probe-1")), language: language, kind: kind)
  }

  private func text(_ path: String, of template: PluginTemplate) throws -> String {
    try #require(template.files.first { $0.path == path }).text
  }

  @Test("has a manifest, a page and one source, and nothing left to fill in", arguments: all)
  func files(language: PluginTemplate.Language, kind: PluginTemplate.Kind) throws {
    let made = try template(language, kind)
    let paths = made.files.map(\.path)
    #expect(paths.contains("manifest.json"))
    #expect(paths.contains("README.md"))
    #expect(paths.filter { $0.hasPrefix("plugin.") && $0 != "plugin.hpp" }.count == 1)
    #expect(paths == paths.sorted())
    #expect(Set(paths).count == paths.count)
    for file in made.files where !file.path.hasSuffix("kaizen_plugin.h") {
      #expect(!file.text.contains("@ID@"), "\(file.path)")
      for word in ["@KIND@", "@LANGUAGE@", "@SOURCE@", "@BUILD@", "@TOPICS@"] {
        #expect(!file.text.contains(word), "\(file.path)")
      }
      #expect(file.text.hasSuffix("\n"), "\(file.path)")
    }
    #expect(made.files.filter(\.isExecutable).count == (language == .command ? 1 : 0))
  }

  @Test("says the same in the manifest and in the source", arguments: all)
  func agreement(language: PluginTemplate.Language, kind: PluginTemplate.Kind) throws {
    let made = try template(language, kind)
    let manifest = try text("manifest.json", of: made)
    #expect(manifest.contains(#""id": "my.probe-1""#))
    #expect(manifest.contains(#""kind": "\#(kind.rawValue)""#))
    let topic =
      switch kind {
      case .analyzer: #""performance_degradation""#
      case .applier: #""code_smell""#
      case .scorer: #""maintainability""#
      }
    #expect(manifest.contains(topic))
    let source = try #require(
      made.files.first { $0.path.hasPrefix("plugin.") && $0.path != "plugin.hpp" })
    #expect(source.text.contains("my.probe-1"))
    #expect(kind == .applier && language == .command || source.text.contains(topic))
  }

  @Test("carries the contract and the whole SDK as they are in the sources")
  func sources() throws {
    let swift = try template(.swift, .analyzer)
    let header = try Files.read(Compiler.contractFolder + "/kaizen_plugin.h", limit: 1 << 20)
    #expect(
      try text("include/kaizen_plugin.h", of: swift) == String(decoding: header, as: UTF8.self))
    let folder = Compiler.packageRoot + "/Sources/KaizenPluginSDK"
    let names = try Files.names(in: folder).sorted()
    #expect(swift.files.map(\.path).filter { $0.hasPrefix("sdk/") } == names.map { "sdk/\($0)" })
    for name in names {
      let bytes = try Files.read("\(folder)/\(name)", limit: 1 << 20)
      #expect(try text("sdk/\(name)", of: swift) == String(decoding: bytes, as: UTF8.self))
    }
  }
}
