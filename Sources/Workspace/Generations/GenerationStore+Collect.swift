import Linux
public import Model

/// One generation as `kaizen generations` shows it.
public struct GenerationStatus: Hashable, Sendable {
  /// The generation in short.
  public var record: GenerationRecord
  /// Whether its files are what the agent's path shows.
  public var isLive: Bool
  /// Whether its files are stored, so that it can be live again.
  public var isStored: Bool
}

/// How many old generations are kept.
public struct RetentionPolicy: Hashable, Sendable {
  /// Most stored trees; the one before the live one and pinned ones stay whatever this says.
  public var treeCountMax: Int
  /// Most bytes of all stored trees.
  public var byteCountMax: Int64
  /// Generations that stay.
  public var pinned: Set<GenerationNumber>

  /// A policy from its parts.
  public init(
    treeCountMax: Int = 10, byteCountMax: Int64 = 10 << 30, pinned: Set<GenerationNumber> = []
  ) {
    self.treeCountMax = treeCountMax
    self.byteCountMax = byteCountMax
    self.pinned = pinned
  }
}

/// What collecting did.
public struct CollectReport: Hashable, Sendable {
  /// Generations whose files are not kept any more.
  public var removed: [GenerationNumber]
  /// Generations whose files were written after they were stored: kept, for somebody to look at.
  public var written: [GenerationNumber]
}

extension GenerationStore {
  /// Most records without files that are kept, as history.
  static let recordCountMax = 1000

  /// All generations, oldest first.
  public func generations() throws(KaizenError) -> [GenerationStatus] {
    let root = try liveRoot()
    let live = try root.flatMap { root throws(KaizenError) in try record(ofRoot: root)?.number }
    var statuses: [GenerationStatus] = []
    for record in try records() {
      statuses.append(
        GenerationStatus(
          record: record, isLive: record.number == live,
          isStored: try isStored(record.number, live: root)))
    }
    return statuses
  }

  /// Removes old generations' files beyond what `policy` keeps; their records stay, as history.
  ///
  /// One rename each, out of sight; `emptyTrash` removes them for good. A tree that a process wrote
  /// to after it was stored is left alone.
  public func collect(_ policy: RetentionPolicy) throws(KaizenError) -> CollectReport {
    let all = try generations()
    let live = all.first(where: \.isLive)?.record
    var kept = policy.pinned
    if let live { kept.insert(live.number) }
    // The previous one: what the live one was made from, or else the newest that is stored.
    if let before = live?.parent ?? all.last(where: \.isStored)?.record.number {
      kept.insert(before)
    }
    let stays = all.filter { $0.isStored && kept.contains($0.record.number) }
    var count = stays.count
    var bytes = stays.reduce(0) { $0 + $1.record.byteCount }
    var report = CollectReport(removed: [], written: [])
    // Newest first: what is over the limits is the oldest.
    for status in all.reversed() where status.isStored && !kept.contains(status.record.number) {
      let number = status.record.number
      if count < policy.treeCountMax, bytes + status.record.byteCount <= policy.byteCountMax {
        count += 1
        bytes += status.record.byteCount
      } else if try isWritten(number) {
        report.written.append(number)
      } else {
        try throwAway(layout.tree(number))
        try throwAway(layout.manifest(number))
        try throwAway(layout.olderManifest(number))
        report.removed.append(number)
      }
    }
    try forgetOldest(all, keeping: kept)
    return report
  }

  /// Whether anything in a stored tree is not as it was stored: a process still had it open.
  private func isWritten(_ number: GenerationNumber) throws(KaizenError) -> Bool {
    let stored = try manifest(number)
    let tree = try openTree(number)
    let listing = try TreeScanner(
      paths,
      reading: .changed(since: stored.entries, takenAtNanoseconds: stored.takenAtNanoseconds),
      outside: true
    ).scan(tree)
    let links = Set(paths.state)
    return !listing.differences(from: stored.entries).isEmpty
      || listing.outside.contains { file in
        !file.isCache && file.status.kind != .directory && !links.contains(file.path)
      }
  }

  private func forgetOldest(
    _ all: [GenerationStatus], keeping kept: Set<GenerationNumber>
  ) throws(KaizenError) {
    for status in all.dropLast(Self.recordCountMax)
    where !kept.contains(status.record.number) {
      let folder = layout.generation(status.record.number)
      if Files.exists(folder + "/tree") || Files.exists(folder + "/leftover") { continue }
      try throwAway(folder)
    }
  }
}
