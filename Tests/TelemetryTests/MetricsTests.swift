import Telemetry
import Testing

@Suite("Metrics as Prometheus reads them") struct MetricsTests {
  @Test("a counter, a gauge and a histogram have HELP, TYPE and their samples, sorted")
  func text() {
    let registry = MetricsRegistry()
    let trials = registry.counter("kaizen_trials_total", "Trials by verdict.", labels: ["verdict"])
    let health = registry.gauge("kaizen_health", "Health of an agent.", labels: ["agent"])
    let seconds = registry.histogram("kaizen_call_seconds", "Calls.", bounds: [0.1, 1])
    trials.add(1, ["rolled_back"])
    trials.add(2, ["kept"])
    health.set(87.5, ["a"])
    for value in [0.1, 0.5, 7] { seconds.observe(value) }
    #expect(
      registry.text() == """
        # HELP kaizen_call_seconds Calls.
        # TYPE kaizen_call_seconds histogram
        kaizen_call_seconds_bucket{le="0.1"} 1
        kaizen_call_seconds_bucket{le="1"} 2
        kaizen_call_seconds_bucket{le="+Inf"} 3
        kaizen_call_seconds_sum 7.6
        kaizen_call_seconds_count 3
        # HELP kaizen_health Health of an agent.
        # TYPE kaizen_health gauge
        kaizen_health{agent="a"} 87.5
        # HELP kaizen_trials_total Trials by verdict.
        # TYPE kaizen_trials_total counter
        kaizen_trials_total{verdict="kept"} 2
        kaizen_trials_total{verdict="rolled_back"} 1

        """)
  }

  @Test("backslashes, quotes and line feeds are escaped, quotes in HELP are not")
  func escaping() {
    let registry = MetricsRegistry()
    registry.counter("c_total", "A \"b\" \\ c\nd", labels: ["l"]).add(1, ["x\"y\\z\nend é"])
    #expect(
      registry.text() == """
        # HELP c_total A "b" \\\\ c\\nd
        # TYPE c_total counter
        c_total{l="x\\"y\\\\z\\nend é"} 1

        """)
  }

  @Test(
    "numbers are written as Prometheus parses them",
    arguments: [
      (0, "0"), (-3, "-3"), (0.25, "0.25"), (1e15, "1000000000000000.0"), (1e16, "1e+16"),
      (.infinity, "+Inf"),
      (-.infinity, "-Inf"), (.nan, "NaN"), (1e-7, "1e-07"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) {
    let registry = MetricsRegistry()
    registry.gauge("g", "G.").set(value)
    #expect(registry.text().hasSuffix("\ng \(text)\n"))
  }

  @Test("a metric without labels is there at zero before its first change; one with labels is not")
  func zero() {
    let registry = MetricsRegistry()
    _ = registry.counter("a_total", "A.")
    _ = registry.counter("b_total", "B.", labels: ["x"])
    #expect(registry.text() == "# HELP a_total A.\n# TYPE a_total counter\na_total 0\n")
  }

  @Test("a counter never goes back, and no NaN enters it or a histogram")
  func monotone() {
    let registry = MetricsRegistry()
    let counter = registry.counter("c_total", "C.")
    let histogram = registry.histogram("h", "H.", bounds: [1])
    counter.add(3)
    for bad in [-1, .nan, .infinity] { counter.add(bad) }
    histogram.observe(.nan)
    #expect(registry.text().contains("\nc_total 3\n"))
    #expect(registry.text().contains("\nh_count 0\n"))
  }

  @Test("asking twice for one name gives one metric")
  func shared() {
    let registry = MetricsRegistry()
    registry.counter("c_total", "C.").add()
    registry.counter("c_total", "C.").add()
    #expect(registry.text().contains("\nc_total 2\n"))
  }

  @Test("a removed series is gone")
  func removed() {
    let registry = MetricsRegistry()
    let gauge = registry.gauge("g", "G.", labels: ["agent"])
    gauge.set(1, ["a"])
    gauge.add(2, ["b"])
    gauge.remove(["a"])
    #expect(registry.text() == "# HELP g G.\n# TYPE g gauge\ng{agent=\"b\"} 2\n")
  }
}

@Suite("The number of label sets is bounded") struct MetricsOverflowTests {
  @Test("a counter counts what is beyond as overflow: its total stays right, and the loss shows")
  func counter() {
    let registry = MetricsRegistry(seriesCountMax: 2)
    let counter = registry.counter("c_total", "C.", labels: ["agent"])
    for agent in ["a", "b", "c", "d", "a"] { counter.add(1, [agent]) }
    let text = registry.text()
    #expect(text.contains("c_total{agent=\"a\"} 2\nc_total{agent=\"b\"} 1\n"))
    #expect(text.contains("c_total{agent=\"overflow\"} 2\n"))
    #expect(text.contains("kaizen_metric_label_sets_folded_total{metric=\"c_total\"} 2\n"))
    #expect(!text.contains("\"c\"") && !text.contains("\"d\""))
  }

  @Test("a histogram folds too, with all its buckets")
  func histogram() {
    let registry = MetricsRegistry(seriesCountMax: 1)
    let histogram = registry.histogram("h", "H.", labels: ["l"], bounds: [1])
    for label in ["a", "b", "c"] { histogram.observe(0.5, [label]) }
    #expect(registry.text().contains("h_bucket{l=\"overflow\",le=\"1\"} 2\n"))
    #expect(registry.text().contains("h_count{l=\"overflow\"} 2\n"))
  }

  @Test("a gauge drops what is beyond: one number cannot stand for many")
  func gauge() {
    let registry = MetricsRegistry(seriesCountMax: 1)
    let gauge = registry.gauge("g", "G.", labels: ["l"])
    gauge.set(1, ["a"])
    gauge.set(2, ["b"])
    #expect(!registry.text().contains("overflow\"}") && !registry.text().contains("\"b\""))
    gauge.remove(["a"])
    gauge.set(2, ["b"])
    #expect(registry.text().contains("g{l=\"b\"} 2\n"))
  }

  @Test("a long label value is cut")
  func long() {
    let registry = MetricsRegistry()
    let value = String(repeating: "x", count: 1_000_000)
    registry.counter("c_total", "C.", labels: ["l"]).add(1, [value])
    #expect(registry.text().utf8.count < MetricsRegistry.labelBytesMax + 100)
  }
}
