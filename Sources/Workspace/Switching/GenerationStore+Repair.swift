import Glibc
import Linux
import Model

extension GenerationStore {
  /// Puts the newest stored generation that is whole at the agent's path, where nothing is.
  func restoreStored(_ report: inout RecoveryReport) throws(KaizenError) {
    for record in try records().reversed()
    where hasManifest(record.number) {
      guard let number = try storedTree(of: record) else { continue }
      let tree = try io(layout.tree(number), "opening") { () throws(SystemError) in
        try DirectoryHandle(path: layout.tree(number))
      }
      let whole = try manifest(record.number)
      if try !differences(of: tree, from: whole).isEmpty { continue }
      let parent = try openParent()
      if layout.mode == .managed { try makeLink(at: layout.root, to: number) }
      try io(layout.root, "putting back") { () throws(SystemError) in
        if layout.mode == .managed { return try parent.sync() }
        let from = try DirectoryHandle(path: layout.generation(record.number))
        try Files.moveWithoutReplacing(
          from.descriptor, FileName("tree").characters, parent.descriptor,
          FileName(layout.name).characters)
        try parent.sync()
        try from.sync()
      }
      let live = try openRoot()
      for path in paths.state where Files.exists(layout.state(of: path.text)) {
        try io(path, "putting back") { () throws(SystemError) in
          if try live.status(path.fileName) != nil { return }
          try live.makeLink(path.fileName, to: Array(layout.state(of: path.text).utf8))
        }
      }
      report.outcome = .repaired
      report.actions.append(
        "E_POINTER_REPAIRED: \"\(layout.root)\" was missing, and is generation \(record.number)")
      return
    }
    report.outcome = .lost
    report.actions.append(
      "\"\(layout.root)\" is missing, and no stored generation is whole: put the folder back")
  }

  /// The number in whose folder the files of that generation are; nil where they are not kept, or
  /// belong to a clone that never was live.
  private func storedTree(of record: GenerationRecord) throws(KaizenError) -> GenerationNumber? {
    if layout.mode == .directory {
      return Files.isDirectory(layout.tree(record.number)) ? record.number : nil
    }
    guard let number = try treeNumber(ofRoot: record.rootInode) else { return nil }
    return Files.exists(layout.stageMarker(number)) ? nil : number
  }

  /// Removes clones that nobody knows of, and stores old trees whose switch was forgotten.
  ///
  /// What is no clone of ours is left where it is, and said so.
  func sortOutSiblings(
    except outcome: RecoveryReport.Outcome, _ intent: SwitchIntent?,
    _ waiting: Set<GenerationNumber>, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    let isInUse = outcome == .waiting || outcome == .newIsLive
    for (number, root) in try siblings() {
      if waiting.contains(number) || isInUse && number == intent?.new { continue }
      if outcome == .lost { continue }  // it may be all that is left
      if try root.inode == liveRoot()?.inode {
        try removeLink(layout.stage(number))  // only a link can be what is live a second time
        forgetMarker(number)
      } else if let record = try record(ofRoot: root) {
        let retired = try retire(number, try manifest(record.number), isWorthKeeping: true)
        if let stored = retired.stored { report.stored.append(stored) }
        report.actions.append("stored generation \(record.number), which lay beside the live tree")
      } else if markedInode(number) == root.inode {
        try discard(number)
        report.actions.append("removed a clone that was left over: \(number)")
      } else if !Files.removeEmptyDirectory(layout.stage(number)) {
        // A crash between making a clone's folder and noting its inode leaves it empty.
        report.actions.append("left \"\(layout.stage(number))\" alone: it is no clone of Kaizen's")
      }
    }
  }

  /// Removes files that a write cut short left in the store, and markers of clones that are gone.
  func sweepStore() throws(KaizenError) {
    let stages = Set(try siblings().map { "\($0.number)" })
    try io(layout.store, "sweeping") { () throws(SystemError) in
      try sweep(layout.stages) { !stages.contains($0) }
      // Files.replace(_:with:) writes beside the file it is to replace.
      try sweep(layout.store) { $0.hasSuffix(".tmp") }
      guard Files.isDirectory(layout.generations) else { return }
      for name in try Files.names(in: layout.generations) {
        try sweep(layout.generations + "/" + name) { $0.hasSuffix(".tmp") }
      }
    }
  }

  /// Removes what a crash left of the probes beside the agent: empty folders, but for known names.
  func sweepProbes() throws(KaizenError) {
    let parent = try openParent()
    try io(layout.parent, "sweeping") { () throws(SystemError) in
      for name in try parent.names() where name.text.hasPrefix(layout.probePrefix) {
        guard try parent.status(name)?.kind == .directory else { continue }
        let probe = try parent.directory(name)
        for inner in AgentLayout.probeNames { unlinkat(probe.descriptor.raw, inner, 0) }
        // Not empty: then it is none of ours.
        unlinkat(parent.descriptor.raw, name.characters, AT_REMOVEDIR)
      }
    }
  }

  private func sweep(_ folder: String, _ isStale: (String) -> Bool) throws(SystemError) {
    guard Files.isDirectory(folder) else { return }
    for name in try Files.names(in: folder) where isStale(name) {
      let path = folder + "/" + name
      if unlink(path) != 0 { throw SystemError("unlink", path) }
    }
  }
}
