internal import Glibc
internal import JSONStream
internal import Linux
import Model

/// One `manifest.json`: its components, each usable or with its problem.
struct ManifestFile {
  /// The version of the schema that this daemon reads.
  static let schema: Int64 = 1

  /// The components, in the file's order.
  private(set) var registrations: [Registration] = []
  /// Everything found, warnings included.
  private(set) var problems: [Problem] = []

  /// Reads the manifest at `origin`; problems of the file as a whole go to one registration `name`.
  init(_ origin: ComponentOrigin, name: String) {
    let document: JSONValue
    do {
      let bytes = try Files.read(origin.file, limit: ComponentManifest.Limit.manifestBytes)
      document = try JSONDocument.parse(bytes)
    } catch let error as SystemError {
      let isLarge = error.code == EFBIG
      fail(
        Problem(
          file: origin.file, key: "",
          expected: "a manifest of at most \(ComponentManifest.Limit.manifestBytes) bytes",
          found: isLarge ? "more" : SystemError.text(error.code),
          fix: isLarge ? "split it" : "put a readable manifest.json there"), origin, name)
      return
    } catch {
      let message = (error as? KaizenError)?.message ?? "\(error)"
      fail(
        Problem(
          file: origin.file, key: "", expected: "one JSON object", found: message,
          fix: "correct the JSON"), origin, name)
      return
    }
    read(document, origin, name)
  }

  private mutating func read(_ document: JSONValue, _ origin: ComponentOrigin, _ name: String) {
    var reader = FieldReader(document, file: origin.file)
    let schema = reader.integer("manifest", in: 0...Int64.max, required: true)
    if let schema, schema != Self.schema {
      reader.report(
        "manifest", expected: "\(Self.schema), the schema this daemon reads", found: "\(schema)",
        fix: schema > Self.schema ? "update the daemon" : "write the manifest anew")
    }
    _ = reader.string("name")
    _ = reader.string("description")
    let version = reader.string("version") ?? "0"
    let pins = ComponentManifest.readPins(&reader)
    let elements = reader.value("components")
    let limit = ComponentManifest.Limit.componentCount
    if elements?.array.map({ $0.count <= limit }) != true {
      reader.report(
        "components", expected: "a list of at most \(limit) objects",
        found: elements?.shape ?? "nothing", fix: "write \"components\": [{ … }]")
    }
    reader.finish()
    if let problem = reader.problems.first(where: { !$0.isWarning }) {
      problems = reader.problems.filter { $0 != problem }
      fail(problem, origin, name)
      return
    }
    problems = reader.problems
    let context = ManifestContext(
      allowsInProcess: origin.source == .root, version: version, pins: pins)
    for (index, element) in (elements?.array ?? []).enumerated() {
      readComponent(element, at: "components[\(index)]", origin, context)
    }
    let pinned = Set(registrations.compactMap(\.manifest).flatMap(\.pins.keys)).union(pins.keys)
    for index in registrations.indices { registrations[index].pinnedFiles = pinned }
  }

  private mutating func readComponent(
    _ element: JSONValue, at place: String, _ origin: ComponentOrigin, _ context: ManifestContext
  ) {
    var reader = FieldReader(element, file: origin.file, place: place)
    let manifest = ComponentManifest.read(&reader, context)
    problems += reader.problems
    let first = reader.problems.first { !$0.isWarning }
    let others = reader.problems.count { !$0.isWarning } - 1
    let id = element["id"]?.string.flatMap { ComponentID($0) }?.text
    registrations.append(
      Registration(
        name: id ?? "\(origin.file): \(place)", manifest: first == nil ? manifest : nil,
        origin: origin,
        problem: first.map { $0.description + (others > 0 ? " (and \(others) more)" : "") }))
  }

  private mutating func fail(_ problem: Problem, _ origin: ComponentOrigin, _ name: String) {
    problems.append(problem)
    registrations.append(
      Registration(name: name, manifest: nil, origin: origin, problem: problem.description))
  }
}
