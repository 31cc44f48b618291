/// Arrows of the house point downwards, and plugins know the contract alone.
enum ImportRules {
  typealias File = Repository.File
  typealias Violation = Repository.Violation

  /// Imports of rooms, plugins and programs that the table does not allow.
  static func violations(in files: [File]) -> [Violation] {
    files.filter { $0.isSwift && $0.isBeneath("Sources", "Plugins") }.flatMap { file in
      imports(of: file).compactMap { line, module in
        guard let fix = refusal(file, module) else { return nil }
        return Violation(
          path: file.path, line: line, found: "\(file.room) imports \(module)", fix: fix)
      }
    }
  }

  /// Rooms that the table does not know, once each.
  static func unknownRooms(in files: [File]) -> [Violation] {
    var known: Set<String> = []
    return files.filter { $0.isSwift && $0.isBeneath("Sources") }.compactMap { file in
      guard House.allowed[file.room] == nil, known.insert(file.room).inserted else { return nil }
      return Violation(
        path: file.path, line: 1, found: "the room \(file.room) is not in the house",
        fix: "give it a row in Tests/RepositoryTests/House.swift")
    }
  }

  /// Tests that link a plugin: all tests are one binary, and would have its entry symbol twice.
  static func pluginsInTests(in files: [File]) -> [Violation] {
    let plugins = Set(files.filter { $0.isBeneath("Plugins") }.map(\.room))
    return files.filter { $0.isSwift && $0.isBeneath("Tests") }.flatMap { file in
      imports(of: file).filter { plugins.contains($0.module) }.map { line, module in
        Violation(
          path: file.path, line: line, found: "a test imports the plugin \(module)",
          fix: "load its library by dlopen, through the plugin host")
      }
    }
  }

  /// Foundation, which doubles the time and memory of a start.
  static func foundation(in files: [File]) -> [Violation] {
    files.filter { $0.isSwift && $0.path != "Package.swift" }.flatMap { file in
      imports(of: file).filter { $0.module == "Foundation" }.map { line, _ in
        Violation(
          path: file.path, line: line, found: "Foundation is imported",
          fix: "import FoundationEssentials, or call the system through the room Linux")
      }
    }
  }

  /// What to do about an import; nil where it is allowed.
  private static func refusal(_ file: File, _ module: String) -> String? {
    if House.toolchain.contains(module) || module == "Foundation" { return nil }
    if file.isBeneath("Plugins") {
      return House.pluginImports.contains(module)
        ? nil : "a plugin knows CKaizenPlugin, KaizenPluginSDK and SourceCode alone"
    }
    if let importers = House.importers[module] {
      return importers.contains(file.room)
        ? nil : "only \(importers.sorted().joined(separator: ", ")) does: go through it"
    }
    if House.allowed[file.room]?.contains(module) ?? false { return nil }
    let isSideways = House.domain.contains(file.room) && House.domain.contains(module)
    return isSideways
      ? "domain rooms do not know each other: declare a protocol here, Optimization joins them"
      : "arrows point downwards (DESIGN, the house): move the code, or declare a protocol here"
  }

  /// Every import with its line number.
  static func imports(of file: File) -> [(line: Int, module: String)] {
    let marks: Set = ["public", "internal", "package", "private", "fileprivate", "@preconcurrency"]
    return file.source.code.enumerated().compactMap { index, line in
      guard line.hasBytes("import") else { return nil }
      var words = line.split { $0 == " " || $0 == "\t" || $0 == ";" }.map(String.init)[...]
      while let word = words.first, marks.contains(word) || word.hasPrefix("@testable") {
        words = words.dropFirst()
      }
      guard words.count >= 2, words.first == "import" else { return nil }
      // `import struct Glibc.timespec` names the module after the kind.
      let kinds: Set = ["class", "enum", "func", "let", "protocol", "struct", "typealias", "var"]
      let name =
        kinds.contains(words[words.startIndex + 1]) ? words.dropFirst(2) : words.dropFirst()
      guard let module = name.first?.split(separator: ".").first else { return nil }
      return (index + 1, String(module))
    }
  }
}
