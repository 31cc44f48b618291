import Model

/// The words `kaizend` was started with.
struct DaemonArguments: Hashable, Sendable {
  var home: String?
  var config: String?
  var showsHelp = false
  var showsVersion = false

  static let usage = """
    usage: kaizend [--home DIR] [--config FILE] [--foreground]

    Hosts analyzers and appliers, and keeps improving the agents it is given.

      --home DIR     where everything is kept; else KAIZEN_HOME, else the XDG directories
      --config FILE  the settings; else config.json in the home
      --foreground   stay in the foreground, as it always does: let a service manager, a
                     shell's & or nohup put it into the background
      --version      print the version
      --help         print this

    It serves HTTP on DIR/run/kaizen.sock until SIGTERM or SIGINT; `kaizen status` asks it.
    """

  /// Reads the words after the program's name.
  /// - Throws: `E_USAGE`, naming the word.
  init(_ words: [String]) throws(KaizenError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--home": home = try Self.value(of: word, &rest)
      case "--config": config = try Self.value(of: word, &rest)
      case "--foreground": break
      case "--help", "-h": showsHelp = true
      case "--version": showsVersion = true
      default:
        throw KaizenError(
          "E_USAGE", "kaizend does not know \"\(word)\"", hint: "kaizend --help says what it knows")
      }
    }
  }

  private static func value(
    of word: String, _ rest: inout ArraySlice<String>
  ) throws(KaizenError) -> String {
    guard let value = rest.popFirst(), !value.hasPrefix("--") else {
      throw KaizenError("E_USAGE", "\(word) needs a path after it")
    }
    return value
  }
}
