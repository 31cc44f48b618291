internal import Glibc
internal import Linux
public import Model

/// Finds what must be readable for a command to start: its program and its interpreters, through
/// the search path, links, first lines (`#!`) and `pyvenv.cfg`.
///
/// Looks at files only, as the sandbox will show them; nothing is executed.
public struct InterpreterFinder {
  /// A `#!` may name a script that has one; Linux follows four: fs/exec.c.
  private static let interpretersMax = 4
  /// As the kernel: path_resolution(7).
  private static let linksMax = 40
  /// What Linux reads of a first line: BINPRM_BUF_SIZE.
  private static let firstLineBytes = 256

  private let confinement: Confinement
  private var readPaths: [String] = []

  /// Looks for programs as a command under `confinement` would.
  public init(_ confinement: Confinement) { self.confinement = confinement }

  /// The paths to add to `readPaths` so that `words` can start; none where all is readable.
  ///
  /// - Throws: `E_INTERPRETER_MISSING`, naming the word, where it was looked for, and the fix.
  public static func readPaths(
    for words: [String], _ confinement: Confinement
  ) throws(KaizenError) -> [String] {
    guard let word = words.first, !word.isEmpty else {
      throw KaizenError("E_INTERPRETER_MISSING", "a command without a program")
    }
    var finder = InterpreterFinder(confinement)
    try finder.follow(word, neededBy: nil, depth: 0)
    return finder.readPaths
  }

  private mutating func follow(
    _ word: String, neededBy: String?, depth: Int
  ) throws(KaizenError) {
    let candidates = self.candidates(word)
    for candidate in candidates {
      guard let program = resolve(candidate), isProgram(program.host) else { continue }
      try grant(program, named: candidate)
      if depth == Self.interpretersMax { return }
      if let next = Self.interpreter(of: program.host) {
        try follow(next, neededBy: candidate, depth: depth + 1)
      }
      return
    }
    let by = neededBy.map { ", which the first line of \($0) names," } ?? ""
    if let there = candidates.compactMap({ resolve($0) }).first(where: { Files.exists($0.host) }) {
      throw KaizenError(
        "E_INTERPRETER_MISSING", "\"\(word)\"\(by) is \(there.path), which is no executable file",
        hint: Files.isDirectory(there.host)
          ? "name the program in that folder" : "make it executable: chmod +x \(there.host)")
    }
    let places =
      word.contains("/") ? candidates.first ?? word : confinement.searchPath.joined(separator: ":")
    throw KaizenError(
      "E_INTERPRETER_MISSING", "\"\(word)\"\(by) is no program; looked for in \(places)",
      hint: word.contains("/")
        ? "correct the path, or install the program there"
        : "install it, or name its folder in needs.path")
  }

  /// Where a word may be found, as the command would see it.
  private func candidates(_ word: String) -> [String] {
    if word.hasPrefix("/") { return [word] }
    if word.contains("/") { return [confinement.workingDirectory + "/" + word] }
    return confinement.searchPath.map { $0 + "/" + word }
  }

  // MARK: - Paths as the sandbox shows them

  private struct Program {
    /// The file, every link followed: as the command sees it, and where it is.
    var path: String
    var host: String
    /// The links on the way, as the command sees them, and whether each is the last component.
    var links: [(path: String, isLast: Bool)]
  }

  /// Where the host has what the sandbox shows at `path`: in the innermost tree around it.
  private func host(_ path: String) -> String {
    let around = confinement.trees.filter { ConfineRequest.isBeneath(path, [$0.at]) }
    guard let tree = around.max(by: { $0.at.utf8.count < $1.at.utf8.count }),
      tree.access != .empty
    else { return path }
    return tree.source + path.dropFirst(tree.at.count)
  }

