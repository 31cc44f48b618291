import Glibc
import Linux
import Model

extension GenerationStore {
  /// Puts a link to a clone of the folder at the agent's path, and the folder into the store.
  ///
  /// The steps of any switch, recovered from by undoing the attachment.
  /// - Returns: the generation that is live now, which equals `found`.
  func makeManaged(_ found: GenerationManifest) throws(KaizenError) -> GenerationManifest {
    let stage = try clone(found)
    var manifest = try seal(stage)
    manifest.record.origin = .attached
    let placed = try place(stage, manifest)
    try requireUnmoved(from: found)
    try switchTo(placed)
    let edited = try settle(placed).lateEdits
    if !edited.isEmpty {
      _ = try switchBack(placed)
      throw KaizenError(
        "E_AGENT_BUSY",
        "agent \"\(layout.id)\" wrote to its own files while it was attached: \(listed(edited))",
        hint: "list what it writes under \"state\" or \"ignore\", or try when it is quiet")
    }
    _ = try commit(placed)
    return manifest
  }

  /// Makes the agent's path a folder again that holds what is live; the reverse of `makeManaged`.
  ///
  /// To be repeated after a crash: it looks at what is where. Nothing to do in mode directory.
  /// - Returns: false where edits were made both in the folder that was attached and in its clone:
  ///   then the path stays a link, and either is a generation.
  func makeDirectory() throws(KaizenError) -> Bool {
    for (number, root) in try siblings() {
      let place = layout.stage(number)
      let isLinked = linkedTree(layout.root) != nil
      if !isLinked, linkedTree(place) != nil {
        try dropOrRestore(number, root)
      } else if markedInode(number) == root.inode {
        try discard(number)
      } else if isLinked, let record = try record(ofRoot: root) {
        if try !takeBack(record, at: number, root) { return false }
      } else {
        // A crash between making a clone's folder and noting its inode leaves it empty.
        _ = Files.removeEmptyDirectory(place)
      }
    }
    return linkedTree(layout.root) == nil ? true : try replaceLink()
  }

  /// Deals with the tree that a link beside the agent's folder leads to: it was to be live, or was.
  ///
  /// What was edited in the instant before the folder took the link's place is live again, so that the
  /// next clone has it.
  private func dropOrRestore(
    _ number: GenerationNumber, _ root: FileIdentity
  ) throws(KaizenError) {
    if markedInode(number) == root.inode { return try dropStage(number) }
    let tree = try openStage(number)
    if let recorded = try recordedManifest(root), let live = try liveRoot(),
      try !drift(of: tree, from: recorded).isEmpty
    {
      try exchangeBack(number, (live: live, beside: root))
      return try discard(number)
    }
    if let base = try recordedManifest(root) {
      _ = try catchUp(from: tree, base, carried: nil)
    }
    try dropStage(number)
  }

  /// Deals with the folder that was attached, which lies beside the link that took its place.
  private func takeBack(
    _ record: GenerationRecord, at number: GenerationNumber, _ root: FileIdentity
  ) throws(KaizenError) -> Bool {
    let folder = try manifest(record.number)
    if let live = try liveRecord(), let liveRoot = try liveRoot(),
      try drift(from: try manifest(live.number)).isEmpty
    {
      try exchangeBack(number, (live: liveRoot, beside: root))
      try dropStage(number)
      return true
    }
    let isEdited = try !drift(of: try openStage(number), from: folder).isEmpty
    _ = try retire(number, folder, isWorthKeeping: true)
    return !isEdited
  }

  /// Makes the tree beside live again, with all that is outside generations: its own names of those
  /// files may be gone already.
  private func exchangeBack(
    _ number: GenerationNumber, _ roots: (live: FileIdentity, beside: FileIdentity)
  ) throws(KaizenError) {
    let volume = try Volume(layout)
    var outside = OutsideFiles(self)
    // Where no record is of the live tree, a walk finds what is outside.
    let live =
      try recordedManifest(roots.live)
      ?? GenerationManifest(
        TreeListing(), number: number, parent: nil, origin: .edits, root: roots.live)
    try outside.carry(
      from: try openRoot(), to: try openStage(number),
      newer: .source(leftover: layout.generation(live.number) + "/leftover"), base: live)
    try volume.sync()
    try exchange(number, expecting: roots)
  }

  private func recordedManifest(
    _ root: FileIdentity
  ) throws(KaizenError) -> GenerationManifest? {
    guard let record = try record(ofRoot: root) else { return nil }
    return try manifest(record.number)
  }

  /// Puts a clone of the live tree, as a folder, at the path of its link.
  private func replaceLink() throws(KaizenError) -> Bool {
    let plain = GenerationStore(layout: layout.with(mode: .directory), paths: paths)
    let base = try plain.base()
    let stage = try plain.clone(base)
    do throws(KaizenError) {
      let placed = try plain.place(stage, try plain.seal(stage))
      try plain.requireUnmoved(from: base)
      try plain.switchTo(placed)
      let edited = try plain.settle(placed).lateEdits
      if !edited.isEmpty {
        try plain.exchange(stage.number, expecting: (live: stage.root, beside: stage.baseRoot))
        throw Self.baseMoved(layout, base.number, edited)
      }
    } catch {
      if try liveRoot()?.inode != stage.root.inode { try plain.discard(stage) }
      throw error
    }
    try dropStage(stage.number)
    return true
  }

  /// Removes the link beside the agent's folder; the tree goes with all the others.
  private func dropStage(_ number: GenerationNumber) throws(KaizenError) {
    try removeLink(layout.stage(number))
    forgetMarker(number)
  }
}
