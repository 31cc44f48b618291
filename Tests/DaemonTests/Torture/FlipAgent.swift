import Glibc
import Linux
import Model
import TestSupport

/// An agent whose every file says which version it is of, so that a mixture of two shows.
///
/// A bundle's applier turns all files of a version into those of another in one trial. Each file is
/// a function of version and path, to the last byte. Odd versions have a folder that even ones lack.
/// The tests fail on every fifth version, the health check on every seventh.
struct FlipAgent {
  /// The id it has.
  static let id = "flip"
  /// The version it begins with.
  static let firstVersion = 1

  /// The folder of its files.
  let root: String
  /// The folder of its files and of clones of it.
  var parent: String { Files.parent(of: root) }

  private static let everyVersion = [
    "one.txt", "two/three.txt", "two/four.txt", "two/five/six.txt", "two/five/seven.txt",
  ]
  private static let oddVersions = "odd/eight.txt"
  private static let scripts = ["agent.json", "check.sh", "health.sh"]
  /// What is no part of generations and must outlive them all: state, and what is ignored.
  private static let precious = ["log/precious.txt", "cache/precious.txt"]

  /// Numbers on a line, and lines of a file after its first.
  private static let numberCount = 30
  private static let lineCount = 8

  /// Makes the agent beneath the daemon's directory, and its bundle in the home.
  init(beside daemon: DaemonUnderTest) throws {
    root = daemon.directory.path + "/agents/\(Self.id)"
    let folder = "agents/\(Self.id)/"
    for (index, path) in Self.paths(of: Self.firstVersion).enumerated() {
      try daemon.directory.write(folder + path, Self.content(Self.firstVersion, index))
    }
    for path in Self.precious { try daemon.directory.write(folder + path, path) }
    try daemon.directory.write(folder + "agent.json", Self.descriptor)
    try daemon.directory.write(folder + "check.sh", Self.check)
    try daemon.directory.write(folder + "health.sh", Self.health)
    try daemon.write("plugins/flip/manifest.json", Self.manifest)
    try daemon.write("plugins/flip/find.sh", Self.find, mode: 0o755)
    try daemon.write("plugins/flip/flip.sh", Self.flip, mode: 0o755)
    try Files.makeDirectories(daemon.home + "/plugins", mode: 0o755)
  }

