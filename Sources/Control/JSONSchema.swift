public import Model

/// JSON Schemas (draft 2020-12, as OpenAPI 3.1 has them) made of what the decoders ask for.
///
/// - Source: https://spec.openapis.org/oas/v3.1.0#schema-object
public struct JSONSchema {
  /// The schemas of types that have a name, by it.
  public private(set) var named: [String: JSONValue] = [:]

  /// The form of an id (`Identifier.form`).
  static let identifierPattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
  private static let place = "#/components/schemas/"

  /// Makes a collection without schemas.
  public init() {}

  /// A reference to the schema of `type`, which is added where it is new.
  public mutating func reference(to type: any ControlValue.Type) -> JSONValue {
    schema(of: type.sketch)
  }

  /// The schema of `sketch`: a reference where its type has a name.
  mutating func schema(of sketch: ObjectSketch) -> JSONValue {
    guard let title = sketch.title else { return object(sketch) }
    // Before its members: they may refer back to it.
    if named[title] == nil {
      named[title] = .null
      named[title] = object(sketch)
    }
    return ["$ref": .string(Self.place + title)]
  }

  private mutating func object(_ sketch: ObjectSketch) -> JSONValue {
    var properties: [String: JSONValue] = [:]
    for member in sketch.members {
      let one = schema(of: member.kind)
      // Readers take null for absent, and answers say null for absent.
      properties[member.key] = member.isRequired ? one : Self.nullable(one)
    }
    var schema: [String: JSONValue] = [
      "type": "object", "properties": .object(properties),
    ]
    let required = sketch.members.filter(\.isRequired).map { JSONValue.string($0.key) }
    if !required.isEmpty { schema["required"] = .array(required) }
    if sketch.isStrict { schema["additionalProperties"] = false }
    if let noun = sketch.noun { schema["description"] = .string(noun) }
    return .object(schema)
  }

  private mutating func schema(of kind: ObjectSketch.Kind) -> JSONValue {
    switch kind {
    case .any: [:]
    case .string(let form): Self.text(form)
    case .timestamp:
      ["anyOf": [["type": "string", "format": "date-time"], ["type": "number", "minimum": 0]]]
    case .word(let words): ["type": "string", "enum": .array(words.map(JSONValue.string))]
    case .integer(let range): Self.integer(range)
    case .number(let range): Self.number(range)
    case .bool: ["type": "boolean"]
    case .strings: ["type": "array", "items": ["type": "string"]]
    case .object: ["type": "object"]
    case .numbers(let range, let countMax):
      [
        "type": "object", "additionalProperties": Self.number(range),
        "maxProperties": .integer(Int64(countMax)),
      ]
    case .nested(let sketch): schema(of: sketch)
    case .list(let sketch): ["type": "array", "items": schema(of: sketch)]
    }
  }

  private static func text(_ form: ObjectSketch.TextForm) -> JSONValue {
    switch form {
    case .free: ["type": "string"]
    case .identifier: ["type": "string", "pattern": .string(identifierPattern)]
    case .moment: ["type": "string", "format": "date-time"]
    case .bounded(let bytes):
      [
        "type": "string", "minLength": .integer(Int64(bytes.lowerBound)),
        "maxLength": .integer(Int64(bytes.upperBound)),
        "description": .string("\(bytes.lowerBound) to \(bytes.upperBound) bytes of UTF-8"),
      ]
    }
  }

  /// An integer in `range`; what every Int64 fulfils is not said.
  static func integer(_ range: ClosedRange<Int64>) -> JSONValue {
    var schema: [String: JSONValue] = ["type": "integer", "format": "int64"]
    if range.lowerBound != .min { schema["minimum"] = .integer(range.lowerBound) }
    schema["maximum"] = .integer(range.upperBound)
    return .object(schema)
  }

  private static func number(_ range: ClosedRange<Double>) -> JSONValue {
    var schema: [String: JSONValue] = ["type": "number"]
    if range.lowerBound > -Double.greatestFiniteMagnitude {
      schema["minimum"] = .number(range.lowerBound)
    }
    if range.upperBound < Double.greatestFiniteMagnitude {
      schema["maximum"] = .number(range.upperBound)
    }
    return .object(schema)
  }

  private static func nullable(_ schema: JSONValue) -> JSONValue {
    guard var members = schema.object, !members.isEmpty else { return schema }
    guard let type = members["type"] else { return ["anyOf": [schema, ["type": "null"]]] }
    members["type"] = [type, "null"]
    if let words = members["enum"]?.array { members["enum"] = .array(words + [.null]) }
    return .object(members)
  }
}
