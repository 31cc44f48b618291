import Glibc
import Linux

/// The executables that were built beside these tests.
public enum BuiltProgram {
  /// The folder of the build's products, found from the running test binary upwards.
  public static let folder: String = {
    // swift test runs the tests inside a helper, which loads them from the folder of the products:
    // the command line names it, where the executable itself does not.
    let started = [
      (try? Files.resolve("/proc/self/exe")) ?? ""  // no /proc: the arguments will do
    ]
    for path in started + CommandLine.arguments where path.hasPrefix("/") {
      var folder = Files.parent(of: path)
      while folder != "/" && folder != "." {
        if Files.exists(folder + "/kaizen-confine") { return folder }
        folder = Files.parent(of: folder)
      }
    }
    return Compiler.packageRoot + "/.build/debug"
  }()

  /// The path of the program `name`, such as `kaizen-confine`.
  public static func path(_ name: String) -> String { folder + "/" + name }
}
