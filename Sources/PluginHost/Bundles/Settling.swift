import Model

/// Decides when what was dropped in is taken up: once it is still and whole, or has had its time.
struct Settling {
  /// How long nothing of a unit may change before it counts as copied.
  static let stillMin: Duration = .milliseconds(150)
  /// How long one that is still but not whole is waited for, from its last change.
  static let partMax: Duration = .seconds(30)
  /// How long one that changes all the time is waited for, from its first change.
  static let restlessMax: Duration = .seconds(300)

  private struct Pending {
    var print: Int?
    /// When it changed first, and last.
    var firstAt: Duration
    var lastAt: Duration
    /// What it lacks, once that was looked at.
    var lack: String?
    var isLookedAt = false
  }

  /// What is to be done now.
  struct Step {
    /// Units to take up, with their numbers; nil for one that is gone.
    var ripe: [String: Int?] = [:]
    /// Of those, the ones that were given up waiting for, with what they lack.
    var givenUp: [String: String] = [:]
    /// Units that are waited for, with what they lack.
    var waiting: [String: String] = [:]
    /// When the next look is due at the latest, where one is.
    var wakeAt: Duration?

    mutating func wake(at time: Duration) { wakeAt = min(wakeAt ?? time, time) }
  }

  private var pending: [String: Pending] = [:]

  /// Goes by what was `found` and what is `applied` already; `lack` says what a unit still lacks.
  mutating func step(
    found: [String: Int], applied: [String: Int], now: Duration, lack: (String) -> String?
  ) -> Step {
    var step = Step()
    for unit in Set(found.keys).union(applied.keys).union(pending.keys) {
      let print = found[unit]
      if print == applied[unit] {
        pending[unit] = nil  // as it was before: nothing to do
        continue
      }
      var entry = pending[unit] ?? Pending(print: print, firstAt: now, lastAt: now)
      if entry.print != print {
        entry = Pending(print: print, firstAt: entry.firstAt, lastAt: now)
      }
      Self.judge(unit, &entry, now, lack, &step)
      pending[unit] = entry
    }
    return step
  }

  private static func judge(
    _ unit: String, _ entry: inout Pending, _ now: Duration, _ lack: (String) -> String?,
    _ step: inout Step
  ) {
    let isRestless = now - entry.firstAt >= restlessMax
    if now - entry.lastAt < stillMin, !isRestless {
      return step.wake(at: entry.lastAt + stillMin)
    }
    if !entry.isLookedAt {
      entry.lack = entry.print == nil ? nil : lack(unit)
      entry.isLookedAt = true
    }
    if let lack = entry.lack {
      let giveUpAt = min(entry.lastAt + partMax, entry.firstAt + restlessMax)
      if now < giveUpAt {
        step.waiting[unit] = lack
        return step.wake(at: giveUpAt)
      }
      step.givenUp[unit] = lack
    }
    step.ripe[unit] = .some(entry.print)
  }

  /// Has a unit that turned out not to work be waited for like one that lacks something.
  mutating func postpone(_ unit: String, _ reason: String) { pending[unit]?.lack = reason }
}
