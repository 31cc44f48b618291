/// One value to try.
struct Candidate {
  var setting: Setting
  /// The new number as it will be written.
  var text: String

  /// What it does, in the words by which the history knows it again.
  var note: String { "\(setting.tunable.name): \(setting.text) -> \(text)" }
}

/// The values to try, the smallest changes of all tunables before larger ones of any.
enum Candidates {
  /// Steps away from the present value that are tried.
  private static let stepsMax = 64
  /// Candidates of all tunables together.
  private static let most = 1000

  /// Every value within the limits, breadth first.
  ///
  /// One step down for each tunable in the order declared, one step up for each, two steps down, and
  /// so on. A step beyond a limit ends at the limit.
  static func all(for settings: [Setting]) -> [Candidate] {
    var candidates: [Candidate] = []
    var seen = settings.map { Set([$0.text(of: $0.value)]) }
    for steps in 1...stepsMax {
      for direction in [-1.0, 1.0] {
        for (index, setting) in settings.enumerated() where candidates.count < most {
          let tunable = setting.tunable
          let moved = setting.value + direction * Double(steps) * tunable.step
          let value = min(max(moved, tunable.minimum), tunable.maximum)
          let text = setting.text(of: value)
          if seen[index].insert(text).inserted {
            candidates.append(Candidate(setting: setting, text: text))
          }
        }
      }
    }
    return candidates
  }
}
