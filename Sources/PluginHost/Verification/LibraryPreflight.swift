import Linux

/// Looks at the library of a component before any of its code runs.
public struct LibraryPreflight {
  /// Libraries looked at for one component.
  static let libraryCountMax = 64
  /// What only a whole Swift runtime defines.
  static let runtimeMarks: Set = ["swift_retain", "swift_allocObject"]
  /// Files that hold a whole Swift runtime.
  static let runtimes = ["libswiftCore.so", "libFoundation.so", "libswift_Concurrency.so"]
  /// Undefined symbols that are named; further ones are counted.
  static let namedCountMax = 5

  private let path: String
  private let folder: String
  private var findings: [PluginFinding] = []

  /// Findings on the library at `path`, which has to export `symbol`.
  public static func findings(of path: String, exporting symbol: String) -> [PluginFinding] {
    var preflight = LibraryPreflight(path: path, folder: Files.parent(of: path))
    preflight.look(symbol)
    return preflight.findings
  }

  private init(path: String, folder: String) {
    self.path = path
    self.folder = folder
  }

  private mutating func add(
    _ severity: PluginFinding.Severity, _ rule: String, _ found: String, fix: String
  ) {
    findings.append(
      PluginFinding(severity, rule, "\(Files.name(of: path)): \(found)", fix: fix))
  }

  private mutating func look(_ symbol: String) {
    let library: SharedLibrary
    do { library = try SharedLibrary(path: path, lookingFor: Self.runtimeMarks) } catch {
      let refusal = error as? SharedLibrary.Refusal
      add(
        .error, "library.file", refusal?.found ?? "\(error)",
        fix: refusal?.fix ?? "build it anew")
      return
    }
    lookAtEntry(library, symbol)
    lookAtFlags(library)
    lookAtFolders(library)
    lookAtSymbols(library)
    lookAtRuntime(library)
  }

  /// Looks for a Swift runtime that the plugin brings along.
  private mutating func lookAtRuntime(_ library: SharedLibrary) {
    let isLinkedIn = !library.defined.union(library.privates).isDisjoint(with: Self.runtimeMarks)
    let needsAnother = library.needed.contains { $0.hasPrefix("libswiftCore.") }
    if isLinkedIn {
      add(
        needsAnother ? .error : .warning, "library.runtime",
        "it has a Swift runtime of its own linked in" + (needsAnother ? " and needs another" : ""),
        fix: "leave out -static-stdlib: two runtimes in one process disagree about types")
    }
    if let name = Self.runtimes.first(where: { Files.exists("\(folder)/\($0)") }) {
      add(
        .warning, "library.runtime", "its bundle brings a Swift runtime along (\(name))",
        fix: "take it out: the installed one is found, and two in one process disagree about types")
    }
  }

  private mutating func lookAtEntry(_ library: SharedLibrary, _ symbol: String) {
    if library.defined.contains(symbol) || library.isCut { return }
    let others = library.defined.filter { $0.hasPrefix("kz_plugin_entry_v") }.sorted()
    if let other = others.first {
      add(
        .error, "library.entry", "it exports \(other), expected \(symbol)",
        fix: "build it with the kaizen_plugin.h of this version")
    } else {
      add(
        .error, "library.entry", "it does not export \(symbol)",
        fix: "define it with KZ_EXPORT, in C++ within extern \"C\", and do not strip it")
    }
  }

  private mutating func lookAtFlags(_ library: SharedLibrary) {
    if library.hasStaticStorage {
      // dlopen fails once the little space kept for such libraries is used up.
      add(
        .warning, "library.tls", "it needs static thread-local storage (DF_STATIC_TLS)",
        fix: "compile with -fPIC and without -ftls-model=initial-exec")
    }
    if library.hasTextRelocations {
      add(
        .warning, "library.relocations",
        "its code has to be changed when it is loaded (DT_TEXTREL)",
        fix: "compile everything in it with -fPIC")
    }
    if library.wantsExecutableStack {
      add(
        .warning, "library.stack", "it wants an executable stack",
        fix: "link with -z noexecstack; assembly needs .section .note.GNU-stack")
    }
  }

  private mutating func lookAtFolders(_ library: SharedLibrary) {
    if !library.searchPaths.isEmpty {
      add(
        .warning, "library.rpath",
        "it has the old DT_RPATH \(library.searchPaths.joined(separator: ":"))",
        fix: "link with -Wl,--enable-new-dtags, or without -rpath")
    }
    for path in library.runPaths + library.searchPaths {
      // Swift finds its own runtime like that.
      if path.hasPrefix("$ORIGIN") || Files.exists(path + "/libswiftCore.so") { continue }
      add(
        .warning, "library.rpath", "it looks for libraries in \(path), which others may not have",
        fix: "put them into the bundle and link with -Wl,-rpath,'$ORIGIN'")
    }
  }

  /// Looks for what the library does not define in all libraries it needs, and theirs.
  private mutating func lookAtSymbols(_ library: SharedLibrary) {
    var missing = library.undefined
    var queue = library.needed.map { (name: $0, folders: Self.folders(library, folder)) }
    var seen: Set<String> = []
    var isWhole = true
    while !queue.isEmpty {
      let (name, folders) = queue.removeFirst()
      guard seen.insert(name).inserted else { continue }
      if seen.count > Self.libraryCountMax {
        isWhole = false
        break
      }
      guard let found = folders.map({ "\($0)/\(name)" }).first(where: Files.exists) else {
        isWhole = false
        add(
          .error, "library.needed", "it needs \(name), which is nowhere the loader looks",
          fix: "install it, or put it into the bundle and link with -Wl,-rpath,'$ORIGIN'")
        continue
      }
      // What cannot be read here can be a linker's script: the load itself will tell.
      guard let other = try? SharedLibrary(path: found) else {
        isWhole = false
        continue
      }
      if other.isCut { isWhole = false }
      missing.subtract(other.defined)
      let inner = Self.folders(other, Files.parent(of: found)) + folders
      queue += other.needed.map { ($0, inner) }
    }
    if isWhole, !missing.isEmpty {
      let named = missing.sorted().prefix(Self.namedCountMax).joined(separator: ", ")
      let more = missing.count - Self.namedCountMax
      add(
        .error, "library.symbols",
        "no library it needs defines \(named)" + (more > 0 ? " and \(more) more" : ""),
        fix: "link the library that does with -l, or define it")
    }
  }

  /// Where the loader looks for what `library`, which lies in `folder`, needs: ld.so(8).
  private static func folders(_ library: SharedLibrary, _ folder: String) -> [String] {
    let own = (library.searchPaths + library.runPaths).map {
      $0.replacing("${ORIGIN}", with: folder).replacing("$ORIGIN", with: folder)
    }
    return own + systemFolders
  }

  /// The folders of ld.so(8), and those that /etc/ld.so.conf.d adds.
  private static let systemFolders: [String] = {
    var folders: [String] = []
    // try? because a system without the file has no further folders.
    for name in ((try? Files.names(in: "/etc/ld.so.conf.d")) ?? []).sorted() {
      let bytes = (try? Files.read("/etc/ld.so.conf.d/\(name)", limit: 1 << 16)) ?? []  // as above
      folders += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        .filter { $0.hasPrefix("/") }
    }
    return folders + ["/lib64", "/usr/lib64", "/lib", "/usr/lib"]
  }()
}
