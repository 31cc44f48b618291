import Quality
import Testing

@Suite("Weights of dimensions") struct DimensionWeightsTests {
  let weights = DimensionWeights.standard

  /// A random subset of the dimensions with random scores.
  private func sample(_ generator: inout SeededGenerator) -> [String: Double] {
    var values: [String: Double] = [:]
    for name in weights.dimensions where Bool.random(using: &generator) {
      values[name] = Double.random(in: 0...1, using: &generator)
    }
    return values
  }

  @Test("the five shipped weights add up to 1")
  func total() {
    let total = weights.dimensions.reduce(0) { $0 + weights[$1] }
    #expect(abs(total - 1) < 1e-12)
    #expect(
      weights.dimensions == [
        "correctness", "coverage", "documentation", "maintainability", "security",
      ])
  }

  @Test("without a dimension there is no mean, and one without weight gives none")
  func none() {
    #expect(weights.mean(of: [:]) == nil)
    #expect(weights.mean(of: ["taste": 0.5]) == nil)
    #expect(weights.mean(of: ["taste": 0.1, "security": 0.5]) == 0.5)
  }

  @Test("a weight that is negative or no number counts as nothing")
  func odd() {
    let odd = DimensionWeights(["a": .nan, "b": -1, "c": 1, "d": .infinity])
    #expect(odd.dimensions == ["c"])
    #expect(odd.mean(of: ["a": 0, "b": 0, "c": 0.25, "d": 0]) == 0.25)
  }

  @Test(
    "the mean lies between the lowest and the highest score",
    arguments: 1...200 as ClosedRange<UInt64>)
  func between(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    let values = sample(&generator)
    guard let mean = weights.mean(of: values), let low = values.values.min(),
      let high = values.values.max()
    else {
      #expect(values.isEmpty)
      return
    }
    #expect(mean >= low - 1e-12 && mean <= high + 1e-12)
  }

  @Test("raising one score never lowers the mean", arguments: 1...200 as ClosedRange<UInt64>)
  func monotone(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    let values = sample(&generator)
    for (name, value) in values {
      var raised = values
      raised[name] = Double.random(in: value...1, using: &generator)
      #expect((weights.mean(of: raised) ?? 0) >= (weights.mean(of: values) ?? 0) - 1e-12)
    }
  }

  @Test(
    "leaving a dimension out is the same as giving it the mean of the rest",
    arguments: 1...200 as ClosedRange<UInt64>)
  func renormalized(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    let values = sample(&generator)
    guard let mean = weights.mean(of: values) else { return }
    for name in weights.dimensions where values[name] == nil {
      var filled = values
      filled[name] = mean
      #expect(abs((weights.mean(of: filled) ?? -1) - mean) < 1e-12)
    }
  }

  @Test("weights in another unit give the same mean", arguments: [0.001, 3, 1e6])
  func scaled(factor: Double) {
    let scaled = DimensionWeights(
      Dictionary(uniqueKeysWithValues: weights.dimensions.map { ($0, weights[$0] * factor) }))
    var generator = SeededGenerator(state: 42)
    for _ in 0..<50 {
      let values = sample(&generator)
      let (a, b) = (weights.mean(of: values) ?? -1, scaled.mean(of: values) ?? -1)
      #expect(abs(a - b) < 1e-12)
    }
  }
}
