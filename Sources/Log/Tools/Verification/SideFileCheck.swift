// Checks the files beside the segments: whether each is what its name says and fits the records.

import Bytes
import Files
import Log
import Records
import Wire

/// The check of a partition's other files.
struct SideFileCheck {
  private let analysis: PartitionAnalysis
  private var directory: SegmentDirectory { analysis.directory }
  private var files: any FileSystem { directory.files }

  /// More than any of these files has.
  private static let bytesMaximum = 64 << 20

  init(_ analysis: PartitionAnalysis) { self.analysis = analysis }

  /// Everything that is wrong.
  func run() throws(LogError) -> [Finding] {
    try onFiles { () throws(FileError) in
      var findings = try checkOwnFiles()
      let bases = Set(analysis.segments.map(\.base))
      for entry in try files.list(directory.path) where entry.kind == .file {
        if let finding = try check(entry.name, bases) { findings.append(finding) }
      }
      return findings
    }
  }

  // MARK: Ours

  private func checkOwnFiles() throws(FileError) -> [Finding] {
    var findings: [Finding] = []
    if analysis.gapsLook == .malformed {
      findings.append(
        Finding(
          .damage, directory.acceptedGaps, expected: "the gaps that a repair accepted",
          found: "something else, so that they are not accepted"))
    }
    // Beside a writer both change while they are read.
    if analysis.isLive { return findings }
    if analysis.durableEnd == .malformed {
      findings.append(
        Finding(
          .rebuildable, directory.durableEnd, expected: "the durable end",
          found: "something else, or a torn write"))
    }
    if let objection = try objectionToMarker() {
      findings.append(
        Finding(
          .rebuildable, directory.cleanShutdown, expected: "what the partition was closed as",
          found: objection))
    }
    return findings
  }

  private func objectionToMarker() throws(FileError) -> String? {
    guard try files.exists(directory.cleanShutdown) else { return nil }
    guard let marker = try CleanShutdown.read(directory) else { return "something else, or a torn write" }
    guard analysis.closed != nil, let last = analysis.segments.last else {
      return "\(marker.segments) segments, the last at \(marker.activeBase) with \(marker.activeBytes) bytes"
    }
    if last.endPosition != marker.activeBytes || analysis.end != marker.nextOffset {
      return "offset \(marker.nextOffset) at \(marker.activeBytes), but the records end with "
        + "\(analysis.end) at \(last.endPosition)"
    }
    return nil
  }

  // MARK: By name

  private func check(_ name: String, _ bases: Set<Int64>) throws(FileError) -> Finding? {
    let path = directory.path / name
    if let reason = leftoverReason(name) {
      // Beside a writer they may be in use.
      if analysis.isLive { return nil }
      return Finding(.leftover, path, expected: "nothing", found: reason)
    }
    switch name {
    case LeaderEpochCheckpoint.fileName:
      return try check(path, "the epochs of leaders") { bytes throws(RecordError) in
        _ = try LeaderEpochCheckpoint.parse(bytes.readable)
      }
    case SegmentDirectory.metadataName: return try checkMetadata(path)
    default: break
    }
    guard let (base, kind) = SegmentFileName.parse(name) else { return nil }
    switch kind {
    case .log: return nil
    case .snapshot: return try checkSnapshot(path, at: base)
    case .index, .timeindex, .keys:
      if bases.contains(base) || analysis.isLive { return nil }
      return Finding(.leftover, path, expected: "a segment at \(base)", found: "none")
    }
  }

  private func leftoverReason(_ name: String) -> String? {
    if isTemporaryName(name) { return "a file that was never finished" }
    if name.hasSuffix(SegmentSwaps.cleanedSuffix) { return "a compaction that was never finished" }
    if name.hasSuffix(SegmentSwaps.deletedSuffix) { return "a file that was being deleted" }
    if name.hasSuffix(SegmentSwaps.swapSuffix) { return "a compacted segment that waits for its name" }
    return nil
  }

  private func checkSnapshot(_ path: FilePath, at offset: Int64) throws(FileError) -> Finding? {
    if !analysis.isLive, let last = analysis.segments.last, offset > last.end {
      return Finding(
        .rebuildable, path, expected: "producers as they were before an offset up to \(last.end)",
        found: "offset \(offset), where no record is yet")
    }
    return try check(path, "a snapshot of producers") { bytes throws(RecordError) in
      _ = try ProducerSnapshot.parse(bytes.readable)
    }
  }

  private func checkMetadata(_ path: FilePath) throws(FileError) -> Finding? {
    var id: String?
    let malformed = try check(path, "the topic's id") { bytes throws(RecordError) in
      id = try PartitionMetadata.parse(bytes.readable).topicID.description
    }
    if let malformed { return malformed }
    guard let wanted = analysis.partition.topicID?.description, let id, id != wanted else { return nil }
    return Finding(
      .leftover, path, expected: "topic \(wanted)",
      found: "topic \(id): the directory is of a deleted topic of the same name")
  }

  private func check(
    _ path: FilePath, _ expected: String, _ parse: (ByteBuffer) throws(RecordError) -> Void
  ) throws(FileError) -> Finding? {
    let bytes: ByteBuffer
    do {
      bytes = try files.contents(of: path, bytesMaximum: Self.bytesMaximum)
    } catch .fileTooLarge(_, let count, _) {
      return Finding(.rebuildable, path, expected: expected, found: "\(count) bytes")
    } catch {
      // Its writer removed it meanwhile.
      if error.isNotFound { return nil }
      throw error
    }
    do throws(RecordError) {
      try parse(bytes)
      return nil
    } catch {
      return Finding(.rebuildable, path, expected: expected, found: error.description)
    }
  }
}
