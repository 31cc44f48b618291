public import Model

/// What a new plugin is made of.
public struct PluginTemplate: Hashable, Sendable {
  /// What it is written in.
  public enum Language: String, CaseIterable, Sendable {
    /// C11.
    case c
    /// C++17.
    case cpp
    /// Swift 6, on the SDK.
    case swift
    /// Rust 2021, without crates.
    case rust
    /// Any program; the template is Python.
    case command
  }

  /// What it does.
  public enum Kind: String, CaseIterable, Sendable {
    /// Finds opportunities.
    case analyzer
    /// Changes a clone.
    case applier
    /// Scores files.
    case scorer
  }

  /// One file of the new folder.
  public struct File: Hashable, Sendable {
    /// Relative to the folder.
    public var path: String
    /// What it says.
    public var text: String
    /// Whether it is a program.
    public var isExecutable = false
  }

  /// The component, and the folder's name.
  public var id: ComponentID
  /// What it is written in.
  public var language: Language
  /// What it does.
  public var kind: Kind

  /// A plugin of one component.
  public init(id: ComponentID, language: Language, kind: Kind) {
    self.id = id
    self.language = language
    self.kind = kind
  }

  /// What builds it, in its folder; nil where there is nothing to build.
  public var buildCommand: String? { language == .command ? nil : "make" }

  /// The program that `make` calls, which has to be there.
  public var compiler: String? {
    switch language {
    case .c: "cc"
    case .cpp: "c++"
    case .swift: "swiftc"
    case .rust: "rustc"
    case .command: nil
    }
  }

  /// All files of the folder, which is a bundle once it is built.
  public var files: [File] {
    var files = [
      File(path: "manifest.json", text: manifest.text(indent: 2) + "\n"),
      File(path: "README.md", text: readme),
      File(
        path: source, text: filled("\(language.rawValue)/\(kind.rawValue).\(suffix)"),
        isExecutable: language == .command),
    ]
    if language != .command {
      files.append(File(path: "Makefile", text: filled("\(language.rawValue)/Makefile")))
      let header = language == .swift ? "include/kaizen_plugin.h" : "kaizen_plugin.h"
      files.append(File(path: header, text: KitFile.text("kaizen_plugin.h")))
    }
    switch language {
    case .cpp: files.append(File(path: "plugin.hpp", text: KitFile.text("cpp/plugin.hpp")))
    case .rust:
      files.append(File(path: "kaizen_plugin.rs", text: KitFile.text("rust/kaizen_plugin.rs")))
    case .swift:
      files.append(
        File(path: "include/module.modulemap", text: KitFile.text("swift/module.modulemap")))
      files += KitFile.names(in: "sdk/").map { File(path: $0, text: KitFile.text($0)) }
    case .c, .command: break
    }
    return files.sorted { $0.path < $1.path }
  }

  private var suffix: String {
    switch language {
    case .c: "c"
    case .cpp: "cpp"
    case .swift: "swift"
    case .rust: "rs"
    case .command: "py"
    }
  }

  private var source: String { "plugin.\(suffix)" }

  private var manifest: JSONValue {
    var component: [String: JSONValue] = [
      "id": .string(id.text), "kind": .string(kind.rawValue), "version": "0.1.0",
      "entry": language == .command
        ? ["command": .array([.string("./\(source)")])]
        : ["library": .string("lib\(id.text).so")],
      "deadline_ms": 5000,
    ]
    if language != .command { component["pure"] = true }
    switch kind {
    case .analyzer: component["emits"] = ["performance_degradation"]
    case .applier:
      component["handles"] = ["code_smell"]
      component["risk"] = "low"
      component["needs"] = ["write": ["**"]]
    case .scorer: component["dimensions"] = ["maintainability"]
    }
    return [
      "manifest": 1, "name": .string(id.text), "version": "0.1.0",
      "components": .array([.object(component)]),
    ]
  }

  private var readme: String {
    let topics =
      switch kind {
      case .analyzer: "finds (`emits`)"
      case .applier: "acts on (`handles`)"
      case .scorer: "scores (`dimensions`)"
      }
    return filled("README.md")
      .replacing("@KIND@", with: kind.rawValue)
      .replacing("@LANGUAGE@", with: language == .command ? "Python" : language.title)
      .replacing("@SOURCE@", with: source)
      .replacing("    @BUILD@\n", with: buildCommand.map { "    \($0)\n" } ?? "")
      .replacing("@TOPICS@", with: topics)
  }

  private func filled(_ name: String) -> String {
    KitFile.text(name).replacing("@ID@", with: id.text)
  }
}

extension PluginTemplate.Language {
  /// As people write it.
  public var title: String {
    switch self {
    case .c: "C"
    case .cpp: "C++"
    case .swift: "Swift"
    case .rust: "Rust"
    case .command: "a command"
    }
  }
}
