internal import Control
internal import Model

extension ListAnswer {
  /// That there is more than was shown, where there is.
  var cutLines: [String] {
    guard hasMore else { return [] }
    return items.count < Int(Route.listCountMax)
      ? ["and more: --limit N shows up to \(Route.listCountMax)"] : ["and more"]
  }
}

extension Figures {
  /// `1 file`, `2 files`.
  static func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(count) " + (count == 1 ? noun : plural ?? noun + "s")
  }
}
