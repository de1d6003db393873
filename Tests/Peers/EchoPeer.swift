// grpcio with the Echo service: programs in Python that ask our server, or answer our client.

import Foundation
import Glibc

/// A Python program of this folder that speaks Echo.
public enum EchoPeer {
  /// What it prints.
  public static func run(_ script: String, _ arguments: [String]) async throws -> [String] {
    let folder = try TemporaryFolder()
    try writeMessages(to: folder)
    let source = try self.source(script)
    let all = [folder.url("").path] + arguments
    let output = try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Swift.Result { try ForeignProgram.python(source, all, input: "") })
      }
    }
    return output.split(separator: "\n").map { String($0) }
  }

  static func source(_ script: String) throws -> String {
    try String(
      contentsOf: Repository.root.appendingPathComponent("Tests/Peers/\(script)"), encoding: .utf8)
  }

  /// Writes the messages in Python.
  static func writeMessages(to folder: TemporaryFolder) throws {
    let schemas = Repository.root.appendingPathComponent("Schemas/testing").path
    _ = try ForeignProgram.run(
      "protoc", ["-I", schemas, "--python_out", folder.url("").path, "echo.proto"])
  }
}

/// A running server of Echo by grpcio.
///
/// `@unchecked Sendable`: nothing of it changes but the process, which may be ended from any thread.
public final class EchoPeerServer: @unchecked Sendable {
  private let folder: TemporaryFolder
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  /// Where it listens, on 127.0.0.1.
  public let port: UInt16

  /// Starts a server, and waits until it listens.
  ///
  /// - Parameter arguments: `gzip` to compress its answers, `port=N` for a certain port.
  public init(_ arguments: [String] = []) throws {
    folder = try TemporaryFolder()
    try EchoPeer.writeMessages(to: folder)
    process.executableURL = Repository.root.appendingPathComponent(".venv/bin/python")
    process.arguments =
      ["-X", "utf8", "-c", try EchoPeer.source("grpc_server_peer.py"), folder.url("").path] + arguments
    process.standardInput = input
    process.standardOutput = output
    try ForeignProgram.start(process)
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let more = output.fileHandleForReading.available()
      if more.isEmpty { throw ForeignProgram.Failure("the Python server did not start") }
      line.append(more)
    }
    guard let port = UInt16(String(decoding: line.dropLast(), as: UTF8.self)) else {
      throw ForeignProgram.Failure("the Python server said no port")
    }
    self.port = port
  }

  /// Ends it at once.
  public func kill() {
    if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  deinit { kill() }
}
