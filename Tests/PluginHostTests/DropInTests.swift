import Glibc
import Linux
import Model
import Synchronization
import TestSupport
import Testing

@testable import PluginHost

/// A host whose bundles are watched, and what the watch told of.
private final class WatchedHost: Sendable {
  /// Beyond this a test has failed; the watch takes a fraction of a second.
  static let patience: Duration = .seconds(20)

  let rig: HostRig
  let host: ComponentHost
  private let watch: BundleWatch
  private let changes = Condition<[ComponentChanges]>([])

  init(usesInotify: Bool = true, _ prepare: (HostRig) throws -> Void = { _ in }) throws {
    rig = try HostRig()
    try prepare(rig)
    host = try rig.host()
    watch = try BundleWatch(host, usesInotify: usesInotify) { [changes] event in
      if case .changed(let change) = event { changes.update { $0.append(change) } }
    }
  }

  deinit { watch.stop() }

  /// How long it took until a change that `isWanted` was told of; those before it are forgotten.
  @discardableResult
  func await(_ isWanted: (ComponentChanges) -> Bool) throws -> Duration {
    let start = Clock.monotonic()
    let found: Void? = changes.wait(timeout: Self.patience) { changes in
      guard let index = changes.firstIndex(where: isWanted) else { return nil }
      changes.removeSubrange(...index)
      return ()
    }
    _ = try #require(found)
    return Clock.monotonic() - start
  }

  func note(_ component: String) throws -> [String] {
    try host.analyze(try id(component), try rig.analysis()).remarks.notes
  }

  func path(_ name: String) -> String { rig.folder.path + "/home/" + name }

  /// Puts a bundle with one shell script into the home in one step, as `mv` does.
  func replace(_ component: String, says note: String) throws {
    let (place, next) = (path("plugins/\(component)"), path("plugins/.next"))
    if Files.exists(place) {
      try Files.makeDirectories(next, mode: 0o755)
      for name in ["manifest.json", "run"] {
        let bytes =
          name == "run"
          ? Array("#!/bin/sh\necho '{\"note\": \"\(note)\"}'\n".utf8)
          : try Files.read("\(place)/\(name)", limit: 1 << 20)
        try Files.replace("\(next)/\(name)", with: bytes, mode: name == "run" ? 0o755 : 0o644)
      }
      let folder = try FileDescriptor.open(path("plugins"), O_RDONLY | O_DIRECTORY)
      try Files.exchange(folder, component, folder, ".next")
    } else {
      try rig.commandBundle(component, script: "echo '{\"note\": \"\(note)\"}'")
    }
  }
}

@Suite("Dropping bundles in") struct DropInTests {
  @Test("takes up one that is new, replaced, removed, all by itself", arguments: [true, false])
  func life(usesInotify: Bool) throws {
    let watched = try WatchedHost(usesInotify: usesInotify)
    try watched.replace("noter", says: "one")
    try watched.await { $0.added == ["noter"] }
    #expect(try watched.note("noter") == ["one"])
    try watched.replace("noter", says: "two")
    try watched.await { $0.changed == ["noter"] }
    #expect(try watched.note("noter") == ["two"])
    rename(watched.path("plugins/noter"), watched.path("gone"))
    try watched.await { $0.removed == ["noter"] }
    let error = #expect(throws: KaizenError.self) { try watched.note("noter") }
    #expect(error?.code == "E_PLUGIN_UNKNOWN")
  }

  @Test("takes up the home's own manifest")
  func homeManifest() throws {
    let watched = try WatchedHost()
    try watched.rig.folder.write(
      "home/manifest.json",
      manifestText(
        #""id": "echo", "kind": "analyzer", "emits": ["code_smell"], "#
          + #""entry": {"command": ["echo", "{\"note\": \"home\"}"]}"#))
    try watched.await { $0.added == ["echo"] }
    #expect(try watched.note("echo") == ["home"])
  }

  @Test("a half copy is waited for, and the version before goes on meanwhile")
  func half() throws {
    let watched = try WatchedHost { try $0.libraryBundle("good_analyzer", id: "good") }
    let library = watched.path("plugins/good_analyzer/good_analyzer.so")
    let whole = try Files.read(library, limit: 16 << 20)
    // Half of the library: it parses as nothing that could be loaded.
    try Files.replace(library, with: Array(whole.prefix(whole.count / 2)), mode: 0o644)
    // A bundle that comes later is there first: only then can the half one have been looked at.
    try watched.replace("noter", says: "n")
    try watched.await { $0.added == ["noter"] }
    #expect(
      try watched.host.analyze(try id("good"), try watched.rig.analysis()).opportunities.count == 1)
    #expect(watched.host.reason("good") == nil)
    try Files.replace(library, with: whole + [0], mode: 0o644)
    try watched.await { $0.changed == ["good"] }
    #expect(
      try watched.host.analyze(try id("good"), try watched.rig.analysis()).opportunities.count == 1)
  }

