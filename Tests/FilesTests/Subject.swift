// The file systems that the conformance tests run against, each with a directory of its own, and the short
// forms in which the tests write bytes.

import Bytes
import Files
import Glibc
import Runtime
import Testing

/// A file system that must behave like all the others.
enum Subject: String, CaseIterable, CustomTestStringConvertible {
  case local, simulated, faulty

  var testDescription: String { rawValue }

  /// Runs `body` with a fresh empty directory, which is gone afterwards.
  func withDirectory<Result>(
    _ body: (any FileSystem, FilePath) throws -> Result
  ) throws -> Result {
    switch self {
    case .local:
      return try withLocalDirectory { try body(LocalFiles(), $0) }
    case .simulated:
      let files = SimulatedFiles()
      try files.createDirectories("/deep/base")
      return try body(files, "/deep/base")
    case .faulty:
      // No rule is in force: a wrapper must not change what the files below do.
      let files = FaultyFiles(wrapping: LocalFiles(), random: SeededRandom(seed: 1), capacityBytes: 1 << 40)
      return try withLocalDirectory { try body(files, $0) }
    }
  }
}

/// Runs `body` with a fresh directory of this machine.
func withLocalDirectory<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
  let files = LocalFiles()
  let directory = try files.createTemporaryDirectory(in: temporaryRoot, prefix: "varve-files-")
  defer {
    do {
      try files.removeTree(directory)
    } catch {
      print("left behind: \(error)")
    }
  }
  return try body(directory)
}

/// Where this machine keeps temporary files.
let temporaryRoot = FilePath(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")

/// What a call failed with; nil when it did not.
func number(of body: () throws(FileError) -> Void) -> ErrorNumber? {
  do {
    try body()
    return nil
  } catch {
    return error.number
  }
}

/// Bytes given as runs of one byte and how often it comes.
func runs(_ runs: (UInt8, Int)...) -> ByteBuffer {
  var buffer = ByteBuffer()
  for (byte, count) in runs { buffer.append(repeating: byte, count: count) }
  return buffer
}

extension FileSystem {
  /// Makes a file that holds `text`.
  func put(_ text: String, at path: FilePath) throws(FileError) {
    let file = try open(path, [.write, .create, .truncate])
    try file.write(ByteBuffer(text), at: 0)
    try file.close()
  }

  /// The text a file holds.
  func text(of path: FilePath) throws(FileError) -> String {
    let bytes = try contents(of: path, bytesMaximum: 1 << 20)
    return String(validating: bytes) ?? "not UTF-8: \(bytes)"
  }

  /// The names in a directory.
  func names(in path: FilePath) throws(FileError) -> [String] { try list(path).map(\.name) }
}

extension File {
  /// Up to `count` bytes from `offset`, as text.
  func text(at offset: Int, count: Int) throws(FileError) -> String {
    var buffer = ByteBuffer()
    try read(into: &buffer, count: count, at: offset)
    return String(validating: buffer) ?? "not UTF-8: \(buffer)"
  }
}
