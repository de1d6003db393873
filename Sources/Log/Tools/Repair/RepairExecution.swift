// Does what a plan says, in an order in which a crash between any two calls loses nothing:
//
//   1. the marker of a closed partition goes, so that nobody opens the partition without looking;
//   2. `durable-end` is made to say how far the records went, so that a partition in the middle of a repair is
//      known to be damaged;
//   3. what will be taken out gets a second name under `aside`, synced;
//   4. gaps, epochs and snapshots are brought to what will be;
//   5. segments that go lose their first name, the newest first; segments that are rewritten are replaced whole;
//   6. indexes are made anew, `durable-end` says the new end, and leftovers go.

import Bytes
import Files
import Log
import Records
import Runtime

/// Carries out one plan. The caller holds the log's lock.
struct RepairExecution {
  private let plan: RepairPlan
  private let directory: SegmentDirectory
  private let moment: Timestamp

  private var files: any FileSystem { directory.files }

  init(_ plan: RepairPlan, _ directory: SegmentDirectory, at moment: Timestamp) {
    self.plan = plan
    self.directory = directory
    self.moment = moment
  }

  /// Does it.
  ///
  /// - Returns: where what was taken out is; nil when nothing was.
  func run() throws(FileError) -> FilePath? {
    try removeMarker()
    let end = plan.extent.end.value
    // Also when the file says so already: its writer never syncs it.
    if plan.isCutting { try DurableEnd.replace(with: plan.endBefore, in: directory) }
    let aside = try keepAside()
    if plan.isCutting || isUpdated(directory.acceptedGaps) { try plan.gaps.store(in: directory) }
    try updateEpochs(end)
    try removeFirstNames()
    try rewriteSegments()
    try rebuildIndexes()
    if plan.isCutting || isUpdated(directory.durableEnd) {
      try DurableEnd.replace(with: end, in: directory)
    }
    try removeLeftovers()
    return aside
  }

  private func isUpdated(_ path: FilePath) -> Bool {
    plan.steps.contains { $0.file == path && $0.action == .update }
  }

  private func removeMarker() throws(FileError) {
    if try files.exists(directory.cleanShutdown) { try files.removeDurably(directory.cleanShutdown) }
  }

  // MARK: Aside

  /// The files that lose their names here.
  private func moved() throws(FileError) -> [FilePath] {
    var moved = plan.steps.filter { $0.action == .moveAside }.map(\.file)
    if !plan.isCutting { return moved }
    let gone = Set(plan.fates.filter { $0.fate == .moveAside }.map(\.base))
    for entry in try files.list(directory.path) where entry.kind == .file {
      guard let (base, kind) = SegmentFileName.parse(entry.name), kind != .log else { continue }
      // A snapshot of an offset that is not reached any more would be believed once it is reached again.
      let isStale =
        kind == .snapshot || kind == .keys ? base > plan.extent.end.value : false
      let path = directory.path / entry.name
      if isStale || (gone.contains(base) && kind != .snapshot), !moved.contains(path) { moved.append(path) }
    }
    return moved
  }

  /// Gives everything that is taken out a second name, and says why it is there.
  private func keepAside() throws(FileError) -> FilePath? {
    let kept = try moved() + plan.fates.filter(\.isRewritten).map(\.path)
    if kept.isEmpty { return nil }
    let place = try makePlace()
    for path in kept { try keep(path, in: place) }
    try files.replace(atomically: place / Self.reasonName, with: ByteBuffer(reason(kept)))
    return place
  }

  /// The file that says why the others are there.
  static let reasonName = "reason.txt"
  private static let placesMaximum = 1000

  private func makePlace() throws(FileError) -> FilePath {
    let name = moment.description.filter { $0 != "-" && $0 != ":" }
    var place = directory.aside / name
    var number = 1
    while try files.exists(place), number < Self.placesMaximum {
      number += 1
      place = directory.aside / "\(name)-\(number)"
    }
    try files.createDirectories(place)
    return place
  }

