import Glibc
import Linux
import TestSupport
import Testing

/// `make torture` kills a thousand times, and shows how it gets on.
@Suite("Killing the daemon") struct KillTests {
  @Test(
    "at any instant leaves an agent wholly old or wholly new, and nothing behind",
    arguments: ["directory", "managed"])
  func killed(mode: String) throws {
    let kills = (Self.variable("KAIZEN_KILLS").flatMap { Int($0) } ?? 40) / 2
    let seed = Self.variable("KAIZEN_SEED").flatMap { UInt64($0) } ?? .random(in: 0...999_999_999)
    let began = ContinuousClock.now
    let torture = try Torture(seed: seed, mode: mode)
    Self.say("mode \(mode), seed \(seed); undisturbed: \(torture.measured)")
    while torture.figures.kills < kills, torture.figures.violations.count < 5 {
      try torture.kill()
      if torture.figures.kills % 50 == 0 { Self.say(Self.line(torture, since: began)) }
    }
    try torture.finish()
    Self.say(Self.line(torture, since: began))
    for (action, count) in try torture.recoveries().sorted(by: { $0.key < $1.key }) {
      Self.say("recovery \(action): \(count)")
    }
    #expect(
      torture.figures.violations.isEmpty,
      """
      repeat with KAIZEN_SEED=\(seed) KAIZEN_KILLS=\(2 * torture.figures.kills), mode \(mode)
      \(torture.figures.violations.joined(separator: "\n"))
      the log of kaizend ends with:
      \(torture.daemon.log)
      """)
  }

  private static func line(_ torture: Torture, since began: ContinuousClock.Instant) -> String {
    let figures = torture.figures
    let actions = figures.killsByAction.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return "kills \(figures.kills) (\(actions); \(figures.killsUnderWay) under way), "
      + "\(figures.killsAtStart) more at the start; \(figures.switches) switches, "
      + "\(figures.violations.count) violations, \((ContinuousClock.now - began).components.seconds)"
      + " s; starts \(Torture.text(figures.startTime)), checks \(Torture.text(figures.checkTime))"
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// At once, not when a buffer is full: a campaign takes many minutes.
  ///
  /// `make torture` names the descriptor that leads to whoever started it.
  private static func say(_ line: String) {
    let bytes = Array("torture: \(line)\n".utf8)
    _ = write(variable("KAIZEN_PROGRESS").flatMap { Int32($0) } ?? 1, bytes, bytes.count)
  }
}
