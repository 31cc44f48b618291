import KaizenPluginSDK

/// What became of earlier trials.
struct History {
  /// Verdicts that say nothing about the value: the base was busy, nobody answered, a disk was full.
  private static let undecided: Set<String> = ["inconclusive", "expired", "failed"]
  /// An undecided value gets so many trials before it counts as tried.
  private static let undecidedMax = 2

  private var decided: Set<String> = []
  private var undecided: [String: Int] = [:]

  init(_ json: String) throws(PluginFailure) {
    for entry in try JSONNode(parsing: json).elements {
      guard let note = entry["note"]?.string else { continue }
      if Self.undecided.contains(entry["verdict"]?.string ?? "") {
        undecided[note, default: 0] += 1
      } else {
        decided.insert(note)
      }
    }
  }

  /// Whether the candidate with that note had its trial.
  func isTried(_ note: String) -> Bool {
    decided.contains(note) || undecided[note, default: 0] >= Self.undecidedMax
  }
}
