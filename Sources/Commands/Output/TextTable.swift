/// Rows under headings, aligned.
struct TextTable {
  private let headings: [String]
  private let isNumber: [Bool]
  private var rows: [[String]] = []

  /// Headings; one that starts with `>` is of a column of numbers, aligned to the right.
  init(_ headings: [String]) {
    self.headings = headings.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    isNumber = headings.map { $0.hasPrefix(">") }
  }

  /// Adds a row; what a cell has on lines of its own, such as a path's name, is shown on one.
  mutating func add(_ cells: [String]) {
    rows.append(cells.map { $0.contains("\n") ? $0.replacing("\n", with: "\\n") : $0 })
  }

  var isEmpty: Bool { rows.isEmpty }

  /// The lines, without blanks at their ends.
  var lines: [String] {
    let all = [headings] + rows
    let widths = headings.indices.map { column in
      all.map { $0[column].count }.max() ?? 0
    }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += isNumber[column] ? space + cell : cell + space
        line += "  "
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
