internal import Model
internal import SQLite

/// Texts that recur, and the numbers that stand for them on disk.
extension WriteBatch {
  /// The name under which error types beyond the limit are counted.
  static let otherErrors = "(other)"

  func agent(_ name: String, _ db: borrowing Connection) throws(KaizenError) -> Int32? {
    if let known = writer.agents[name] { return known }
    guard writer.agents.count < writer.agentsMax else { return nil }
    let index = Int32(writer.agents.count)
    try db.run(
      "INSERT INTO agents VALUES (?, ?, ?)",
      [.integer(Int64(index)), .text(name), .integer(received * 1_000_000_000)])
    writer.agents[name] = index
    newAgents.append(name)
    return index
  }

  func errorType(
    _ text: String?, _ db: borrowing Connection
  ) throws(KaizenError) -> Int32? {
    guard let text else { return nil }
    if let known = writer.errorTypes[text] { return known }
    // Beyond the limit all are counted under one name, and the text is kept in the details.
    let isFull = writer.errorTypes.count >= Writer.errorTypesMax - 1
    let name = isFull ? Self.otherErrors : text
    if let known = writer.errorTypes[name] { return known }
    let index = Int32(writer.errorTypes.count)
    try db.run("INSERT INTO error_types VALUES (?, ?)", [.integer(Int64(index)), .text(name)])
    writer.errorTypes[name] = index
    newErrorTypes.append(name)
    return index
  }

  func keep(_ errorType: String, in record: inout PreparedRecord) {
    let member = "{\"error_type_text\":\(JSONValue.string(errorType).text())"
    record.details = record.details.map { "\(member),\($0.dropFirst())" } ?? member + "}"
  }

  func tooManyAgents(_ name: String) -> KaizenError {
    KaizenError(
      "E_TOO_MANY_AGENTS",
      "agent \"\(name)\" is new, and \(writer.agentsMax) agents are known already",
      hint: "send under the id of a known agent")
  }
}
