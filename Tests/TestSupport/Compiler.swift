import Glibc
import Linux

/// Compiles C and C++ on the fly: fixtures are one file each, and no targets of the package.
public enum Compiler {
  /// The compiler or its complaint.
  public struct Failure: Error, CustomStringConvertible {
    /// What the compiler said.
    public var description: String
  }

  /// The root of the sources these tests were built from.
  public static let packageRoot: String = {
    let tests = Files.parent(of: Files.parent(of: #filePath))
    return Files.parent(of: tests)
  }()

  /// Where `kaizen_plugin.h` is.
  public static var contractFolder: String { packageRoot + "/Sources/CKaizenPlugin/include" }

  /// Builds the plugin `Tests/Fixtures/<name>.c` as `<directory>/<name>.so` and returns its path.
  public static func fixture(
    _ name: String, in directory: TemporaryDirectory
  ) throws -> String {
    let library = directory.path + "/\(name).so"
    try run(
      ["cc", "-std=gnu17"] + sharedLibrary + ["-o", library]
        + ["\(packageRoot)/Tests/Fixtures/\(name).c"], in: directory)
    return library
  }

  /// What makes a plugin out of a source.
  public static var sharedLibrary: [String] { ["-shared", "-fPIC", "-O1", "-I", contractFolder] }

  /// Runs a compiler; its complaint becomes the error.
  public static func run(_ words: [String], in directory: TemporaryDirectory) throws {
    let log = directory.path + "/compiler.log"
    let output = try FileDescriptor.open(log, O_RDWR | O_CREAT | O_TRUNC)
    let child = try ChildProcess(
      ChildCommand(words: words, descriptors: [1: output.raw, 2: output.raw]))
    let end = try child.wait()
    if end?.status != .exited(0) {
      let said = String(decoding: try Files.read(log, limit: 1 << 20), as: UTF8.self)
      throw Failure(description: words.joined(separator: " ") + "\n" + said)
    }
  }
}

/// What this build made beside the tests.
public enum BuildProducts {
  /// The path of an executable or library of this build, such as `kaizen-worker`.
  public static func path(_ name: String) throws -> String {
    Files.parent(of: try Files.resolve("/proc/self/exe")) + "/" + name
  }
}
