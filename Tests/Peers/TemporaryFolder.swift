// A folder of its own for one test.

public import Foundation

/// A folder that is removed with the last reference to it.
public final class TemporaryFolder {
  private let folder: URL

  /// Makes an empty folder.
  public init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("varve-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      print("could not remove \(folder.path): \(error)")
    }
  }

  /// The folder's own path.
  public var path: String { folder.path }

  /// Where `name` is, or would be, in the folder.
  public func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// The path of `name` in the folder.
  public func path(_ name: String) -> String { url(name).path }
}
