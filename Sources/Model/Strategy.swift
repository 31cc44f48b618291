/// How far one optimization may go: data, not a branch in the engine.
public struct Strategy: Hashable, Sendable {
  /// Its name on the command line.
  public enum Name: String, CaseIterable, Sendable {
    case minimal, conservative, comprehensive, aggressive, auto
  }

  /// Which one this is.
  public var name: Name
  /// The least severity it acts on.
  public var severity: Severity
  /// Most opportunities in one plan.
  public var itemCountMax: Int
  /// Riskiest applier it uses.
  public var risk: Risk
  /// Most changed lines.
  public var lineCountMax: Int

  /// The strategies with limits of their own.
  public static let all = [
    Strategy(
      name: .minimal, severity: .critical, itemCountMax: 1, risk: .low, lineCountMax: 50),
    Strategy(
      name: .conservative, severity: .high, itemCountMax: 2, risk: .low, lineCountMax: 100),
    Strategy(
      name: .comprehensive, severity: .low, itemCountMax: 10, risk: .medium, lineCountMax: 1000),
    Strategy(
      name: .aggressive, severity: .low, itemCountMax: 10, risk: .high, lineCountMax: 5000),
  ]

  /// The health from which `auto` takes each strategy, best first.
  private static let automatic: [(health: Double, name: Name)] = [
    (80, .conservative), (50, .comprehensive), (-.infinity, .aggressive),
  ]

  /// The strategy that `name` stands for at this health; without a score `auto` is conservative.
  public static func resolve(_ name: Name, health: Double?) -> Strategy {
    let resolved =
      name == .auto
      ? automatic.first { (health ?? .infinity) >= $0.health }?.name ?? .conservative : name
    guard let strategy = all.first(where: { $0.name == resolved }) else {
      fatalError("every strategy but auto has limits in Strategy.all")
    }
    return strategy
  }
}
