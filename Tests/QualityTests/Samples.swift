import Model
import Quality

/// A scorer that says what it is told to.
struct FixedScorer: QualityScorer {
  var id: ComponentID
  var weight = 1.0
  var dimensions: [String]
  var result: Result<ScoreReport, KaizenError>

  init(
    _ id: String, weight: Double = 1, _ scores: [String: Double], findings: [Finding] = []
  ) {
    self.id = component(id)
    self.weight = weight
    dimensions = scores.keys.sorted()
    let sorted = scores.sorted { $0.key < $1.key }
    result = .success(
      ScoreReport(
        scores: sorted.map { DimensionScore(dimension: $0.key, value: $0.value) },
        findings: findings))
  }

  init(_ id: String, failing dimensions: [String]) {
    self.id = component(id)
    self.dimensions = dimensions
    result = .failure(KaizenError("E_COMPONENT", "it crashed with SIGSEGV"))
  }

  func score(_ tree: SourceTree) throws(KaizenError) -> ScoreReport { try result.get() }
}

func component(_ id: String) -> ComponentID {
  guard let id = ComponentID(id) else { fatalError("no id: \(id)") }
  return id
}

func finding(_ line: Int?, _ rule: String = "R1", file: String = "a.py", _ message: String = "m")
  -> Finding
{
  Finding(rule: rule, level: .warning, file: file, line: line, message: message)
}

/// An assessment with these scores and findings.
func assessment(_ scores: [String: Double], _ findings: [Finding] = []) -> Assessment {
  Assessment(dimensions: scores.mapValues { .scored($0) }, findings: findings)
}

/// Numbers that look random and are the same in every run: splitmix64, with its seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
