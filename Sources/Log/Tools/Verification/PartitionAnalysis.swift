// Walks every segment of a partition and puts together what it found: what verification reports and what a repair
// is planned by. Beside a writer it goes up to what was durable when it began, and looks again at whatever was
// replaced while it read.

import Files
import Log
import Records

/// A partition, taken apart.
struct PartitionAnalysis {
  /// How to look.
  struct Options {
    /// Whether missing offsets are damage.
    var isContiguous: Bool
    /// Whether records are looked at, and not only batches.
    var records = true
    /// Whether the caller holds the log's lock, so that nobody can be at work.
    var ownsLock = false
  }

  let partition: PartitionInspector
  let options: Options
  private(set) var segments: [SegmentAnalysis] = []
  let gaps: AcceptedGaps
  let gapsLook: AcceptedGaps.Look
  let durableEnd: DurableEnd.Look
  /// The marker of a closed partition, when it fits the last segment.
  private(set) var closed: CleanShutdown?
  /// Whether somebody has the log open.
  let isLive: Bool

  /// Up to where a segment that grows is looked at.
  private let liveEnd: Int64?
  private let progress: (WorkProgress) -> Void
  private var bytesDone = 0
  private var bytesTotal = 0
  private var bytesReported = 0

  /// How often a segment that is replaced while it is read is begun again.
  private static let attemptsMaximum = 16

  init(
    _ partition: PartitionInspector, _ options: Options, progress: @escaping (WorkProgress) -> Void
  ) throws(LogError) {
    self.partition = partition
    self.options = options
    self.progress = progress
    let holder = options.ownsLock ? nil : try partition.holder()
    isLive = holder != nil
    liveEnd = holder == nil ? nil : try partition.extent().end.value
    let directory = partition.directory
    durableEnd = try onFiles { () throws(FileError) in try DurableEnd.look(directory) }
    gapsLook = try onFiles { () throws(FileError) in try AcceptedGaps.look(directory) }
    gaps = gapsLook.gaps
    if !isLive {
      closed = try onFiles { () throws(FileError) in try CleanShutdown.read(directory) }
    }
    try walk()
    findTail()
  }

  var directory: SegmentDirectory { partition.directory }

  /// Everything before this is known to have been durable; nil when nothing says.
  var floor: Int64? {
    var floors: [Int64] = []
    if case .offset(let end) = durableEnd { floors.append(end) }
    if let closed { floors.append(closed.nextOffset) }
    return floors.max()
  }

  /// The offset after the last sound batch.
  var end: Int64 { segments.last?.end ?? 0 }

  // MARK: Walking

  private mutating func walk() throws(LogError) {
    var files = try partition.segmentFiles()
    try begin(files)
    var current = files.first
    var attempts = 0
    while let file = current {
      let bound = files.first { $0.base > file.base }?.base
      let analysis = try analyze(file, bound: bound)
      files = try partition.segmentFiles()
      let here = files.first { $0.base == file.base }
      attempts += 1
      if let here, try inode(of: here) != analysis?.inode, attempts < Self.attemptsMaximum {
        // Compaction put another one in its place.
        current = here
        continue
      }
      // One that is gone by now was deleted: nothing that was found in it matters any more.
      if let analysis, here != nil { segments.append(analysis) }
      attempts = 0
      // What was begun since this began was not looked at, and neither was the end of the one before it.
      current = files.first { $0.base > file.base && $0.base <= liveEnd ?? .max }
    }
  }

  private mutating func begin(_ files: [SegmentFile]) throws(LogError) {
    var lastBytes = 0
    for file in files {
      lastBytes = try status(of: file)?.bytes ?? 0
      bytesTotal += lastBytes
    }
    // A marker that does not fit is not believed.
    if let marker = closed, let last = files.last, marker.segments == files.count,
      marker.activeBase == last.base, marker.activeBytes == lastBytes
    {
      return
    }
    closed = nil
  }