  /// Follows every link of `path` by hand, since a link's target is a path of the sandbox.
  private func resolve(_ path: String) -> Program? {
    var left = path.split(separator: "/").map(String.init)[...]
    var done: [String] = []
    var links: [(path: String, isLast: Bool)] = []
    while let name = left.popFirst() {
      if name == "." { continue }
      if name == ".." {
        _ = done.popLast()
        continue
      }
      let here = "/" + (done + [name]).joined(separator: "/")
      guard let target = Self.link(host(here)) else {
        done.append(name)
        continue
      }
      links.append((here, left.isEmpty))
      if links.count > Self.linksMax { return nil }
      if target.hasPrefix("/") { done = [] }
      left = (target.split(separator: "/").map(String.init) + left)[...]
    }
    let real = "/" + done.joined(separator: "/")
    return Program(path: real, host: host(real), links: links)
  }

  private static func link(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && status.st_mode & 0o111 != 0
  }

  // MARK: - What becomes readable

  /// Everything on the way to the program, and its installation around it.
  private mutating func grant(_ program: Program, named: String) throws(KaizenError) {
    for link in program.links {
      // A linked folder is shown as a whole; a linked file with the folder it lies in.
      add(link.isLast ? Files.parent(of: link.path) : link.path)
    }
    add(Self.installation(of: program.path))
    try grantBaseOfVirtualEnvironment(named)
  }

  /// `/opt/x/bin/python3` is run by what is in /opt/x; but no home, and nothing at the root, is
  /// opened as a whole for a program in it.
  private static func installation(of program: String) -> String {
    let folder = Files.parent(of: program)
    guard ["bin", "sbin", "libexec"].contains(Files.name(of: folder)) else { return folder }
    let prefix = Files.parent(of: folder)
    let parts = prefix.split(separator: "/")
    let isHome = parts.first == "home" && parts.count < 3 || prefix == "/root"
    return parts.count < 2 || isHome || parts.last == ".local" ? folder : prefix
  }

  private mutating func add(_ path: String) {
    let shown =
      Confinement.systemRoots + confinement.trees.map(\.at) + confinement.readPaths
      + confinement.pathDirectories + readPaths
    if path != "/", !ConfineRequest.isBeneath(path, shown) { readPaths.append(path) }
  }

  /// `home = /opt/x/bin` in the pyvenv.cfg above a Python names where its library is, also where
  /// the program was copied (docs.python.org/3/library/venv.html).
  private mutating func grantBaseOfVirtualEnvironment(_ named: String) throws(KaizenError) {
    let configuration = host(Files.parent(of: Files.parent(of: named)) + "/pyvenv.cfg")
    guard let bytes = try? Files.read(configuration, limit: 65_536) else { return }  // no venv
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map { Self.trimmed($0) }
      guard parts.count == 2, parts[0] == "home", parts[1].hasPrefix("/") else { continue }
      guard let base = resolve(parts[1]), Files.isDirectory(base.host) else {
        throw KaizenError(
          "E_INTERPRETER_MISSING",
          "\(configuration) says that its Python is in \(parts[1]), which is no folder",
          hint: "make the virtual environment anew: python3 -m venv")
      }
      for link in base.links { add(link.path) }
      add(Self.installation(of: base.path + "/python3"))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  // MARK: - First lines

  /// The program that a script's first line names; of `env` the word it will look for.
  static func interpreter(of script: String) -> String? {
    guard let file = try? FileDescriptor.open(script, O_RDONLY) else { return nil }  // unreadable
    var buffer = [UInt8](repeating: 0, count: firstLineBytes)
    let count = pread(file.raw, &buffer, firstLineBytes, 0)
    guard count > 2, buffer[0] == UInt8(ascii: "#"), buffer[1] == UInt8(ascii: "!") else {
      return nil
    }
    let line = buffer[2..<count].prefix { $0 != UInt8(ascii: "\n") }
    let words = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }
      .map(String.init)
    guard let program = words.first else { return nil }
    guard Files.name(of: program) == "env" else { return program }
    // `env -S NAME=value program`: options and assignments come first.
    return words.dropFirst().first { !$0.hasPrefix("-") && !$0.contains("=") } ?? program
  }
}