  @Test("what a new one still lacks is waited for")
  func lack() throws {
    let watched = try WatchedHost()
    try watched.rig.commandBundle("later", script: #"echo '{"note": "l"}'"#)
    rename(watched.path("plugins/later/run"), watched.path("run"))
    try watched.replace("noter", says: "n")
    try watched.await { $0.added == ["noter"] }
    #expect(!watched.host.components().contains { $0.name == "later" })
    let reasons = watched.host.waitingReasons()
    #expect(reasons.count == 1 && reasons[0].contains("names the file \"run\""), "\(reasons)")
    rename(watched.path("run"), watched.path("plugins/later/run"))
    try watched.await { $0.added == ["later"] }
    #expect(try watched.note("later") == ["l"])
  }

  @Test("takes up a file that the home's own manifest names, when it changes")
  func homeFile() throws {
    let watched = try WatchedHost { rig in
      try rig.folder.write("home/tools/say", "#!/bin/sh\necho '{\"note\": \"one\"}'\n", mode: 0o755)
      try rig.folder.write(
        "home/manifest.json",
        manifestText(
          #""id": "say", "kind": "analyzer", "emits": ["code_smell"], "#
            + #""entry": {"command": ["./tools/say"]}"#))
    }
    #expect(try watched.note("say") == ["one"])
    try Files.replace(
      watched.path("tools/say"), with: "#!/bin/sh\necho '{\"note\": \"two\"}'\n".utf8, mode: 0o755)
    try watched.await { $0.changed == ["say"] }
    #expect(try watched.note("say") == ["two"])
  }

  @Test("what is wrong with one is said at once")
  func wrong() throws {
    let watched = try WatchedHost()
    try watched.rig.commandBundle("odd", kind: "analyser", script: "exit 0")
    try watched.await { $0.added == ["odd"] }
    #expect(watched.host.reason("odd")?.contains("analyser") == true)
  }

  @Test("one that replaced a component of the home gives its place back when it goes")
  func uncovers() throws {
    let watched = try WatchedHost { rig in
      try rig.folder.write(
        "home/manifest.json",
        manifestText(
          #""id": "noter", "kind": "analyzer", "emits": ["code_smell"], "#
            + #""entry": {"command": ["echo", "{\"note\": \"home\"}"]}"#))
    }
    try watched.replace("noter", says: "bundle")
    try watched.await { $0.changed == ["noter"] }
    #expect(try watched.note("noter") == ["bundle"])
    rename(watched.path("plugins/noter"), watched.path("gone"))
    try watched.await { $0.changed == ["noter"] }
    #expect(try watched.note("noter") == ["home"])
  }

  @Test("copies that nothing uses any more are removed")
  func swept() throws {
    let watched = try WatchedHost()
    try watched.replace("noter", says: "one")
    try watched.await { $0.added == ["noter"] }
    for number in 0..<3 {
      try watched.replace("noter", says: "again \(number)")
      try watched.await { $0.changed == ["noter"] }
    }
    _ = watched.host.sweep()
    let bundle = try #require(watched.host.components().first?.bundle)
    #expect(try Files.names(in: watched.path("state/bundles")) == [bundle.hex])
  }
}

@Suite("Replacing a bundle under load") struct ReplacementTests {
  /// `make torture` replaces a thousand times.
  private static let replacementCount =
    getenv("KAIZEN_REPLACEMENTS").flatMap { Int(String(cString: $0)) } ?? 200
  private static let callerCount = 3

  @Test("loses no call, and leaves no copy behind")
  func noneLost() throws {
    let rig = try HostRig()
    try rig.libraryBundle("good_analyzer", id: "good")
    let host = try rig.host()
    let unit = rig.folder.path + "/home/plugins/good_analyzer/manifest.json"
    let lost = SharedList<String>()
    let input = try rig.analysis()
    let component = try id("good")
    let shared = Shared()
    let callers = try (0..<Self.callerCount).map { _ in
      try BlockingThread(name: "caller") {
        while !shared.isDone.load(ordering: .acquiring) {
          do {
            let found = try host.analyze(component, input).opportunities.count
            if found != 1 { lost.append("\(found) opportunities") }
          } catch {
            lost.append("\(error)")
          }
          shared.calls.add(1, ordering: .relaxed)
        }
      }
    }
    for number in 1...Self.replacementCount {
      try rig.folder.write("home/plugins/good_analyzer/number", "\(number)")
      let print = BundleScan(rig.sources).prints[unit]
      let result = host.takeUp([unit: print], evenBroken: [])
      #expect(result.changes.changed == ["good"])
      _ = host.sweep()
    }
    shared.isDone.store(true, ordering: .releasing)
    for caller in callers { caller.join() }
    #expect(lost.all.isEmpty, "\(lost.all.prefix(3))")
    #expect(shared.calls.load(ordering: .relaxed) > Self.replacementCount / 10)
    #expect(host.sweep())
    #expect(try Files.names(in: rig.folder.path + "/home/state/bundles").count == 1)
  }

  private final class Shared: Sendable {
    let isDone = Atomic(false)
    let calls = Atomic<Int>(0)
  }
}
