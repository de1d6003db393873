// What can be said of the segments by their sizes, their indexes and their ends.

import Bytes
import Files
import Records

extension DirectorySource {
  /// Every segment; one that goes away meanwhile is left out.
  func describeSegments() throws(FileError) -> [SegmentDescription] {
    let listing = try look()
    let end = try durableExtent().end
    var descriptions: [SegmentDescription] = []
    for entry in listing.entries {
      do throws(FileError) {
        let isActive = entry.base == listing.last?.base
        descriptions.append(try describe(entry, isActive: isActive, durableEnd: end.value))
      } catch {
        guard error.isNotFound else { throw error }
      }
    }
    return descriptions
  }

  private func describe(
    _ entry: SegmentListing.Entry, isActive: Bool, durableEnd: Int64
  ) throws(FileError) -> SegmentDescription {
    let path = entry.swap ?? directory.log(entry.base)
    let file = try directory.files.open(path, .read)
    let fileBytes = try file.status().bytes
    let end = try durableEndOfBatches(
      in: file, entry, isActive: isActive, before: isActive ? durableEnd : .max)
    return SegmentDescription(
      base: entry.base, path: path, bytes: isActive ? end.bytes : fileBytes, fileBytes: fileBytes,
      indexEntries: try entries(in: directory.index(entry.base), of: OffsetIndexEntry.byteCount),
      timeEntries: try entries(in: directory.timeIndex(entry.base), of: TimeIndexEntry.byteCount),
      firstTimestamp: try firstTimestamp(file), lastTimestamp: end.latest, isActive: isActive)
  }

  /// Where the batches end and how late they are: by the time index as far as it goes, then by the batches.
  private func durableEndOfBatches(
    in file: File, _ entry: SegmentListing.Entry, isActive: Bool, before durableEnd: Int64
  ) throws(FileError) -> (bytes: Int, latest: Int64?) {
    let index = SegmentIndexReader(directory: directory, base: entry.base)
    var latest: Int64?
    var start = 0
    if entry.swap == nil, let last = try index.latest() {
      latest = last.timestamp
      if !isActive { return (0, latest) }
      start = try index.position(of: entry.base + Int64(last.relativeOffset))
    }
    var bytes = start
    let scan = SegmentScan(checksums: false, isContiguous: false)
    _ = try scan.run(file, from: start, offset: entry.base) { header, position in
      if header.nextOffset > durableEnd { return }
      bytes = position + header.totalBytes
      latest = max(latest ?? .min, header.maxTimestamp)
    }
    return (bytes, latest)
  }

  private func entries(in path: FilePath, of byteCount: Int) throws(FileError) -> Int? {
    do throws(FileError) {
      return try directory.files.status(of: path).bytes / byteCount
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }

  private func firstTimestamp(_ file: File) throws(FileError) -> Int64? {
    var bytes = ByteBuffer()
    try file.read(into: &bytes, count: RecordBatchHeader.byteCount, at: 0)
    let whole = bytes
    do throws(RecordError) {
      return try whole.withReadableBytes { bytes throws(RecordError) in
        try RecordBatchHeader(parsing: bytes).baseTimestamp
      }
    } catch {
      return nil
    }
  }
}
