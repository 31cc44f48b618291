import Model
import Testing

@testable import Commands

@Suite("What agents wrote, on a terminal") struct TerminalTests {
  @Test(
    "controls and turned directions are shown and do nothing; all other text is as it was",
    arguments: [
      ("\u{1B}]0;owned\u{7}\u{1B}[2K", #"\u{1B}]0;owned\u{7}\u{1B}[2K"#),
      ("safe\rrm -rf", #"safe\u{D}rm -rf"#), ("a\u{9B}31mb\u{7F}", #"a\u{9B}31mb\u{7F}"#),
      ("x\u{202E}yz\u{2066}\u{2028}", #"x\u{202E}yz\u{2066}\u{2028}"#),
      ("+\tif x:\n", "+\tif x:\n"), ("Ärger → 5 µs 👩‍👩‍👧", "Ärger → 5 µs 👩‍👩‍👧"), ("", ""),
    ])
  func plain(text: String, shown: String) {
    #expect(Terminal.plain(text) == shown)
  }
}

@Suite("Figures") struct FiguresTests {
  @Test(
    "are rounded to their digits",
    arguments: [
      (0.0, 1, "0.0"), (1.25, 1, "1.3"), (99.96, 1, "100.0"), (-0.04, 1, "0.0"),
      (-1.26, 1, "-1.3"), (12.0, 0, "12"), (0.005, 3, "0.005"), (.infinity, 1, "inf"),
      (1e300, 1, "1e+300"),
    ] as [(Double, Int, String)])
  func fixed(value: Double, digits: Int, text: String) {
    #expect(Figures.fixed(value, digits) == text)
  }

  @Test("have units")
  func units() {
    #expect(Figures.percent(0.9534) == "95.3 %")
    #expect(Figures.percent(nil) == "n/a")
    #expect(Figures.milliseconds(1.234) == "1.23 ms")
    #expect(Figures.milliseconds(1234) == "1234 ms")
    #expect(Figures.milliseconds(12_340) == "12.3 s")
    #expect(Figures.bytes(512) == "512 B")
    #expect(Figures.bytes(3 << 20) == "3.0 MiB")
    #expect(Figures.megabytes(12.25) == "12.3 MiB")
  }

  @Test(
    "tell spans of time in two units",
    arguments: [
      (0.25, "0.3 s"), (59.9, "59.9 s"), (61, "1 min 1 s"), (3 * 3600 + 125, "3 h 2 min"),
      (90_000, "1 d 1 h"),
    ] as [(Double, String)])
  func spans(seconds: Double, text: String) {
    #expect(Figures.span(seconds: seconds) == text)
  }

  @Test("tell moments to the second")
  func moments() {
    #expect(Figures.moment(Instant(seconds: 1_795_169_730)) == "2026-11-20 10:15:30Z")
    #expect(Figures.moment(nil) == "-")
  }
}

@Suite("Tables") struct TextTableTests {
  @Test("a cell stays on the line of its row, whatever a path is called")
  func oneLine() {
    var table = TextTable(["PATH", "NOTE"])
    table.add(["a\nb", "x"])
    #expect(table.lines == ["PATH  NOTE", "a\\nb  x"])
  }

  @Test("align words to the left and numbers to the right")
  func aligned() {
    var table = TextTable(["NAME", ">COUNT", "NOTE"])
    table.add(["a", "1", ""])
    table.add(["lengthy", "12345", "x"])
    #expect(table.lines == ["NAME     COUNT  NOTE", "a            1", "lengthy  12345  x"])
  }

  @Test("count characters, not bytes")
  func characters() {
    var table = TextTable(["É", "B"])
    table.add(["→→", "b"])
    #expect(table.lines == ["É   B", "→→  b"])
  }
}

@Suite("The end of a program's stderr") struct ErrorTextTests {
  @Test(
    "names the error by the last line that has one",
    arguments: [
      ("Traceback (most recent call last):\n  File \"a\"\nValueError: bad", "ValueError"),
      ("x\njson.decoder.JSONDecodeError: Expecting value\n", "JSONDecodeError"),
      ("TypeError: a\nTimeoutError", "TimeoutError"),
      ("Exception in thread \"main\" java.io.IOException: gone\n\tat A.b", "IOException"),
      ("Uncaught ReferenceError: x is not defined", "ReferenceError"),
      ("KeyboardInterrupt\n", "KeyboardInterrupt"),
      ("error: no such file", nil), ("an Error: x", nil), ("Error here", nil), ("", nil),
      ("errorError: x", nil),
    ] as [(String, String?)])
  func type(text: String, type: String?) {
    #expect(ErrorText.type(in: Array(text.utf8)) == type)
  }

  @Test("is at most 20 lines, none of them cut at its beginning, without control characters")
  func lines() {
    let many = (1...30).map { "line \($0)" }.joined(separator: "\n")
    #expect(ErrorText.lastLines(Array(many.utf8)).hasPrefix("line 11\n"))
    let full = String(repeating: "x", count: ErrorTap.tailBytesMax - 5) + "\nlast"
    #expect(ErrorText.lastLines(Array(full.utf8)) == "last")
    #expect(ErrorText.lastLines(Array("\u{1b}[31mred\u{1b}[0m\tx".utf8)) == "[31mred[0m\tx")
    #expect(ErrorText.lastLines([0xff, 0x41]) == "\u{fffd}A")
  }
}
