// The segments of a partition as one look at its directory finds them, while another process may be adding,
// deleting and compacting. A compacted segment that waits for its name (`….log.swap`) counts already, and what
// it stands for does not count any more: between the two no moment is without either.

import Files
import Records

/// What a look at a partition's directory found.
struct SegmentListing: Sendable {
  struct Entry: Hashable, Sendable {
    let base: Int64
    /// Where the segment is, when it waits for its name.
    let swap: FilePath?
  }

  /// Lowest base first.
  let entries: ContiguousArray<Entry>

  static let empty = SegmentListing(entries: [])

  /// How often a directory that changes under the look is looked at again.
  private static let attemptsMaximum = 16

  private init(entries: ContiguousArray<Entry>) { self.entries = entries }

  init(_ directory: SegmentDirectory) throws(FileError) {
    var attempts = 0
    while true {
      do throws(FileError) {
        self = try Self.look(directory)
        return
      } catch {
        // A swap got its name while it was looked at.
        attempts += 1
        guard error.isNotFound, attempts < Self.attemptsMaximum, try directory.files.exists(directory.path)
        else { throw error }
      }
    }
  }

  private static func look(_ directory: SegmentDirectory) throws(FileError) -> SegmentListing {
    var entries: ContiguousArray<Entry> = []
    var swaps: ContiguousArray<Entry> = []
    for entry in try directory.files.list(directory.path) where entry.kind == .file {
      if let parsed = SegmentFileName.parse(entry.name), parsed.kind == .log {
        entries.append(Entry(base: parsed.base, swap: nil))
      } else if let base = SegmentSwaps.base(ofSwap: entry.name) {
        swaps.append(Entry(base: base, swap: directory.path / entry.name))
      }
    }
    for swap in swaps {
      let end = try SegmentSwaps(directory: directory).nextOffset(ofSwap: swap.base)
      entries.removeAll { $0.base == swap.base || ($0.base > swap.base && $0.base < end) }
      entries.insert(swap, at: entries.partitionPoint { $0.base < swap.base })
    }
    return SegmentListing(entries: entries)
  }

  var first: Entry? { entries.first }
  var last: Entry? { entries.last }

  /// The segment that has `offset`, or would have it.
  func entry(of offset: Int64) -> Entry? {
    let index = entries.partitionPoint { $0.base <= offset }
    return index == 0 ? nil : entries[index - 1]
  }

  /// The segment after the one at `base`.
  func entry(after base: Int64) -> Entry? {
    let index = entries.partitionPoint { $0.base <= base }
    return index == entries.count ? nil : entries[index]
  }
}
