import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("Finding the guilty of a component's deaths") struct GuiltTests {
  private let rig: GuiltRig
  init() throws { rig = try GuiltRig() }

  /// A host on which 1.2.0 has answered for two agents, and 1.3.0 has then taken its place.
  private func upgraded(dyingOn agents: [String], before: [String] = []) throws -> ComponentHost {
    try rig.drop("1.2.0", diesOn: before)
    let host = try rig.host()
    for agent in ["a", "b"] where !before.contains(agent) {
      #expect(try rig.ask(host, agent) == "found by 1.2.0")
    }
    try rig.drop("1.3.0", diesOn: agents)
    #expect(host.reload().changed == ["fragile"])
    return host
  }

  @Test("a version that dies on several inputs is left for the last good one")
  func version() throws {
    let host = try upgraded(dyingOn: ["a", "b"])
    for agent in ["a", "b", "a"] { #expect(try rig.ask(host, agent) == "E_PLUGIN_CRASHED") }
    let guilt = try rig.next()
    #expect(guilt.culprit == .version)
    #expect(guilt.versions.map(\.name) == ["1.3.0"] && guilt.instead?.name == "1.2.0")
    #expect(guilt.deaths.map(\.agent) == ["b", "a"] && guilt.deaths.map(\.count) == [1, 2])
    for agent in ["a", "b"] { #expect(try rig.ask(host, agent) == "found by 1.2.0") }
    let status = try rig.status(host)
    #expect(status.state == .ready && status.manifest?.version == "1.2.0")
    #expect(status.guilt == [guilt])
    for word in [
      "running 1.2.0, fell back from 1.3.0: 1.3.0 died on 2 different inputs", "E_PLUGIN_CRASHED",
      "SIGSEGV", "1.2.0 answered", "when tried", "kaizen plugins enable fragile",
    ] {
      #expect(guilt.text("fragile").contains(word), "\(guilt.text("fragile"))")
    }
  }

  @Test("what is called instead says so among the remarks")
  func remark() throws {
    let host = try upgraded(dyingOn: ["a", "b"])
    for agent in ["a", "b", "a"] { _ = try rig.ask(host, agent) }
    _ = try rig.next()
    let notes = try host.analyze(try id("fragile"), try rig.input("c")).remarks.notes
    #expect(notes.count == 1 && notes[0].hasPrefix("running 1.2.0, fell back from 1.3.0"))
  }

  @Test(
    "a version that dies on one input, which the last good one answers, is kept from that alone")
  func pair() throws {
    let host = try upgraded(dyingOn: ["a"])
    try rig.kill(host, "a")
    let guilt = try rig.next()
    #expect(guilt.culprit == .pair && guilt.instead?.name == "1.2.0")
    #expect(guilt.finding.contains("1.2.0 is called for it instead"))
    #expect(try rig.ask(host, "a") == "found by 1.2.0")
    #expect(try rig.ask(host, "b") == "found by 1.3.0")
    #expect(try rig.status(host).manifest?.version == "1.3.0")
    // Another input is another matter.
    #expect(try rig.ask(host, "a", generation: 5) == "E_PLUGIN_CRASHED")
  }

  @Test("an input that no version answers is skipped, and it alone")
  func input() throws {
    let host = try upgraded(dyingOn: ["a"], before: ["a"])
    try rig.kill(host, "a")
    let guilt = try rig.next()
    #expect(guilt.culprit == .input && guilt.instead == nil)
    #expect(guilt.versions.map(\.name) == ["1.3.0", "1.2.0"])
    let callCount = rig.rig.calls.all.count
    let error = try rig.failure(host, "a")
    #expect(error.code == "E_PLUGIN_SKIPPED")
    for word in ["fragile", "of agent \"a\" is skipped", "1.3.0 died", "1.2.0 died", "3 times"] {
      #expect(error.message.contains(word), "\(error)")
    }
    #expect(error.hint?.contains("kaizen plugins enable fragile") == true)
    #expect(rig.rig.calls.all.count == callCount)  // it is no call
    #expect(try rig.ask(host, "b") == "found by 1.3.0")
  }

  @Test("without an earlier version, one that answers others has its input skipped at once")
  func alone() throws {
    try rig.drop("1.3.0", diesOn: ["a"])
    let host = try rig.host()
    for agent in ["b", "a", "b", "a", "b"] { _ = try rig.ask(host, agent) }
    #expect(try rig.ask(host, "a") == "E_PLUGIN_CRASHED")
    #expect(try rig.ask(host, "a") == "E_PLUGIN_SKIPPED")
    let guilt = try rig.next()
    #expect(guilt.culprit == .input)
    #expect(guilt.finding.contains("no earlier good version is kept"))
    #expect(guilt.answers.map(\.agent) == ["b"])
    #expect(rig.changes.all.isEmpty)
    #expect(try rig.ask(host, "b") == "found by 1.3.0")
  }

  @Test("whether a version answers others is tried with the last good input")
  func tried() throws {
    try rig.drop("1.3.0", diesOn: ["a"])
    let host = try rig.host()
    #expect(try rig.ask(host, "b") == "found by 1.3.0")
    try rig.kill(host, "a")
    let guilt = try rig.next()
    #expect(guilt.culprit == .input)
    #expect(guilt.answers.map(\.isExperiment) == [true] && guilt.answers.map(\.agent) == ["b"])
    #expect(try rig.ask(host, "b") == "found by 1.3.0")
  }

  @Test("where nothing tells the guilty, the breaker protects as before")
  func unknown() throws {
    try rig.drop("1.3.0", diesOn: ["a"])
    let host = try rig.host()
    try rig.kill(host, "a")
    #expect(try rig.ask(host, "a") == "E_PLUGIN_OPEN")
    #expect(try rig.status(host).guilt.isEmpty)
    #expect(rig.changes.all.count == 1)
  }

  @Test("enabling lifts all of it, and the breaker")
  func lifted() throws {
    let host = try upgraded(dyingOn: ["a", "b"])
    for agent in ["a", "b", "a"] { _ = try rig.ask(host, agent) }
    _ = try rig.next()
    host.enable("fragile")
    let status = try rig.status(host)
    #expect(status.guilt.isEmpty && status.manifest?.version == "1.3.0")
    #expect(try rig.ask(host, "a") == "E_PLUGIN_CRASHED")
    #expect(try rig.ask(host, "c") == "found by 1.3.0")
  }

  @Test("a new version starts clean")
  func clean() throws {
    let host = try upgraded(dyingOn: ["a", "b"])
    for agent in ["a", "b", "a"] { _ = try rig.ask(host, agent) }
    _ = try rig.next()
    try rig.drop("1.3.0", diesOn: ["b"])
    host.reload()
    #expect(try rig.status(host).guilt.isEmpty)
    #expect(try rig.ask(host, "a") == "found by 1.3.0")
  }

  @Test("a death after the deadline is told in time, whatever is tried afterwards")
  func inTime() throws {
    let host = try upgraded(dyingOn: ["a"])
    let start = Clock.monotonic()
    try rig.kill(host, "a")
    // Tried is on a thread of its own; until that has ended the breaker refuses.
    #expect(Clock.monotonic() - start < .seconds(10))
    _ = try rig.next()
  }
}

@Suite("Remembering the guilty") struct RememberedGuiltTests {
  private let rig: GuiltRig
  init() throws { rig = try GuiltRig() }

  /// Has 1.3.0 fall back to 1.2.0.
  private func fallBack() throws -> ComponentGuilt {
    try rig.drop("1.2.0")
    let host = try rig.host()
    _ = try rig.ask(host, "a")
    try rig.drop("1.3.0", diesOn: ["a", "b"])
    host.reload()
    for agent in ["a", "b", "a"] { _ = try rig.ask(host, agent) }
    return try rig.next()
  }

  @Test("survives a restart, with the copy of the last good version")
  func restart() throws {
    let guilt = try fallBack()
    let host = try rig.host()
    #expect(try rig.status(host).guilt == [guilt])
    #expect(try rig.ask(host, "a") == "found by 1.2.0")
    #expect(host.memoryNote == nil)
    #expect(try Files.names(in: rig.copies).count == 2)
  }

  @Test("what was lifted stays lifted over a restart")
  func lifted() throws {
    _ = try fallBack()
    try rig.host().enable("fragile")
    let host = try rig.host()
    #expect(try rig.status(host).guilt.isEmpty)
    #expect(try rig.ask(host, "c") == "found by 1.3.0")
  }

  @Test("a damaged file is set aside and named, and everything runs", arguments: ["{", "[]", "{}"])
  func damaged(text: String) throws {
    _ = try fallBack()
    try rig.rig.folder.write("home/state/components.json", text)
    let host = try rig.host()
    let note = try #require(host.memoryNote)
    #expect(note.contains(rig.file) && note.contains("components.json.damaged"), "\(note)")
    #expect(
      try Files.read(rig.file + ".damaged", limit: 100) == Array(text.utf8))
    #expect(try rig.ask(host, "c") == "found by 1.3.0")
    #expect(Files.exists(rig.file))  // 1.3.0 worked: that is written anew
  }

  @Test("a copy that was damaged is not run: the registered version is, under its breaker")
  func damagedCopy() throws {
    let guilt = try fallBack()
    let copy = rig.copies + "/" + (guilt.instead?.digest ?? "") + "/fragile_1_2.so"
    chmod(copy, 0o644)
    try FileDescriptor.open(copy, O_WRONLY | O_TRUNC).writeAll("other".utf8)
    let host = try rig.host()
    #expect(try rig.ask(host, "a") == "E_PLUGIN_CRASHED")
    #expect(try rig.ask(host, "c") == "found by 1.3.0")
    #expect(try rig.status(host).guilt.isEmpty)
  }

  @Test("of versions that worked two are kept, whatever comes after them")
  func bounded() throws {
    try rig.drop("1.2.0")
    let host = try rig.host()
    for number in 0..<5 {
      try rig.drop("1.2.0", diesOn: ["x\(number)"])
      host.reload()
      #expect(try rig.ask(host, "a") == "found by 1.2.0")
    }
    _ = host.sweep()
    #expect(try Files.names(in: rig.copies).count == 2)
  }

  @Test("a component that was removed and copied back is remembered")
  func copiedBack() throws {
    let guilt = try fallBack()
    let host = try rig.host()
    let place = rig.rig.folder.path + "/home/plugins/fragile"
    rename(place, place + "-away")
    rename(place + "-away", rig.rig.folder.path + "/away")
    #expect(host.reload().removed == ["fragile"])
    rename(rig.rig.folder.path + "/away", place)
    #expect(host.reload().added == ["fragile"])
    #expect(try rig.status(host).guilt == [guilt])
    #expect(try rig.ask(host, "a") == "found by 1.2.0")
  }
}

@Suite("The guilty among other components") struct OtherGuiltTests {
  private let rig: GuiltRig
  init() throws { rig = try GuiltRig() }

  /// Drops in an applier that notes its version, or dies as its first file says.
  private func dropApplier(_ version: String, dies: Bool) throws {
    try rig.rig.commandBundle(
      "act", kind: "applier",
      script: dies
        ? "echo $$ >>a.py; kill -SEGV $$" : "echo '{\"note\": \"by \(version)\"}'",
      #", "version": "\#(version)", "needs": {"write": ["*.py"]}"#)
  }

  private func apply(_ host: ComponentHost) throws -> String {
    let input = try rig.rig.application(try id("act"))
    do throws(KaizenError) {
      return try host.apply(input.item.applier, input).remarks.notes.last ?? ""
    } catch {
      return error.code.rawValue
    }
  }

  @Test("an applier is never tried: its earlier version's next real call tells")
  func applier() throws {
    try dropApplier("1.2.0", dies: false)
    let host = try rig.host()
    #expect(try apply(host) == "by 1.2.0")
    try dropApplier("1.3.0", dies: true)
    host.reload()
    // Each death has changed the clone, so that the next call has another input.
    for _ in 0..<3 { #expect(try apply(host) == "E_PLUGIN_CRASHED") }
    let text = try rig.rig.text("a.py")
    let guilt = try rig.next()
    #expect(guilt.culprit == .version && guilt.answers.isEmpty)
    #expect(!guilt.text("act").contains("when tried"))
    #expect(try apply(host) == "by 1.2.0")
    #expect(try rig.rig.text("a.py") == text)
    #expect(host.ready(.applier).map(\.version) == ["1.2.0"])
  }

  @Test("a version that dies when it is loaded is left for the last good one, after its time")
  func loading() throws {
    try rig.drop("1.2.0")
    let host = try rig.host()
    #expect(try rig.ask(host, "a") == "found by 1.2.0")
    let library = rig.rig.folder.path + "/home/plugins/fragile/fragile_1_2.so"
    let source = "__attribute__((constructor)) static void die(void) { __builtin_trap(); }\n"
    try rig.rig.folder.write("die.c", source)
    try Compiler.run(
      ["cc", "-shared", "-fPIC", "-o", library, rig.rig.folder.path + "/die.c"],
      in: rig.rig.folder)
    chmod(library, 0o644)
    let unit = rig.rig.folder.path + "/home/plugins/fragile/manifest.json"
    let print = BundleScan(rig.rig.sources).prints[unit]
    // It may be half a copy: first the version before runs on, and nobody is guilty.
    let early = host.takeUp([unit: print], evenBroken: [])
    #expect(early.postponed.count == 1)
    #expect(try rig.status(host).guilt.isEmpty)
    _ = host.takeUp([unit: print], evenBroken: [unit])
    let guilt = try rig.next()
    #expect(guilt.culprit == .version && guilt.finding.contains("died when it was loaded"))
    #expect(try rig.status(host).state == .ready)
    #expect(try rig.ask(host, "a") == "found by 1.2.0")
    // It is the same after a restart, where it dies again.
    let again = try rig.host()
    #expect(try rig.ask(again, "a") == "found by 1.2.0")
  }

  @Test("costs no other component a call")
  func others() throws {
    try rig.rig.libraryBundle("good_analyzer", id: "good")
    try rig.drop("1.3.0", diesOn: ["a"])
    let host = try rig.host()
    let good = try id("good")
    for agent in ["b", "a", "a", "a", "a", "b"] {
      _ = try rig.ask(host, agent)
      #expect(try host.analyze(good, try rig.input(agent)).opportunities.count == 1)
    }
    #expect(host.ready(.analyzer).map(\.id.text) == ["fragile", "good"])
  }

  @Test("of a home's own manifest inputs are skipped, too, and no version is fallen back to")
  func home() throws {
    try rig.rig.folder.write(
      "home/manifest.json",
      manifestText(
        #""id": "fragile", "kind": "analyzer", "emits": ["code_smell"], "entry": {"command": "#
          + #"["sh", "-c", "read line; case $line in *'\"id\":\"a\"'*) kill -SEGV $$;; esac"]}"#))
    let host = try rig.host()
    #expect(try rig.ask(host, "b") == "nothing")
    try rig.kill(host, "a")
    #expect(try rig.next().culprit == .input)
    #expect(try rig.ask(host, "b") == "nothing")
    #expect(try rig.failure(host, "a").code == "E_PLUGIN_SKIPPED")
    let again = try rig.failure(rig.host(), "a")
    #expect(again.code == "E_PLUGIN_SKIPPED", "\(again)")
  }
}
