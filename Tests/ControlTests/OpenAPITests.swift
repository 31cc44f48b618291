import Control
import Model
import Testing

@Suite("The description of the interface") struct OpenAPITests {
  private let document = OpenAPI.document(version: "1.2.3")

  @Test(
    "has every route, with its parameters, its body and its statuses", arguments: RouteTable.all)
  func route(_ route: Route) throws {
    let method = route.method.rawValue.lowercased()
    let operation = try #require(document["paths"]?[route.template]?[method])
    #expect(operation["operationId"]?.string == route.id.rawValue)
    #expect(operation["x-role"]?.string == route.role.rawValue)
    let names = (operation["parameters"]?.array ?? []).compactMap { $0["name"]?.string }
    #expect(names == (route.template.contains("{id}") ? ["id"] : []) + route.parameters.map(\.name))
    #expect((operation["requestBody"] != nil) == (route.body != .none))
    #expect(operation["responses"]?["200"] != nil)
    for status in ["400", "500"] { #expect(operation["responses"]?[status] != nil) }
    // Whoever connects may read.
    let isForAll = route.role == .read && route.template.hasPrefix("/v1/")
    #expect((operation["responses"]?["403"] == nil) == isForAll)
  }

  @Test("refers to nothing that it does not have")
  func references() throws {
    let schemas = try #require(document["components"]?["schemas"]?.object)
    func look(_ value: JSONValue) {
      if let members = value.object {
        if let reference = members["$ref"]?.string {
          #expect(
            schemas[String(reference.split(separator: "/").last ?? "")] != nil, "\(reference)")
        }
        members.values.forEach(look)
      }
      value.array?.forEach(look)
    }
    look(document)
    #expect(schemas.count > 30)
    #expect(!schemas.values.contains(.null))
  }

  @Test("says of a request what its decoder asks for")
  func request() {
    let schema = document["components"]?["schemas"]?["OptimizeRequest"]
    #expect(schema?["additionalProperties"] == false)
    #expect(schema?["required"] == nil)
    #expect(schema?["properties"]?["days"]?["maximum"] == 365)
    #expect(schema?["properties"]?["days"]?["type"] == ["integer", "null"])
    #expect(schema?["properties"]?["strategy"]?["enum"]?.array?.last == .null)
    let start = document["components"]?["schemas"]?["OperationStart"]
    #expect(start?["required"] == ["agent_id", "operation_id"])
    #expect(start?["properties"]?["agent_id"]?["type"] == "string")
    #expect(start?["properties"]?["agent_id"]?["pattern"] != nil)
  }

  @Test("names lists by what they list, and nests values by reference")
  func lists() {
    let list = document["components"]?["schemas"]?["AgentInfoList"]
    #expect(list?["required"] == ["count"])
    #expect(
      list?["properties"]?["items"]?["items"] == ["$ref": "#/components/schemas/AgentInfo"])
  }
}

@Suite("A sketch") struct ObjectSketchTests {
  @Test("is what the decoder of every message asks for", arguments: Shape.all)
  func complete(shape: Shape) {
    let sketch = shape.type.sketch
    #expect(Set(sketch.members.map(\.key)) == Set(shape.full.object?.keys.map { $0 } ?? []))
    #expect(Set(sketch.members.filter(\.isRequired).map(\.key)) == shape.required)
    #expect(sketch.isStrict == shape.isStrict)
  }

  @Test("keeps a value's type and range, and reads nothing")
  func kinds() throws {
    var reader = FieldReader(sketching: "a test")
    #expect(reader.integer("n", in: 1...5, required: true) == nil)
    #expect(reader.string("s") == nil)
    #expect(reader.strings("l") == nil)
    _ = reader.list("o") { inner in inner.bool("b", required: true) }
    let sketch = try #require(reader.sketch)
    #expect(sketch.members.map(\.key) == ["n", "s", "l", "o"])
    #expect(sketch.members.map(\.isRequired) == [true, false, false, false])
    #expect(sketch.members[0].kind == .integer(1...5))
    guard case .list(let inner) = sketch.members[3].kind else {
      Issue.record("no list: \(sketch.members[3])")
      return
    }
    #expect(inner.members.map(\.key) == ["b"])
  }

  @Test("is not made where a value is read")
  func usual() {
    var reader = FieldReader(["n": 3], file: "x")
    #expect(reader.integer("n", in: 1...5) == 3)
    #expect(reader.sketch == nil)
  }
}
