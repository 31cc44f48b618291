import Testing

@testable import SourceCode

@Suite("Telling code, comments and strings apart") struct ScannerTests {
  /// The text with comments as `#` and the inside of strings as `.`.
  private func map(_ text: String, _ language: Language) -> String {
    let source = SourceText(Array(text.utf8), language)
    let bytes = zip(source.bytes, source.parts).map { byte, part -> UInt8 in
      if byte == UInt8(ascii: "\n") { return byte }
      switch part {
      case .code: return byte
      case .comment: return UInt8(ascii: "#")
      case .text: return UInt8(ascii: ".")
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "Python",
    arguments: [
      ("x = 'a#b'  # c\n", "x = '...'  ###\n"),
      ("x = '''a\n'b'\n''' + \"\\\"\"\n", "x = '''.\n...\n''' + \"..\"\n"),
      ("f'{a}' r\"\\\"\n", "f'...' r\"..\n"), ("x = 'open\ny = 1\n", "x = '....\ny = 1\n"),
      ("#!/usr/bin/python3\nx\n", "##################\nx\n"),
    ])
  func python(text: String, expected: String) { #expect(map(text, .python) == expected) }

  @Test(
    "JavaScript",
    arguments: [
      ("a = \"//\"; // b\n", "a = \"..\"; ####\n"), ("a /* b\nc */ d\n", "a ####\n#### d\n"),
      ("a = `x${f('y')}z`\n", "a = `.${f('.')}.`\n"), ("a = b / c / d\n", "a = b / c / d\n"),
      ("s.split(/['\"]/g, 'x')\n", "s.split(/...../g, '.')\n".replacing(".....", with: "....")),
      ("return /a\\/b/.test(x)\n", "return /..../.test(x)\n"),
      ("x = (1) / 2 / 3\n", "x = (1) / 2 / 3\n"), ("x = $ / a$ / 3\n", "x = $ / a$ / 3\n"),
      ("`a${ {b: `c${d}`} }e`\n", "`.${ {b: `.${d}`} }.`\n"),
    ])
  func javaScript(text: String, expected: String) { #expect(map(text, .javaScript) == expected) }

  @Test(
    "shell",
    arguments: [
      ("echo a#b '#' \"#\" # c\n", "echo a#b '.' \".\" ###\n"),
      ("echo $# ${#x}\n", "echo $# ${#x}\n"),
      ("x=\"a $(b \"c\" ) d\"\n", "x=\"..$(b \".\" )..\"\n"),
      ("echo \\\" # c\n", "echo \\\" ###\n"),
      ("cat <<E\na 'b\nE\nc\n", "cat <<E\n....\n.\nc\n"),
      ("cat <<-'E' | x # d\n\ta\n\tE\nc\n", "cat <<-'E' | x ###\n..\n..\nc\n"),
      ("cat <<A <<B\n'1\nA\n'2\nB\nc\n", "cat <<A <<B\n..\n.\n..\n.\nc\n"),
      ("x=$((1 << y)) # c\n", "x=$((1 << y)) ###\n"),
      ("cat <<< \"a\" # c\n", "cat <<< \".\" ###\n"), ("x=$'a\\'b' # c\n", "x=$'....' ###\n"),
      ("x='a\nb' # c\n", "x='.\n.' ###\n"),
    ])
  func shell(text: String, expected: String) { #expect(map(text, .shell) == expected) }

  @Test(
    "Swift",
    arguments: [
      ("a /* b /* c */ d */ e\n", "a ################# e\n"),
      ("x = \"a\\(f(\"b\"))c\"\n", "x = \".\\(f(\".\")).\"\n"),
      ("x = #\"a\"b\\(c)\"# // d\n", "x = #\".......\"# ####\n"),
      ("x = #\"\\#(c)\"#\n", "x = #\"\\#(c)\"#\n"),
      ("x = \"\"\"\na \"b\" // c\n\"\"\"\ny\n", "x = \"\"\"\n..........\n\"\"\"\ny\n"),
      ("#if os(Linux) // c\n", "#if os(Linux) ####\n"),
    ])
  func swift(text: String, expected: String) { #expect(map(text, .swift) == expected) }

  @Test(
    "Markdown",
    arguments: [
      ("a `b` ``c`d`` e\n", "a `.` ``...`` e\n"), ("a <!-- b\nc --> d\n", "a ######\n##### d\n"),
      ("```sh\n# a\n```\nb\n", "```sh\n...\n```\nb\n"),
      ("~~~\n```\n~~~\nb\n", "~~~\n...\n~~~\nb\n"),
      ("- ```\n  a\n  ```\nb\n", "- ```\n...\n  ```\nb\n"), ("a ` b\n", "a ` b\n"),
      ("\\`a`b`\n", "\\`a`.`\n"),
    ])
  func markdown(text: String, expected: String) { #expect(map(text, .markdown) == expected) }

  @Test("what never closes is told with its line, and nothing is read past the end")
  func unclosed() {
    let cases: [(String, Language, Int?)] = [
      ("a\n'''b", .python, 2), ("a\n/* b", .javaScript, 2), ("\n\n`b ${c", .javaScript, 3),
      ("echo 'a\n", .shell, 1), ("x\necho \"$(b", .shell, 2), ("x = \"a\ny\n", .swift, 1),
      ("/* /* */", .swift, 1), ("a\n```\nb\n", .markdown, 2), ("<!-- a", .markdown, 1),
      ("a = 'b'\n", .python, nil),
    ]
    for (text, language, line) in cases {
      #expect(SourceText(Array(text.utf8), language).unclosedLine == line, "\(text)")
      // Cut anywhere, it still ends.
      for count in 0..<text.utf8.count {
        let cut = SourceText(Array(text.utf8.prefix(count)), language)
        #expect(cut.parts.count == count)
      }
    }
  }

  @Test("any bytes at all are read to their end, in every language")
  func anything() {
    var state: UInt64 = 7
    let alphabet = Array("'\"`\\#/*<-$({})[]~!EOF \n\taé".utf8)
    for _ in 0..<300 {
      let bytes = (0..<80).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      for language in Language.allCases {
        #expect(SourceText(bytes, language).parts.count == 80)
      }
    }
  }

  @Test("the language is known by extension, else by shebang")
  func languages() {
    let cases: [(String, String, Language?)] = [
      ("a.py", "", .python), ("a/b.MJS", "", .javaScript), ("x.sh", "", .shell),
      ("README.md", "", .markdown), ("a.swift", "", .swift), ("a.txt", "#!/bin/sh\n", nil),
      ("run", "#!/usr/bin/env -S python3.11 -u\n", .python), ("run", "#!/bin/bash\n", .shell),
      (".hook", "#! /usr/bin/node\n", .javaScript), ("run", "#!/usr/bin/perl\n", nil),
      ("Makefile", "all:\n", nil),
    ]
    for (path, text, language) in cases {
      #expect(Language.of(path, Array(text.utf8)) == language, "\(path) \(text)")
    }
  }
}
