// Puts one compacted segment in the place of those it was made from, by the names that SegmentSwaps.swift knows
// and finishes after a crash. Until the name `….log.swap` is durable nothing has happened; from then on the
// old segments are worthless. Every step can be done again after it failed: names that a failed sync may have
// lost are given anew, because the next sync of the directory would not write them otherwise.

import Files
import Records

/// The replacement of adjacent sealed segments by one.
struct SegmentReplacement {
  /// Where the segments begin and where the one after them does.
  let range: Range<Int64>
  /// Where those after the first begin.
  let others: [Int64]
  /// How many bytes the new segment has.
  let bytes: Int
  let index: IndexBuilder
  private var stage = Stage.cleaned

  private enum Stage {
    /// The new file is whole and durable, its name is of no consequence.
    case cleaned
    /// It is durably a swap: the truth about its offsets.
    case swap
    /// Readers are sent to it, and the old segments may go.
    case noted
    /// The old segments are gone durably.
    case alone
    /// It has its name durably.
    case installed
  }

  init(range: Range<Int64>, others: [Int64], bytes: Int, index: IndexBuilder) {
    self.range = range
    self.others = others
    self.bytes = bytes
    self.index = index
  }

  /// Goes through every stage that is not done yet.
  mutating func run(_ table: SegmentTable) throws(FileError) {
    let directory = table.directory
    if stage == .cleaned {
      try commit(directory)
      stage = .swap
    }
    if stage == .swap {
      // Not beside the new segment: what they say of times would be wrong.
      try removeIndexes(of: range.lowerBound, directory)
      table.noteCompacted(range, bytes: bytes)
      stage = .noted
    }
    if stage == .noted {
      for base in others { try remove(base, directory) }
      try directory.files.syncDirectory(directory.path)
      stage = .alone
    }
    if stage == .alone {
      try install(table)
      stage = .installed
    }
    try IndexFiles.replace(directory, with: index)
  }

  private func commit(_ directory: SegmentDirectory) throws(FileError) {
    let (cleaned, swap) = (directory.cleaned(range.lowerBound), directory.swap(range.lowerBound))
    if try !directory.files.exists(cleaned) { try directory.files.rename(swap, to: cleaned) }
    try directory.files.renameDurably(cleaned, to: swap)
  }

  private func remove(_ base: Int64, _ directory: SegmentDirectory) throws(FileError) {
    let log = directory.log(base)
    if try !directory.files.exists(log) {
      try directory.files.link(directory.swap(range.lowerBound), to: log)
    }
    try directory.files.remove(log)
    try removeIndexes(of: base, directory)
  }

  private func removeIndexes(of base: Int64, _ directory: SegmentDirectory) throws(FileError) {
    for path in [directory.index(base), directory.timeIndex(base)] where try directory.files.exists(path) {
      try directory.files.remove(path)
    }
  }

  private func install(_ table: SegmentTable) throws(FileError) {
    let directory = table.directory
    let (swap, log) = (directory.swap(range.lowerBound), directory.log(range.lowerBound))
    if try !directory.files.exists(swap) { try directory.files.rename(log, to: swap) }
    try directory.files.rename(swap, to: log)
    table.noteInstalled(range.lowerBound)
    try directory.files.syncDirectory(directory.path)
  }
}
