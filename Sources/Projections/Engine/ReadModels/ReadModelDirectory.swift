// Read models in SQLite files: a directory for each projection, a file for each generation, and a file that names
// the current one. docs/formats/read-models.md describes them.

import Bytes
public import Database
public import Files
public import Runtime

/// The read models of a node, in files.
public struct ReadModelDirectory: ReadModels {
  /// The directory of all of them.
  public let path: FilePath
  let files: any FileSystem
  let settings: SQLiteSettings

  /// The file in a projection's directory that names the current generation.
  static let currentName = "current"
  /// How many files a projection's directory may have.
  static let entriesMaximum = 10_000

  /// - Parameters:
  ///   - path: the directory; made when the first read model is.
  ///   - settings: how the files are opened.
  public init(_ path: FilePath, files: any FileSystem, settings: SQLiteSettings = SQLiteSettings()) {
    self.path = path
    self.files = files
    self.settings = settings
  }

  // MARK: What there is

  /// The projections that have tables, in order of their names.
  public func projections() throws(EngineError) -> [ProjectionName] {
    try onFiles { () throws(FileError) in
      guard try files.exists(path) else { return [] }
      return try files.list(path, entriesMaximum: Self.entriesMaximum).compactMap { ProjectionName($0.name) }
        .sorted()
    }
  }

  /// The generations of a projection, the oldest first.
  public func generations(of projection: ProjectionName) throws(EngineError) -> [Generation] {
    let directory = path / projection.text
    let names = try onFiles { () throws(FileError) -> [String] in
      guard try files.exists(directory) else { return [] }
      return try files.list(directory, entriesMaximum: Self.entriesMaximum).map(\.name)
    }
    return names.compactMap { Self.generation($0, of: projection) }.sorted { $0.number < $1.number }
  }

  /// The generation that answers queries; nil when there is none yet.
  public func current(of projection: ProjectionName) throws(EngineError) -> Generation? {
    let file = path / projection.text / Self.currentName
    let text = try onFiles { () throws(FileError) -> String? in
      guard try files.exists(file) else { return nil }
      return try files.contents(of: file, bytesMaximum: 256).text
    }
    guard let text else { return nil }
    let name = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard let generation = Self.generation(name, of: projection) else {
      throw .damagedCatalogue(path: file, found: name)
    }
    guard try onFiles({ () throws(FileError) in try files.exists(self.file(of: generation)) }) else {
      throw .damagedCatalogue(path: file, found: "\(name), which is missing")
    }
    return generation
  }

  /// Where a generation's tables are.
  public func file(of generation: Generation) -> FilePath {
    path / generation.projection.text / Self.name(generation)
  }

  private static func name(_ generation: Generation) -> String {
    "\(generation.number)-v\(generation.version).sqlite"
  }

  private static func generation(_ name: String, of projection: ProjectionName) -> Generation? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("v"), parts[1].hasSuffix(".sqlite"),
      let number = Int(parts[0]), let version = Int(parts[1].dropFirst().dropLast(".sqlite".count))
    else { return nil }
    let generation = Generation(projection, number: number, version: version)
    return Self.name(generation) == name ? generation : nil
  }

  // MARK: Changing it

  /// A generation that has no tables yet.
  public func newGeneration(of projection: ProjectionName, version: Int) throws(EngineError) -> Generation {
    let newest = try generations(of: projection).last?.number ?? 0
    try onFiles { () throws(FileError) in
      try files.createDirectories(path / projection.text, mode: FileMode(rawValue: 0o750))
    }
    return Generation(projection, number: newest + 1, version: version)
  }

  /// The first generation. A directory has one node, so nobody else asks.
  public func firstGeneration(of projection: ProjectionName, version: Int) throws(EngineError) -> Generation {
    try newGeneration(of: projection, version: version)
  }

  /// Opens a generation's tables, or makes its file.
  public func open(_ generation: Generation, on loop: EventLoop) async throws(EngineError) -> Store {
    do throws(DatabaseError) {
      return try await Store.openSQLite(file(of: generation).string, settings, on: loop)
    } catch {
      throw .database(error)
    }
  }

  /// Opens a generation's file to look at. How long a look takes is all the same to SQLite.
  public func openForReading(
    _ generation: Generation, on loop: EventLoop, isPatient: Bool
  ) async throws(EngineError) -> ReadOnlyStore {
    do throws(DatabaseError) {
      return try await ReadOnlyStore(sqlite: file(of: generation).string, settings, pool: loop.pool)
    } catch {
      throw .database(error)
    }
  }

  /// Has the generation answer from now on.
  public func makeCurrent(_ generation: Generation) throws(EngineError) {
    try onFiles { () throws(FileError) in
      let directory = path / generation.projection.text
      try files.replace(
        atomically: directory / Self.currentName, with: ByteBuffer(Self.name(generation) + "\n"))
    }
  }

  /// Deletes the tables of a generation that is not current, and of which no process has the file open.
  public func drop(_ generation: Generation) throws(EngineError) {
    let isCurrent = try current(of: generation.projection) == generation
    precondition(!isCurrent, "the current generation is not dropped")
    try onFiles { () throws(FileError) in
      let file = file(of: generation)
      // The write-ahead log first: without its file it would be taken for another's.
      for suffix in ["-wal", "-shm", ""] {
        let part = FilePath(file.string + suffix)
        if try files.exists(part) { try files.removeDurably(part) }
      }
    }
  }

  /// Makes tables in a folder of their own, in the projection's.
  public func withScratch<Output>(
    of projection: ProjectionName, on loop: EventLoop, _ body: (Store) async throws(EngineError) -> Output
  ) async throws(EngineError) -> Output {
    let folder = try onFiles { () throws(FileError) in
      try files.createTemporaryDirectory(in: path / projection.text, prefix: "verify-")
    }
    let outcome: Result<Output, EngineError>
    do throws(EngineError) {
      let store: Store
      do throws(DatabaseError) {
        store = try await Store.openSQLite((folder / "replayed.sqlite").string, on: loop)
      } catch {
        throw EngineError.database(error)
      }
      outcome = .success(try await store.closing { () throws(EngineError) in try await body(store) })
    } catch {
      outcome = .failure(error)
    }
    try onFiles { () throws(FileError) in try files.removeTree(folder) }
    return try outcome.get()
  }

  /// Snapshots are files beside the tables.
  public var snapshotStore: (any SnapshotStore)? { self }

  /// The directory.
  public var place: String { path.string }

  /// Files have no connections.
  public func close() {}

  func onFiles<Output>(_ body: () throws(FileError) -> Output) throws(EngineError) -> Output {
    do throws(FileError) { return try body() } catch { throw .file(error) }
  }
}
