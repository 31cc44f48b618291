internal import Control
internal import Model

/// A health in lines.
enum HealthReport {
  static func lines(_ health: HealthAnswer) -> [String] {
    var lines = [
      "\(health.agent): health \(Figures.score(health.score)) of 100 over \(health.days) days, "
        + "\(health.operations) operations" + (health.isProvisional ? " (provisional: few)" : "")
    ]
    var terms = TextTable(["TERM", ">WEIGHT", ">VALUE"])
    for term in health.terms {
      terms.add([term.name, Figures.ratio(term.weight), Figures.ratio(term.value)])
    }
    lines += terms.lines
    if let trend = health.trend {
      lines.append(
        "trend \(trend.direction): \(Figures.fixed(trend.slopePerDay, 2)) points a day over "
          + "\(trend.days) days, p = \(Figures.fixed(trend.pValue, 3))")
    } else {
      lines.append("trend \(Figures.absent): fewer than 5 days with data")
    }
    if health.generations.isEmpty { return lines }
    var table = TextTable(
      [">GENERATION", ">HEALTH", ">OPERATIONS", ">SUCCESS", ">ERRORS", ">MEAN"])
    for row in health.generations {
      table.add([
        row.generation == 0 ? "none" : "\(row.generation)", Figures.score(row.score),
        "\(row.operations)", Figures.percent(row.successRate), Figures.percent(row.errorRate),
        Figures.milliseconds(row.meanMilliseconds),
      ])
    }
    return lines + table.lines
  }
}

/// Opportunities in lines.
enum OpportunityReport {
  static func lines(_ list: ListAnswer<OpportunityInfo>) -> [String] {
    lines(list.items) + list.cutLines
  }

  static func lines(_ items: [OpportunityInfo]) -> [String] {
    if items.isEmpty { return ["no opportunities"] }
    var table = TextTable(["SEVERITY", "TYPE", "AGENT", ">STRENGTH", "FOUND BY", "TITLE"])
    for item in items {
      table.add([
        item.severity.rawValue.uppercased(), item.type.rawValue, item.agent,
        Figures.ratio(item.strength), item.component, item.title,
      ])
    }
    return table.lines
  }
}

/// A summary in lines.
enum SummaryReport {
  static func lines(_ summary: SummaryAnswer) -> [String] {
    var table = TextTable(["", ">LAST \(summary.days) D", ">BEFORE"])
    let before = summary.before
    func row(_ name: String, _ figure: (MetricsInfo) -> String) {
      table.add([name, figure(summary.now), before.map(figure) ?? "-"])
    }
    row("records") { "\($0.records)" }
    row("operations") { "\($0.operations)" }
    row("success rate") { Figures.percent($0.successRate) }
    row("error rate") { Figures.percent($0.errorRate) }
    row("mean response") { Figures.milliseconds($0.meanMilliseconds) }
    row("median response") { Figures.milliseconds($0.medianMilliseconds) }
    row("95th percentile") { Figures.milliseconds($0.p95Milliseconds) }
    row("quality") { Figures.ratio($0.quality) }
    row("memory") { Figures.megabytes($0.memoryMegabytes) }
    row("CPU") { $0.cpuPercent.map { Figures.fixed($0, 0) + " %" } ?? Figures.absent }
    return [summary.agent] + table.lines + counts("errors", summary.now.errorTypes)
      + counts("types", summary.types) + counts("sources", summary.sources)
      + (summary.rating.map { ["rating: \(Figures.ratio($0)) of 5"] } ?? [])
      + InsightReport.lines(summary.insights)
  }

  /// `errors: TimeoutError 12, exit_1 3`; nothing where there is nothing.
  static func counts(_ name: String, _ counts: [CountInfo]) -> [String] {
    if counts.isEmpty { return [] }
    return ["\(name): " + counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")]
  }
}
