import Testing

/// A file that is only here.
private func file(_ path: String, _ text: String) -> Repository.File {
  Repository.File(path: path, text: text)
}

@Suite("Rules on imports find what they are for") struct ImportRuleTests {
  private func found(_ path: String, _ text: String) -> [String] {
    ImportRules.violations(in: [file(path, text)]).map(\.description)
  }

  @Test(
    "an arrow that points upwards, sideways or past a wrapper",
    arguments: [
      ("Sources/Model/A.swift", "public import Linux"),
      ("Sources/Feedback/A.swift", "internal import Workspace"),
      ("Sources/Quality/A.swift", "import Optimization"),
      ("Sources/Commands/A.swift", "import Daemon"),
      ("Sources/Commands/A.swift", "import Feedback"),
      ("Sources/Workspace/A.swift", "internal import CLinux"),
      ("Sources/kaizen/main.swift", "import Control"),
      ("Plugins/Tuner/A.swift", "import Model"), ("Plugins/Tuner/A.swift", "import PluginHost"),
      ("Sources/Model/A.swift", "import struct Linux.FileDescriptor"),
      ("Sources/Model/A.swift", "@testable import Linux"),
    ])
  func refused(path: String, text: String) {
    #expect(found(path, "\n" + text).count == 1)
    #expect(found(path, "\n" + text).first?.hasPrefix("\(path):2: ") == true)
  }

  @Test(
    "what is allowed, or no import at all",
    arguments: [
      ("Sources/Feedback/A.swift", "public import Model\ninternal import SQLite\nimport Glibc"),
      ("Sources/Optimization/A.swift", "import Feedback\nimport Workspace"),
      ("Sources/Linux/A.swift", "internal import CLinux\nimport struct Glibc.timespec"),
      ("Plugins/Tuner/A.swift", "import KaizenPluginSDK"),
      (
        "Sources/Model/A.swift",
        "// import Linux\nlet text = \"import Linux\"\n/*\nimport Linux\n*/"
      ),
      ("Tests/ModelTests/A.swift", "import Daemon"),
    ])
  func allowed(path: String, text: String) {
    #expect(found(path, text).isEmpty)
  }

  @Test("Foundation, plugins in tests and rooms without a row")
  func others() {
    let files = [
      file("Sources/Model/A.swift", "import Foundation"),
      file("Package.swift", "import Foundation"),
      file("Plugins/Tuner/T.swift", ""), file("Tests/XTests/A.swift", "import Tuner"),
      file("Sources/Cellar/A.swift", ""), file("Sources/Cellar/B.swift", ""),
    ]
    #expect(ImportRules.foundation(in: files).map(\.path) == ["Sources/Model/A.swift"])
    #expect(ImportRules.pluginsInTests(in: files).map(\.path) == ["Tests/XTests/A.swift"])
    #expect(ImportRules.unknownRooms(in: files).map(\.path) == ["Sources/Cellar/A.swift"])
  }

  @Test("the table of the house has no circle")
  func circle() {
    var below = House.allowed
    while let free = below.first(where: { $0.value.allSatisfy { below[$0] == nil } }) {
      below[free.key] = nil
    }
    #expect(below.isEmpty, "\(below.keys.sorted()) import each other")
  }
}

@Suite("Rules on size find what they are for") struct SizeRuleTests {
  private func lines(_ count: Int) -> String { String(repeating: "x\n", count: count) }

  @Test("a file, a program and a README one line too long")
  func long() {
    let files = [
      file("Sources/A/a.c", lines(601)), file("Sources/A/b.swift", lines(600)),
      file("Examples/a.py", lines(601)), file("Sources/kaizen/main.swift", lines(31)),
      file("Sources/kaizend/main.swift", lines(30)), file("README.md", lines(151)),
      file("Plugins/A/README.md", lines(151)),
    ]
    #expect(SizeRules.files(in: files).map(\.path) == ["Sources/A/a.c"])
    #expect(SizeRules.mains(in: files).map(\.path) == ["Sources/kaizen/main.swift"])
    #expect(SizeRules.readme(in: files).map(\.description).first?.contains("151 lines") == true)
  }

