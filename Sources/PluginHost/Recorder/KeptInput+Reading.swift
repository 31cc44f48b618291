internal import Glibc
internal import Hashing
internal import JSONStream
internal import Linux
public import Model

extension KeptInput {
  /// Reads what lies in `folder`; window and files are read when it is restored.
  /// - Throws: `E_CALL_INPUT`, naming the file and what is wrong with it.
  public init(folder: String) throws(KaizenError) {
    let path = folder + "/input.json"
    let document: JSONValue
    do {
      document = try JSONDocument.parse(try Files.read(path, limit: Limit.jsonBytes))
    } catch let error as KaizenError {
      throw Self.broken(path, error.message)
    } catch {
      throw Self.broken(path, "\(error)")
    }
    var reader = FieldReader(document, file: path)
    guard let input = KeptInput(folder, &reader), reader.isUsable else {
      let problem = reader.problems.first { !$0.isWarning }?.description
      throw Self.broken(path, problem ?? "it says less than it must")
    }
    self = input
  }

  static func broken(_ path: String, _ what: String) -> KaizenError {
    KaizenError(
      "E_CALL_INPUT", "\(path) is no input of a call as it was kept: \(what)",
      hint: "somebody changed it, or another version of Kaizen wrote it; remove its folder")
  }

  private init?(_ folder: String, _ reader: inout FieldReader) {
    _ = reader.integer("kaizen_input", in: Self.format...Self.format, required: true)
    let number = reader.integer("call", in: 1...Int64.max, required: true)
    let component = reader.nested("component", required: true) { Component(&$0) }
    let host = reader.nested("host", required: true) { HostAnswers(&$0) }
    let loaded = reader.nested("loaded") { HostAnswers(&$0) }
    let fingerprint = Digest(hex: reader.string("fingerprint", required: true) ?? "")
    let context = reader.context("context")
    let window = reader.nested("window") { reader -> Window? in
      let rows = reader.integer("rows", in: 0...Int64.max, required: true)
      let digest = Digest(hex: reader.string("sha256", required: true) ?? "")
      guard let rows, let digest else { return nil }
      return Window(rowCount: Int(rows), digest: digest)
    }
    let files = reader.nested("files") { Listing(&$0) }
    guard let number, let component, let host, let fingerprint, let context,
      let work = Work(component.kind, &reader)
    else { return nil }
    self.init(
      folder: folder, number: UInt64(number), component: component.id, kind: component.kind,
      version: component.version, digest: component.digest, isPure: component.isPure,
      config: component.config, host: host, loaded: loaded, fingerprint: fingerprint,
      context: context, work: work, window: window, files: files)
  }

  private struct Component {
    var id: ComponentID
    var kind: ComponentKind
    var version: String
    var digest: Digest?
    var isPure: Bool
    var config: JSONValue

    init?(_ reader: inout FieldReader) {
      let id = ComponentID(reader.string("id", required: true) ?? "")
      let kind = reader.word("kind", ComponentKind.self, required: true)
      version = reader.string("version", required: true) ?? ""
      digest = reader.string("digest").flatMap { Digest(hex: $0) }
      isPure = reader.bool("pure", required: true) ?? false
      config = reader.value("config") ?? [:]
      guard let id, let kind else { return nil }
      self.id = id
      self.kind = kind
    }
  }
}

extension KeptInput.Work {
  fileprivate init?(_ kind: ComponentKind, _ reader: inout FieldReader) {
    switch kind {
    case .analyzer:
      self = .analyze(reader.trend("trend"), facts: reader.value("facts") ?? [:])
    case .applier:
      guard let item = reader.planItem("item") else { return nil }
      self = .apply(item, history: reader.value("history") ?? [])
    case .scorer:
      self = .score(changed: reader.strings("changed", required: true) ?? [])
    }
  }
}

extension HostAnswers {
  init?(_ reader: inout FieldReader) {
    let now = reader.integer("now_ns", in: Int64.min...Int64.max, required: true)
    let seed = UInt64(reader.string("seed", required: true) ?? "")
    guard let now, let seed else { return nil }
    self.init(nowNanoseconds: now, seed: seed)
  }

  var json: JSONValue { ["now_ns": .integer(nowNanoseconds), "seed": .string("\(seed)")] }
}

extension KeptInput.Listing {
  fileprivate init?(_ reader: inout FieldReader) {
    pathInside = reader.string("path_inside", required: true) ?? ""
    unreadable = reader.strings("unreadable") ?? []
    let read = reader.list("entries", required: true) { KeptInput.Entry(&$0) }
    entries = read ?? []
    if entries.count > KeptInput.Limit.fileCount {
      reader.report(
        "entries", expected: "at most \(KeptInput.Limit.fileCount) files",
        found: "\(entries.count)", fix: "remove the folder")
    }
  }
}

extension KeptInput.Entry {
  fileprivate init?(_ reader: inout FieldReader) {
    let text = reader.string("path", required: true) ?? ""
    let mode = reader.integer("mode", in: 0...0o777, required: true) ?? 0
    modifiedNanoseconds = reader.integer("mtime_ns", in: Int64.min...Int64.max, required: true) ?? 0
    digest = reader.string("sha256").flatMap { Digest(hex: $0) }
    link = reader.string("link")
    guard let path = RelativePath.normal(text), path == text, (digest == nil) != (link == nil)
    else {
      reader.report(
        "path", expected: "a path within the agent, and either \"sha256\" or \"link\"",
        found: "\"\(text.prefix(140))\"", fix: "remove the folder")
      return nil
    }
    self.path = path
    self.mode = UInt32(mode)
  }
}
