// A partition as readers see it that do not write it: everything is read off the directory, nothing is locked,
// and nothing is believed for longer than it can be true. The end is what the writer says is durable; where
// nobody says, as in a directory of Kafka's, it is the end of the last whole batch.

import Files
import Glibc
import Records
import Runtime

/// One partition's directory, for readers.
final class DirectorySource: BatchSource {
  let directory: SegmentDirectory
  private let state = Locked(State())

  private struct State {
    var listing = SegmentListing.empty
    /// The durable end when it could last be read.
    var durableEnd: Int64?
    var tail: Tail?
    /// The watch that nobody waits on.
    var watch: FileWatch?
  }

  /// Up to where the last segment was walked.
  private struct Tail {
    let base: Int64
    let inode: UInt64
    var position: Int
    var nextOffset: Int64
  }

  /// How often a look at what changes meanwhile is repeated.
  private static let attemptsMaximum = 64

  init(_ directory: SegmentDirectory) { self.directory = directory }

  var batchBytesMaximum: Int { RecordLimits.batchBytesMaximum }

  // MARK: Segments

  /// Looks at the directory anew.
  @discardableResult
  func look() throws(FileError) -> SegmentListing {
    let listing = try SegmentListing(directory)
    state.withLock { $0.listing = listing }
    return listing
  }

  func segment(of offset: Int64) throws(LogError) -> ReadableSegment? {
    try segment { $0.entry(of: offset) }
  }

  func segment(after base: Int64) throws(LogError) -> ReadableSegment? {
    try segment { $0.entry(after: base) }
  }

  private func segment(
    _ choose: (SegmentListing) -> SegmentListing.Entry?
  ) throws(LogError) -> ReadableSegment? {
    do throws(FileError) {
      let listing = try look()
      return choose(listing).map { Self.readable($0, in: listing) }
    } catch {
      throw .file(error)
    }
  }

  func segment(notBefore timestamp: Int64) throws(LogError) -> ReadableSegment? {
    do throws(FileError) {
      let listing = try look()
      for entry in listing.entries {
        let readable = Self.readable(entry, in: listing)
        // Only the time index of a sealed segment says how late its records are; others are looked through.
        guard readable.bytes != nil, !readable.isSwap else { return readable }
        let index = SegmentIndexReader(directory: directory, base: entry.base)
        guard let latest = try index.latestTimestamp() else { return readable }
        if latest >= timestamp { return readable }
      }
      return nil
    } catch {
      throw .file(error)
    }
  }

  /// A sealed segment's length is that of the file the reader opens.
  private static func readable(_ entry: SegmentListing.Entry, in listing: SegmentListing) -> ReadableSegment {
    let isSealed = entry.base != listing.last?.base
    return ReadableSegment(
      base: entry.base, bytes: isSealed ? 0 : nil, activeIndex: nil, isSwap: entry.swap != nil)
  }

  // MARK: The extent

  /// Another process shows only what is durable, whatever the isolation asks for.
  func extent(_ isolation: ReadIsolation) throws(LogError) -> LogExtent {
    do throws(FileError) { return try durableExtent() } catch { throw .file(error) }
  }

  /// What is durable now; the beginning is that of the last look.
  func durableExtent() throws(FileError) -> LogExtent {
    var listing = state.withLock { $0.listing }
    if listing.first == nil { listing = try look() }
    var attempts = 0
    while true {
      do throws(FileError) {
        let first = listing.first?.base ?? 0
        let end = try end(listing)
        return LogExtent(first: LogOffset(first), end: LogOffset(max(first, end)))
      } catch {
        // The last segment was replaced between the look and the opening.
        attempts += 1
        guard error.isNotFound, attempts < Self.attemptsMaximum else { throw error }
        listing = try look()
      }
    }
  }

  private func end(_ listing: SegmentListing) throws(FileError) -> Int64 {
    let durable = try durableEnd()
    // The file is not synced: after a power cut it may be behind what the closing of the log left.
    var closed: Int64?
    if let marker = try CleanShutdown.read(directory), try fits(marker, listing) {
      closed = marker.nextOffset
    }
    if let known = [durable, closed].compactMap({ $0 }).max() { return known }
    return try wholeEnd(SegmentListing(directory))
  }

  private func fits(_ marker: CleanShutdown, _ listing: SegmentListing) throws(FileError) -> Bool {
    guard let last = listing.last, last.swap == nil, last.base == marker.activeBase else { return false }
    return try directory.files.status(of: directory.log(last.base)).bytes == marker.activeBytes
  }

  /// What the file says; nil when there is none, or nothing in it.
  private func durableEnd() throws(FileError) -> Int64? {
    var attempts = 0
    while true {
      switch try DurableEnd.look(directory) {
      case .missing: return nil
      case .offset(let offset):
        state.withLock { $0.durableEnd = offset }
        return offset
      case .malformed:
        // Its writer may be at it just now.
        attempts += 1
        if attempts == Self.attemptsMaximum { return state.withLock { $0.durableEnd } }
        sched_yield()
      }
    }
  }

  /// Where the whole batches of the last segment end.
  private func wholeEnd(_ listing: SegmentListing) throws(FileError) -> Int64 {
    guard let last = listing.last else { return 0 }
    let file = try directory.files.open(last.swap ?? directory.log(last.base), .read)
    let inode = try file.status().inode
    let known = state.withLock { $0.tail }.flatMap { $0.base == last.base && $0.inode == inode ? $0 : nil }
    var tail = known ?? Tail(base: last.base, inode: inode, position: 0, nextOffset: last.base)
    if known == nil {
      tail.position = try SegmentIndexReader(directory: directory, base: last.base).position(of: .max)
    }
    let scan = SegmentScan(isContiguous: false)
    var end = try scan.run(file, from: tail.position, offset: tail.nextOffset) { _, _ in }
    if known == nil && end.position == tail.position && tail.position > 0 {
      // The index leads nowhere.
      end = try scan.run(file, offset: last.base) { _, _ in }
    }
    tail.position = end.position
    tail.nextOffset = end.nextOffset
    let found = tail
    state.withLock { $0.tail = found }
    return end.nextOffset
  }

  // MARK: The watch

  /// The watch for one caller: the one that was kept, or a new one; nil where nothing tells of changes.
  func takeWatch() throws(FileError) -> FileWatch? {
    if let kept = state.withLock({ $0.watch.take() }) { return kept }
    return try FileWatch(directory.files, for: directory.path)
  }

  /// Keeps the watch for the next caller.
  func giveBack(_ watch: FileWatch?) {
    guard let watch else { return }
    state.withLock { $0.watch = watch }
  }

  /// The reader says so to its caller; there is nobody else to tell.
  func note(_ damage: Damage) {}
}