  private func keep(_ path: FilePath, in place: FilePath) throws(FileError) {
    let file = try files.open(path, .read)
    try file.sync()
    let target = place / path.name
    do throws(FileError) {
      try files.link(path, to: target)
    } catch {
      // Not every file system gives files second names.
      guard let number = error.number, [.notPermitted, .notSupported, .notImplemented].contains(number)
      else { throw error }
      let copy = try files.open(target, [.read, .write, .create, .truncate])
      try file.copy(at: 0, length: try file.status().bytes, to: copy, at: 0)
      try copy.sync()
      try copy.close()
    }
    try file.close()
    try files.syncDirectory(place)
  }

  private func reason(_ kept: [FilePath]) -> String {
    var text = "Taken out of \(plan.partition) by a repair at \(moment).\n"
    text += "The partition then had offsets \(plan.extent.first) up to, not including, \(plan.extent.end).\n"
    for lost in plan.lost {
      text += "Lost or taken out: offsets \(lost.first) up to, not including, \(lost.end).\n"
    }
    text += "\nWhat was wrong:\n"
    for finding in plan.findings { text += "  \(finding)\n" }
    text += "\nWhat was done:\n"
    for step in plan.steps { text += "  \(step)\n" }
    text += "\nWhat is here, as it was before:\n"
    for path in kept { text += "  \(path.name)\n" }
    return text
  }

  /// The newest segment first, so that what is left has no hole at any moment.
  private func removeFirstNames() throws(FileError) {
    for path in try moved().sorted(by: >) { try files.removeDurably(path) }
  }

  // MARK: Segments

  private func rewriteSegments() throws(FileError) {
    for fate in plan.fates.reversed() {
      guard case .rewrite(let runs) = fate.fate else { continue }
      let source = try files.open(fate.path, .read)
      let (file, temporary) = try files.createTemporaryFile(
        in: directory.path, for: fate.path.name, mode: .file)
      var end = 0
      for run in runs {
        try source.copy(at: run.positions.lowerBound, length: run.positions.count, to: file, at: end)
        end += run.positions.count
      }
      try file.sync()
      try file.close()
      try source.close()
      try files.renameDurably(temporary, to: fate.path)
    }
    if plan.fates.isEmpty && plan.isCutting {
      let file = try files.open(directory.log(plan.extent.end.value), [.write, .create, .exclusive])
      try file.sync()
      try file.close()
      try files.syncDirectory(directory.path)
    }
  }

  private func rebuildIndexes() throws(FileError) {
    for fate in plan.fates where fate.rebuildsIndex && fate.fate != .moveAside {
      var index = IndexBuilder(base: fate.base)
      let file = try files.open(directory.log(fate.base), .read)
      let scope = SegmentWalk.Scope(base: fate.base, isContiguous: false, records: false)
      var walk = SegmentWalk(file, fileBytes: try file.status().bytes, scope)
      while let step = try walk.next() {
        if case .batch(let batch, let position) = step { index.note(batch.header, at: position) }
      }
      index.seal()
      try index.store(in: directory)
      try file.close()
    }
  }

  // MARK: Side files

  /// No epoch begins after the end; one that cannot be read begins anew.
  private func updateEpochs(_ end: Int64) throws(FileError) {
    let path = directory.path / LeaderEpochCheckpoint.fileName
    let whole = try ifFound { () throws(FileError) in
      try files.contents(of: path, bytesMaximum: Self.epochBytesMaximum)
    }
    guard let whole else { return }
    var entries: [LeaderEpochCheckpoint.Entry]
    do throws(RecordError) {
      let before = try LeaderEpochCheckpoint.parse(whole.readable).entries
      entries = plan.isCutting ? before.filter { $0.startOffset <= end } : before
      if entries == before { return }
    } catch {
      entries = []
    }
    if entries.isEmpty { entries = [LeaderEpochCheckpoint.Entry(epoch: 0, startOffset: 0)] }
    try files.replace(atomically: path, with: ByteBuffer(LeaderEpochCheckpoint(entries: entries).text))
  }

  private static let epochBytesMaximum = 64 << 20

  private func removeLeftovers() throws(FileError) {
    for step in plan.steps where step.action == .remove && step.file != directory.cleanShutdown {
      try files.remove(step.file)
    }
    try files.syncDirectory(directory.path)
  }
}

extension SegmentFate {
  /// Whether its file gets other bytes.
  fileprivate var isRewritten: Bool { if case .rewrite = fate { true } else { false } }
}
