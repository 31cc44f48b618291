import KaizenPluginSDK

/// A number in a JSON file of which other values may be tried, as agent.json declares it.
struct Tunable {
  var file: String
  var pointer: String
  var minimum: Double
  var maximum: Double
  var step: Double
  /// Most decimals with which any of the three was written.
  var decimals: Int

  /// As notes and messages call it.
  var name: String { "\(file)#\(pointer)" }

  /// The tunables that `agentJSON` declares, in its order.
  static func all(in agentJSON: String) throws(PluginFailure) -> [Tunable] {
    let text = Array(agentJSON.utf8)
    let nodes = try JSONNode(parsing: text)["tunables"]?.elements ?? []
    var tunables: [Tunable] = []
    for (index, node) in nodes.enumerated() {
      tunables.append(try read(node, text, "agent.json: tunables[\(index)]"))
    }
    return tunables
  }

  /// One entry of `tunables`; the daemon checked it before, but a plugin trusts no input.
  private static func read(
    _ node: JSONNode, _ text: [UInt8], _ place: String
  ) throws(PluginFailure) -> Tunable {
    guard let file = node["file"]?.string, let pointer = node["pointer"]?.string,
      let minimum = node["min"], let maximum = node["max"], let step = node["step"],
      let least = minimum.number, let most = maximum.number, let distance = step.number
    else {
      throw PluginFailure("\(place) needs file, pointer, min, max and step")
    }
    guard least <= most, distance > 0 else {
      throw PluginFailure("\(place): expected min ≤ max and step > 0")
    }
    let decimals = [minimum, maximum, step].map { Decimals.count(in: text[$0.range]) }
    return Tunable(
      file: file, pointer: pointer, minimum: least, maximum: most, step: distance,
      decimals: decimals.max() ?? 0)
  }
}

/// What one tunable is set to, and where that is written.
struct Setting {
  var tunable: Tunable
  /// The whole file.
  var file: [UInt8]
  /// Where the number stands in it.
  var range: Range<Int>
  /// The number.
  var value: Double

  /// The number as it is written.
  var text: String { String(decoding: file[range], as: UTF8.self) }

  /// The file with another number in that place and every other byte as it was.
  func bytes(with text: String) -> [UInt8] {
    Array(file[..<range.lowerBound]) + Array(text.utf8) + Array(file[range.upperBound...])
  }

  /// `value` written as the number in the file and its limits are.
  func text(of value: Double) -> String {
    Decimals.text(value, max(tunable.decimals, Decimals.count(in: file[range])))
  }
}

/// Decimal places of numbers as they are written.
enum Decimals {
  /// More are not kept: a Double has 15 to 17 significant digits.
  private static let most = 12

  /// The digits behind the point; `most` where an exponent hides them.
  static func count(in text: ArraySlice<UInt8>) -> Int {
    if text.contains(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) { return most }
    guard let point = text.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
    return min(text.endIndex - point - 1, most)
  }

  /// `value` with exactly `places` decimals, or as few as needed where `places` is the most.
  static func text(_ value: Double, _ places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (value * scale).rounded()
    guard abs(scaled) < 9e15 else { return "\(value)" }  // beyond, Int64 and Double part ways
    if places == most { return "\(scaled / scale)" }
    let digits = String(Int64(scaled).magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    if places == 0 { return sign + padded }
    return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }
}