  private func status(of file: SegmentFile) throws(LogError) -> FileStatus? {
    try onFiles { () throws(FileError) in
      try ifFound { () throws(FileError) in try directory.files.status(of: file.path) }
    }
  }

  private func inode(of file: SegmentFile) throws(LogError) -> UInt64? { try status(of: file)?.inode }

  private mutating func analyze(_ segment: SegmentFile, bound: Int64?) throws(LogError) -> SegmentAnalysis? {
    do throws(FileError) {
      let files = directory.files
      guard let file = try ifFound({ () throws(FileError) in try files.open(segment.path, .read) }) else {
        return nil
      }
      let status = try file.status()
      var analysis = SegmentAnalysis(segment, fileBytes: status.bytes, inode: status.inode)
      try walk(&analysis, file, bound: bound)
      bytesDone += status.bytes
      report(segment.path, at: 0)
      return analysis
    } catch {
      throw .file(error)
    }
  }

  private mutating func walk(
    _ analysis: inout SegmentAnalysis, _ file: File, bound: Int64?
  ) throws(FileError) {
    let scope = SegmentWalk.Scope(
      base: analysis.base, bound: bound ?? .max, isContiguous: options.isContiguous, acceptedGaps: gaps,
      records: options.records)
    let end = analysis.isActive ? liveEnd ?? .max : .max
    var walk = SegmentWalk(file, fileBytes: analysis.fileBytes, scope)
    var index: IndexCheck?
    // A segment that waits for its name stands beside the index of what it replaces.
    if analysis.path == directory.log(analysis.base) {
      index = try IndexCheck(
        directory, base: analysis.base, isFinal: !analysis.isActive || closed != nil,
        isEmpty: analysis.fileBytes == 0)
    }
    while walk.expected < end, let step = try walk.next() {
      switch step {
      case .batch(let batch, let position):
        analysis.note(batch.header, at: position, isContiguous: options.isContiguous)
        index?.note(batch.header, at: position)
      case .unreadable(let batch, let position, let error):
        analysis.note(batch.header, at: position, isContiguous: options.isContiguous)
        analysis.noteUnreadable(error, at: position)
        index?.note(batch.header, at: position)
      case .bad(let range, let expected, let error): analysis.note(.bad(range, expected: expected, error))
      case .zeros(let range): analysis.note(.zeros(range))
      }
      report(analysis.path, at: walk.position)
    }
    index?.finish()
    analysis.indexObjections = index?.objections ?? []
  }

  private mutating func report(_ path: FilePath, at position: Int) {
    let done = bytesDone + position
    guard done >= bytesReported + WorkProgress.intervalBytes || position == 0 else { return }
    bytesReported = done
    progress(WorkProgress(bytesDone: done, bytesTotal: max(bytesTotal, done), file: path))
  }

  // MARK: The tail

  /// What stands in the last segment behind what was durable is no damage, whatever it is. Where nothing says
  /// what was durable, only what no sound batch follows is taken for such a tail.
  private mutating func findTail() {
    guard !isLive, closed == nil, var last = segments.last, last.isActive else { return }
    let floor = floor
    let lastRun = last.pieces.lastIndex { if case .run = $0 { true } else { false } } ?? -1
    var expected = last.base
    for (index, piece) in last.pieces.enumerated() {
      if isWrong(piece, expected) && floor.map({ expected >= $0 }) ?? (index > lastRun) {
        last.cutTail(from: index)
        segments[segments.count - 1] = last
        return
      }
      if case .run(let run) = piece { expected = run.offsets.upperBound }
    }
  }

  private func isWrong(_ piece: SegmentAnalysis.Piece, _ expected: Int64) -> Bool {
    switch piece {
    case .run(let run): isMissing(from: expected, to: run.offsets.lowerBound)
    case .bad: true
    case .zeros: false
    }
  }

  /// Whether offsets are missing between `expected` and `offset` that should be there.
  func isMissing(from expected: Int64, to offset: Int64) -> Bool {
    options.isContiguous && offset != expected
      && !gaps.allow(LogOffset(offset), after: LogOffset(expected))
  }
}
