// The other implementations the tests compare with: Google's Python protobuf (Tests/Peers/protobuf_peer.py) and
// protoc. Both get their input from a file and answer into one: a pipe could fill up on either side.

import Bytes
import Foundation

/// Why a peer could not be asked.
struct PeerFailure: Error, CustomStringConvertible {
  let description: String
}

enum ProtobufPeers {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Asks the Python peer: one request a line, one or more lines back.
  static func python(_ requests: String) throws -> [Substring] {
    let interpreter = root.appendingPathComponent(".venv/bin/python")
    guard FileManager.default.isExecutableFile(atPath: interpreter.path) else {
      throw PeerFailure(description: "\(interpreter.path) is missing: run ops/setup")
    }
    return try inTemporaryFolder { folder in
      let types = folder.appendingPathComponent("types")
      _ = try protoc(["--include_imports", "--descriptor_set_out=\(types.path)"], Data(), in: folder)
      let script = root.appendingPathComponent("Tests/Peers/protobuf_peer.py")
      let answer = try run(interpreter, [script.path, types.path], Data(requests.utf8), in: folder)
      return String(decoding: answer, as: UTF8.self).split(separator: "\n")
    }
  }

  /// Binary messages as protoc's text, or back (`--encode` gives deterministic bytes).
  static func protoc(_ direction: String, _ input: Data) throws -> Data {
    try inTemporaryFolder { folder in
      try protoc(["\(direction)=varve.testing.Batch"], input, in: folder)
    }
  }

  private static func protoc(_ arguments: [String], _ input: Data, in folder: URL) throws -> Data {
    let deterministic = arguments[0].hasPrefix("--encode") ? ["--deterministic_output"] : []
    return try run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["protoc"] + arguments + deterministic
        + [
          "-I", root.appendingPathComponent("Schemas").path, "-I", "/usr/include", "testing/everything.proto",
        ],
      input, in: folder)
  }

  private static func run(_ program: URL, _ arguments: [String], _ input: Data, in folder: URL) throws -> Data
  {
    let question = folder.appendingPathComponent("question")
    let answer = folder.appendingPathComponent("answer")
    let errors = folder.appendingPathComponent("errors")
    try input.write(to: question)
    for file in [answer, errors] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: question)
    process.standardOutput = try FileHandle(forWritingTo: answer)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
      throw PeerFailure(description: "\(program.lastPathComponent) \(arguments): \(said)")
    }
    return try Data(contentsOf: answer)
  }

  private static func inTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("varve-protobuf-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let result = Swift.Result { try body(folder) }
    try FileManager.default.removeItem(at: folder)
    return try result.get()
  }
}

extension ByteBuffer {
  /// The bytes a word of the peer's stands for.
  init(peerWord word: Substring) throws {
    guard word != "-" else {
      self.init()
      return
    }
    guard let data = Data(base64Encoded: String(word)) else {
      throw PeerFailure(description: "not base64: \(word.prefix(80))")
    }
    self.init(data)
  }

  /// The word that tells the peer these bytes.
  var peerWord: String { isEmpty ? "-" : Data([UInt8](self)).base64EncodedString() }
}