  @Test("functions of Swift, with what looks like braces and is none")
  func swift() {
    let text = #"""
      protocol P {
        func requirement(_ body: () -> Void) throws
        init(x: Int)
      }
      extension P where Self: Sendable {
        func one<T>(
          _ body: () -> T = { 1 }
        ) -> T where T: Sendable {
          let s = "}" + "\(f { "}" })" + """
            } \(1) }
            """ + ##"}"#}"##  // }
          /* } /* } */ } */
          return body()
        }
        init() { self.init(x: 1) }
        deinit {
        }
      }
      """#
    #expect(
      FunctionFinder(file("a.swift", text)).functions == [
        .init(name: "one", line: 6, lineCount: 9), .init(name: "init", line: 15, lineCount: 1),
        .init(name: "deinit", line: 16, lineCount: 2),
      ])
  }

  @Test("functions of C and C++")
  func c() {
    let text = """
      #define TWICE(x) do { \\
          x; x; } while (0)
      struct a { int b; };
      static const char *name(int a,
                              int b)
      {
        if (a) { return "}"; }
        for (;;) { char c = '{'; }
      }
      extern "C" {
      int declared(void);
      int two(void) noexcept { return 2; }
      }
      """
    #expect(
      FunctionFinder(file("a.c", text)).functions == [
        .init(name: "name", line: 4, lineCount: 6), .init(name: "two", line: 12, lineCount: 1),
      ])
  }

  @Test("a function of 61 lines, and not one of 60", arguments: [60, 61])
  func functions(count: Int) {
    let text = "func f() {\n" + lines(count - 2) + "}\n"
    let found = SizeRules.functions(in: [file("a.swift", text)])
    #expect(found.count == (count > 60 ? 1 : 0))
  }
}

@Suite("Rules on text find what they are for") struct TextRuleTests {
  @Test(
    "a check that is switched off without a word",
    arguments: [
      "let x = try? f()", "class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 0",
    ])
  func unexplained(code: String) {
    func count(_ text: String) -> Int {
      TextRules.unexplained(in: [file("Sources/A/a.swift", text)]).count
    }
    #expect(count(code) == 1)
    #expect(count("let url = \"a//b\"\n" + code) == 1)
    #expect(count("// because\n\n" + code) == 1)
    #expect(count(code + "  // because") == 0)
    #expect(count("// because\n" + code) == 0)
    #expect(count("// because\n\(code)\n\(code)") == 0)
    #expect(count("let entry: Entry? = nil") == 0)
    #expect(count("/// \(code)") == 0)
    #expect(count("let text = \"\(code)\"") == 0)
  }

  @Test("an unloaded library, and not one that is only spoken of")
  func unloading() {
    let files = [
      file("a.c", "// never dlclose(x)\n  dlclose(handle);"), file("a.swift", "dlclose(handle)"),
      file("b.swift", "let s = \"dlclose(x)\""), file("c.md", "dlclose(x)"),
    ]
    #expect(TextRules.unloading(in: files).map(\.line) == [2, 1])
  }

  @Test("a type that bears the name of its module")
  func namesakes() {
    let files = [
      file("Sources/Quality/a.swift", "public struct Quality {}"),
      file(
        "Sources/Quality/b.swift", "struct QualityScore {}\nlet x = Quality.y // struct Quality"),
      file("Sources/Model/c.swift", "struct Quality {}"),
    ]
    #expect(TextRules.namesakes(in: files).map(\.path) == ["Sources/Quality/a.swift"])
  }

  @Test("a path or a host of one machine")
  func machines() {
    let path = "/ho" + "me/somebody/kaizen"
    let host = "https:/" + "/registry.somewhere.example:8080/x"
    let files = [
      file("a.md", "see \(path)"), file("b.sh", "curl \(host)"),
      file("c.swift", "folder.path + \"\(path)\""),
      file("d.md", "a\(path) https://sqlite.org/"),
      file("e.c", "\"/ho" + "me/\""),
    ]
    #expect(TextRules.machines(in: files).map(\.path) == ["a.md", "b.sh"])
  }
}
