// Runs somebody else's program as a peer: a Python library from .venv, protoc, openssl. Input and output go
// through files: with pipes, a peer that writes before it has read everything and a test that does the same
// would wait for each other for ever.

public import Foundation

/// A program the tests compare with.
public enum ForeignProgram {
  /// Why it could not be asked.
  public struct Failure: Error, CustomStringConvertible {
    /// What happened, and what to do.
    public let description: String
    /// A failure that says `description`.
    public init(_ description: String) { self.description = description }
  }

  /// Starts a process, no two at the same time: while Foundation starts one, a descriptor of its own is open that tells it
  /// of the process's end, and a second that is started meanwhile would inherit it. The first would then seem to run for as
  /// long as the second does; and tests that wait for each other's processes so would wait for ever.
  public static func start(_ process: Process) throws {
    starting.lock()
    defer { starting.unlock() }
    try process.run()
  }

  private static let starting = NSLock()

  /// What `program` writes to its standard output, given `input` on its standard input.
  ///
  /// - Parameter program: a path, or a name that is looked up on PATH.
  public static func run(_ program: String, _ arguments: [String], input: Data = Data()) throws -> Data {
    let folder = try TemporaryFolder()
    let (question, answer, complaint) = (
      folder.url("question"), folder.url("answer"), folder.url("complaint")
    )
    try input.write(to: question)
    for file in [answer, complaint] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = try FileHandle(forReadingFrom: question)
    process.standardOutput = try FileHandle(forWritingTo: answer)
    process.standardError = try FileHandle(forWritingTo: complaint)
    try start(process)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = String(decoding: try Data(contentsOf: complaint), as: UTF8.self)
      throw Failure("\(program) ended with \(process.terminationStatus): \(said)")
    }
    return try Data(contentsOf: answer)
  }

  /// What a Python program prints, run with the test peers that ops/setup installs.
  public static func python(_ script: String, _ arguments: [String] = [], input: String) throws -> String {
    let python = Repository.root.appendingPathComponent(".venv/bin/python").path
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Failure("\(python) is missing: run ops/setup, which installs the test peers")
    }
    return String(
      decoding: try run(python, ["-X", "utf8", "-c", script] + arguments, input: Data(input.utf8)),
      as: UTF8.self)
  }
}