  /// The inode of its folder: another one after a switch.
  var inode: UInt64 {
    var status = stat()
    return stat(root, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  static func passesTests(_ version: Int) -> Bool { version % 5 != 0 }
  static func isHealthy(_ version: Int) -> Bool { version % 7 != 0 }

  private static func paths(of version: Int) -> [String] {
    everyVersion + (version % 2 == 1 ? [oddVersions] : [])
  }

  /// The file number `index` of a version: its number, then numbers of the minimal standard
  /// generator (Park & Miller 1988), which awk's doubles hold exactly.
  private static func content(_ version: Int, _ index: Int) -> String {
    var value = (version * 31 + (index + 1) * 7919) % 2_147_483_646 + 1
    var text = "version \(version)\n"
    for _ in 0..<lineCount {
      for column in 0..<numberCount {
        value = value * 16807 % 2_147_483_647
        text += "\(value)" + (column + 1 < numberCount ? " " : "\n")
      }
    }
    return text
  }

  /// The version whose files are at `path`, or what is wrong with them.
  func version(at path: String? = nil) -> Result<Int, Mixture> {
    let root = path ?? root
    do {
      let first = String(
        decoding: try Files.read(root + "/one.txt", limit: 1 << 20), as: UTF8.self)
      guard let line = first.split(separator: "\n").first, line.hasPrefix("version "),
        let version = Int(line.dropFirst("version ".count))
      else { return .failure(Mixture("one.txt says no version: \"\(first.prefix(40))\"")) }
      let expected = Self.paths(of: version)
      for (index, file) in expected.enumerated() {
        let bytes = try Files.read(root + "/" + file, limit: 1 << 20)
        if bytes == Array(Self.content(version, index).utf8) { continue }
        let found = String(decoding: bytes.prefix(20), as: UTF8.self)
        return .failure(Mixture("\(file) is not of version \(version): \"\(found)\"…"))
      }
      for file in Self.scripts where !Files.exists(root + "/" + file) {
        return .failure(Mixture("\(file) is missing"))
      }
      for file in Self.precious where path == nil {
        let bytes = try Files.read(root + "/" + file, limit: 1 << 20)
        if bytes != Array(file.utf8) { return .failure(Mixture("\(file) was changed")) }
      }
      let known = Set(expected + Self.scripts + Self.precious)
      if let other = try Self.files(beneath: root).first(where: { !known.contains($0) }) {
        return .failure(Mixture("\(other) is no file of version \(version)"))
      }
      return .success(version)
    } catch {
      return .failure(Mixture("\(error)"))
    }
  }

  /// Files that are not all of one version.
  struct Mixture: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private static func files(
    beneath root: String, _ folder: String = ""
  ) throws(SystemError) -> [String] {
    var found: [String] = []
    for name in try Files.names(in: root + "/" + folder) {
      let path = folder.isEmpty ? name : folder + "/" + name
      if Files.isDirectory(root + "/" + path) {
        found += try files(beneath: root, path)
      } else {
        found.append(path)
      }
    }
    return found
  }

  // MARK: - What the agent and its bundle are made of

  private static let descriptor = """
    { "id": "\(id)", "description": "carries its version in every file", "paths": ["**"],
      "test": { "command": ["sh", "check.sh"], "timeout_s": 20 },
      "health": { "command": ["sh", "health.sh"], "timeout_s": 10 },
      "state": ["log"], "ignore": ["cache/**"], "protected": ["*.sh"] }
    """

  private static let check = """
    # Passes where every file says the same version, and that is no multiple of 5.
    set -eu
    read -r word version < one.txt
    for file in two/*.txt two/five/*.txt; do
      read -r word other < "$file"
      [ "$other" = "$version" ] || { echo "$file: version $other, not $version" >&2; exit 1; }
    done
    [ $((version % 5)) -ne 0 ] || { echo "version $version: a multiple of 5" >&2; exit 1; }
    """

  private static let health = """
    set -eu
    read -r word version < one.txt
    [ $((version % 7)) -ne 0 ] || { echo "version $version: a multiple of 7" >&2; exit 1; }
    """

  /// Severities are the table's: a code smell is MEDIUM and goes alone, an error pattern is HIGH and
  /// asks.
  private static let manifest = """
    { "manifest": 1, "name": "flip", "version": "1.0.0",
      "components": [
        { "id": "flip-finder", "kind": "analyzer", "entry": { "command": ["./find.sh"] },
          "emits": ["code_smell", "error_pattern"], "deadline_ms": 20000 },
        { "id": "flipper", "kind": "applier",
          "entry": { "command": ["./flip.sh"], "output": "none" },
          "handles": ["code_smell", "error_pattern"], "risk": "low", "deadline_ms": 20000,
          "needs": { "write": ["**"] } } ] }
    """

  private static let find = """
    #!/bin/sh
    echo '{"opportunity": {"type": "code_smell", "severity": "low", "title": "another version"}}'
    echo '{"opportunity": {"type": "error_pattern", "severity": "high", "title": "ask first"}}'
    """

  /// The version is the clock's nanoseconds: no two trials make the same.
  private static let flip = """
    #!/bin/sh
    set -eu
    version=$(date +%N | awk '{ print $1 % 999999937 + 2 }')
    rm -rf odd
    [ $((version % 2)) -eq 0 ] || mkdir odd
    awk -v version="$version" 'BEGIN {
      count = split("\((everyVersion + [oddVersions]).joined(separator: " "))", file, " ")
      if (version % 2 == 0) count--
      for (i = 1; i <= count; i++) {
        value = (version * 31 + i * 7919) % 2147483646 + 1
        printf "version %d\\n", version > file[i]
        for (line = 0; line < \(lineCount); line++)
          for (column = 1; column <= \(numberCount); column++) {
            value = value * 16807 % 2147483647
            printf "%d%s", value, (column < \(numberCount) ? " " : "\\n") > file[i]
          }
        close(file[i])
      }
    }'
    """
}
