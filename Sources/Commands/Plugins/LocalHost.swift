internal import Glibc
internal import Linux
internal import Model
internal import PluginHost
internal import Sandbox

/// Components without a daemon: each in a confined worker of its own, as the daemon would run it.
enum LocalHost {
  /// The folder of this program, where its worker and sandbox are too.
  static func programs() throws(KaizenError) -> String {
    do throws(SystemError) {
      return Files.parent(of: try Files.resolve("/proc/self/exe"))
    } catch {
      throw KaizenError("E_SYSTEM", "the folder of this program cannot be found: \(error)")
    }
  }

  /// A host of what `sources` register, its copies in `folder`.
  static func host(
    _ sources: ComponentSources, of kind: ComponentKind? = nil, loadsAtOnce: Bool = true,
    in folder: borrowing ScratchFolder
  ) throws(KaizenError) -> ComponentHost {
    let programs = try programs()
    var configuration = ComponentHostConfiguration(
      sources: sources, bundleCopies: folder.path + "/bundles",
      workerProgram: programs + "/kaizen-worker",
      confiner: Confiner(
        program: programs + "/kaizen-confine",
        // The daemon has it loaded; this program is linked statically.
        swiftRuntime: SwiftRuntime.folder(neededBy: programs + "/kaizend")))
    configuration.kind = kind
    configuration.loadsLibraries = false  // `kaizen` is linked statically
    configuration.loadsAtOnce = loadsAtOnce
    return try ComponentHost(configuration)
  }
}

/// A folder of one command's own, removed when the command is done with it.
struct ScratchFolder: ~Copyable {
  let path: String

  init(_ prefix: String) throws(KaizenError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/\(prefix)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw KaizenError(
        "E_SYSTEM", "\(SystemError("mkdtemp", folder))", hint: "name a writable folder in TMPDIR")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// Links are removed, never followed: a component may have left one in its clone.
  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    // Whoever is not root needs these bits to empty a folder; it goes away anyway.
    if status.st_mode & 0o700 != 0o700 { chmod(path, 0o700) }
    // try? because what cannot be listed cannot be removed; it lies in the folder for such.
    for name in (try? Files.names(in: path)) ?? [] { remove("\(path)/\(name)") }
    rmdir(path)
  }
}
