// Copies of a projection's tables, each as of a position: a new node begins with the newest and reads the log from
// there, and the log may drop what the oldest holds. They are files beside the tables they were copied from.

import Bytes
public import Database
public import Files
import Log
public import Runtime

/// A copy of a projection's tables.
public struct Snapshot: Hashable, Sendable {
  /// Whose tables.
  public let projection: ProjectionName
  /// The version of the projection that built them.
  public let version: Int
  /// When it was taken, in milliseconds since 1970. No two have the same.
  public let time: Int64

  /// Its file's name: `1763740000000-v1.sqlite`.
  var fileName: String { "\(time)-v\(version).sqlite" }

  init(_ projection: ProjectionName, version: Int, time: Int64) {
    self.projection = projection
    self.version = version
    self.time = time
  }

  init?(_ projection: ProjectionName, fileName: String) {
    let parts = fileName.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("v"), parts[1].hasSuffix(".sqlite"),
      let time = Int64(parts[0]),
      let version = Int(parts[1].dropFirst().dropLast(".sqlite".count))
    else { return nil }
    self.init(projection, version: version, time: time)
    if self.fileName != fileName { return nil }
  }
}

extension ReadModelDirectory: SnapshotStore {
  /// The folder of a projection's snapshots.
  func snapshots(of projection: ProjectionName) -> FilePath { path / projection.text / "snapshots" }

  /// A copy under way: one at a time of each projection.
  private static let unfinishedName = "unfinished"

  /// Where a snapshot is.
  public func file(of snapshot: Snapshot) -> FilePath {
    snapshots(of: snapshot.projection) / snapshot.fileName
  }

  /// A projection's snapshots, the oldest first.
  public func snapshotList(of projection: ProjectionName) throws(EngineError) -> [Snapshot] {
    let folder = snapshots(of: projection)
    let names = try onFiles { () throws(FileError) -> [String] in
      guard try files.exists(folder) else { return [] }
      return try files.list(folder, entriesMaximum: Self.entriesMaximum).map(\.name)
    }
    return names.compactMap { Snapshot(projection, fileName: $0) }.sorted { $0.time < $1.time }
  }

  /// Copies the tables as they are now. Writing goes on meanwhile. When this returns, the copy is on the disk.
  public func takeSnapshot(
    of generation: Generation, from store: Store, at time: Timestamp
  ) async throws(EngineError) -> Snapshot {
    let newest = try snapshotList(of: generation.projection).last?.time ?? 0
    let snapshot = Snapshot(
      generation.projection, version: generation.version, time: max(time.milliseconds, newest + 1))
    let folder = snapshots(of: generation.projection)
    let temporary = folder / Self.unfinishedName
    try onFiles { () throws(FileError) in
      try files.createDirectories(folder, mode: FileMode(rawValue: 0o750))
      // What an interrupted copy left.
      if try files.exists(temporary) { try files.remove(temporary) }
    }
    do throws(DatabaseError) { try await store.copy(to: temporary.string) } catch { throw .database(error) }
    try onFiles { () throws(FileError) in try files.renameDurably(temporary, to: file(of: snapshot)) }
    return snapshot
  }

  /// Deletes all but the newest `keep` snapshots of the newest version.
  ///
  /// - Returns: those that are left, the oldest first.
  public func prune(_ projection: ProjectionName, keep: Int) throws(EngineError) -> [Snapshot] {
    precondition(keep > 0, "a snapshot is kept")
    let all = try snapshotList(of: projection)
    let version = all.map(\.version).max()
    let kept = all.filter { $0.version == version }.suffix(keep)
    try onFiles { () throws(FileError) in
      for snapshot in all where !kept.contains(snapshot) { try files.removeDurably(file(of: snapshot)) }
    }
    return Array(kept)
  }

  /// Makes a generation's tables a copy of the newest snapshot of its version; false when there is none.
  public func restore(_ generation: Generation) throws(EngineError) -> Bool {
    guard
      let snapshot = try snapshotList(of: generation.projection).last(where: {
        $0.version == generation.version
      })
    else { return false }
    try onFiles { () throws(FileError) in
      let source = try files.open(file(of: snapshot), .read)
      let bytes = try source.status().bytes
      let target = file(of: generation)
      let (copy, temporary) = try files.createTemporaryFile(in: target.parent, for: target.name, mode: .file)
      try source.copy(at: 0, length: bytes, to: copy, at: 0)
      try copy.sync()
      try copy.close()
      try source.close()
      try files.renameDurably(temporary, to: target)
    }
    return true
  }
}
