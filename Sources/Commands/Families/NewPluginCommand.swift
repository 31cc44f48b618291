internal import Glibc
internal import Linux
internal import Model
internal import PluginKit

/// `plugins new`: a folder that builds with one command and keeps to the contract.
enum NewPluginCommand {
  static let command = Command(
    words: ["plugins", "new"], operands: [.init(name: "NAME")],
    options: [
      .init(
        name: "--lang", kind: .word("LANG", PluginTemplate.Language.allCases.map(\.rawValue)),
        help: "what it is written in: c (default), cpp, swift, rust or command"),
      .init(
        name: "--kind", kind: .word("KIND", PluginTemplate.Kind.allCases.map(\.rawValue)),
        help: "what it does: analyzer (default), applier or scorer"),
      .init(name: "--dir", kind: .text("DIR"), help: "where the folder NAME is made; default here"),
    ],
    summary: "write a plugin that builds, to start from; no daemon needed",
    notes: "The folder is the bundle: once built, copy it into plugins/ of the home.", run: run)

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let name = call.operand(0)
    guard let id = ComponentID(name) else {
      throw KaizenError(
        "E_ARGUMENT", "\"\(name)\" is no name of a component",
        hint: "use letters, digits, \".\", \"_\" and \"-\", beginning with a letter or digit")
    }
    let template = PluginTemplate(
      id: id, language: call.text("--lang").flatMap { .init(rawValue: $0) } ?? .c,
      kind: call.text("--kind").flatMap { .init(rawValue: $0) } ?? .analyzer)
    let folder = "\(call.text("--dir") ?? ".")/\(name)"
    try write(template, to: folder)
    let isMissing = template.compiler.map { !isInPath($0, call) } ?? false
    let answer: JSONValue = [
      "id": .string(name), "folder": .string(folder),
      "files": .array(template.files.map { .string($0.path) }),
      "build": template.buildCommand.map { .string($0) } ?? .null,
      "compiler": template.compiler.map { .string($0) } ?? .null,
      "compiler_found": .bool(!isMissing),
    ]
    if call.isJSON {
      call.terminal.write(answer.text() + "\n")
    } else {
      call.terminal.write(lines: lines(template, folder, isMissing))
    }
    return .done
  }

  private static func isInPath(_ program: String, _ call: Invocation) -> Bool {
    (call.environment["PATH"] ?? "").split(separator: ":").contains {
      access("\($0)/\(program)", X_OK) == 0
    }
  }

  private static func lines(
    _ template: PluginTemplate, _ folder: String, _ isMissing: Bool
  ) -> [String] {
    var lines = ["wrote \(folder): \(template.files.map(\.path).joined(separator: ", "))"]
    if isMissing, let compiler = template.compiler {
      lines.append("\(compiler) is not in PATH: install it before you build")
    }
    if let build = template.buildCommand { lines.append("build it:   cd \(folder) && \(build)") }
    return lines + [
      "try it:     kaizen plugins try \(folder) --on DIR",
      "verify it:  kaizen plugins verify \(folder)",
    ]
  }

  private static func write(_ template: PluginTemplate, to folder: String) throws(KaizenError) {
    if Files.exists(folder) {
      throw KaizenError(
        "E_EXISTS", "\(folder) is there already", hint: "name another, or remove it first")
    }
    do throws(SystemError) {
      for file in template.files {
        let path = "\(folder)/\(file.path)"
        try Files.makeDirectories(Files.parent(of: path), mode: 0o755)
        try Files.replace(
          path, with: Array(file.text.utf8), mode: file.isExecutable ? 0o755 : 0o644)
      }
    } catch {
      throw KaizenError(
        "E_SYSTEM", "cannot write the plugin to \(folder): \(error)",
        hint: "choose a folder you may write with --dir")
    }
  }
}
