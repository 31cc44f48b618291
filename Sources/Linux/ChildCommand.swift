internal import Glibc

/// What a child is started with.
public struct ChildCommand: Sendable {
  /// The program and its arguments; a program without a slash is looked up in this process's PATH.
  public var words: [String]
  /// Its whole environment; nil hands on this process's own.
  public var environment: [String: String]?
  /// Its descriptors, number in the child → number here; every other one is closed.
  public var descriptors: [Int32: Int32]
  /// Where it starts; nil is where this process is.
  public var workingDirectory: String?
  /// Whether it leads a session, and so a process group, of its own.
  public var newSession: Bool
  /// What a wrapper that nobody should notice hands on; nil starts the child afresh.
  public var inherited: Inherited?

  /// Handing on what this process was started with: open descriptors and ignored signals.
  public struct Inherited: Sendable {
    /// The signal mask of the child.
    public var mask: SignalSet
    /// Signals that start with their default action; every other keeps being ignored if it is.
    public var defaults: SignalSet
    /// The program and its arguments as bytes, where they are no text; nil where `words` says it all.
    public var exactWords: [[UInt8]]?
    /// The environment as bytes, in the same way.
    public var exactEnvironment: [[UInt8]]?

    /// Makes the choice.
    public init(
      mask: SignalSet, defaults: SignalSet, exactWords: [[UInt8]]? = nil,
      exactEnvironment: [[UInt8]]? = nil
    ) {
      self.mask = mask
      self.defaults = defaults
      self.exactWords = exactWords
      self.exactEnvironment = exactEnvironment
    }
  }

  /// Makes a command; by default it shares stdin, stdout and stderr with this process.
  public init(
    words: [String], environment: [String: String]? = nil,
    descriptors: [Int32: Int32] = [0: 0, 1: 1, 2: 2], workingDirectory: String? = nil,
    newSession: Bool = false, inherited: Inherited? = nil
  ) {
    self.words = words
    self.environment = environment
    self.descriptors = descriptors
    self.workingDirectory = workingDirectory
    self.newSession = newSession
    self.inherited = inherited
  }

  // posix_spawn.h; Swift imports neither.
  private static let setSession: Int16 = 0x80
  private static let setMask: Int16 = 0x08
  private static let setDefaults: Int16 = 0x04

  /// posix_spawn(3): the parent's memory is not copied, and no code runs between fork and exec.
  func spawn() throws(SystemError) -> pid_t {
    guard let program = words.first, !program.isEmpty else {
      throw SystemError("posix_spawn", "no program", code: EINVAL)
    }
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    let borrowed = try mapDescriptors(&actions)
    defer { borrowed.forEach { close($0) } }
    if let workingDirectory {
      posix_spawn_file_actions_addchdir_np(&actions, workingDirectory)
    }
    resetSignals(&attributes)

    var child = pid_t()
    let arguments = inherited?.exactWords ?? words.map { Array($0.utf8) }
    let code = withStrings(arguments) { arguments in
      guard let path = arguments[0] else { return EINVAL }
      guard let variables else {
        return posix_spawnp(&child, path, &actions, &attributes, arguments, environ)
      }
      return withStrings(variables) {
        posix_spawnp(&child, path, &actions, &attributes, arguments, $0)
      }
    }
    if code != 0 { throw SystemError("posix_spawn", program, code: code) }
    return child
  }

  /// The child's environment; nil is this process's own.
  private var variables: [[UInt8]]? {
    if let exact = inherited?.exactEnvironment { return exact }
    guard let environment else { return nil }
    return environment.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8) }
  }

  /// Sources are first copied above every target, so that no target overwrites a source.
  private func mapDescriptors(
    _ actions: inout posix_spawn_file_actions_t
  ) throws(SystemError) -> [Int32] {
    let above = max(3, (descriptors.keys.max() ?? 2) + 1)
    var copies: [Int32] = []
    for (target, source) in descriptors.sorted(by: { $0.key < $1.key }) {
      let copy = fcntl(source, F_DUPFD_CLOEXEC, above)
      if copy < 0 {
        let error = SystemError("fcntl", "F_DUPFD \(source)")
        copies.forEach { close($0) }
        throw error
      }
      copies.append(copy)
      posix_spawn_file_actions_adddup2(&actions, copy, target)
    }
    if inherited != nil { return copies }  // what is not CLOEXEC stays open
    for unused in 0..<above where descriptors[unused] == nil {
      posix_spawn_file_actions_addclose(&actions, unused)
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, above)
    return copies
  }

  /// The child starts with no signal blocked or ignored, unless it is to inherit.
  private func resetSignals(_ attributes: inout posix_spawnattr_t) {
    var mask = sigset_t()
    var defaults = sigset_t()
    sigemptyset(&mask)
    sigfillset(&defaults)
    if let inherited {
      mask = inherited.mask.raw
      defaults = inherited.defaults.raw
    }
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    let session = newSession ? Self.setSession : 0
    posix_spawnattr_setflags(&attributes, Self.setMask | Self.setDefaults | session)
  }
}

/// Lends `strings` as a NULL-terminated array of C strings.
private func withStrings<R>(
  _ strings: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
) -> R {
  let copies = strings.map { bytes in
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
    copy[bytes.count] = 0
    return copy
  }
  defer { copies.forEach { $0.deallocate() } }
  return body(copies + [nil])
}
