// The other implementations the tests compare with: Google's Python protobuf (Tests/Peers/protobuf_peer.py) and
// protoc.

import Bytes
import Foundation
import Peers

enum ProtobufPeers {
  /// Asks the Python peer: one request a line, one or more lines back.
  static func python(_ requests: String) throws -> [Substring] {
    let folder = try TemporaryFolder()
    let types = folder.path("types")
    try describe(["testing/everything.proto"], in: types)
    let script = try String(
      contentsOf: Repository.root.appendingPathComponent("Tests/Peers/protobuf_peer.py"), encoding: .utf8)
    return try ForeignProgram.python(script, [types], input: requests).split(separator: "\n")
  }

  /// Binary messages as protoc's text, or back (`--encode` gives deterministic bytes).
  static func protoc(_ direction: String, _ input: Data) throws -> Data {
    try protoc(["\(direction)=varve.testing.Batch"], input)
  }

  /// The descriptor set of files under Schemas/ and of all they import.
  static func descriptors(of files: [String]) throws -> ByteBuffer {
    let folder = try TemporaryFolder()
    try describe(files, in: folder.path("types"))
    return ByteBuffer(try Data(contentsOf: folder.url("types")))
  }

  private static func describe(_ files: [String], in path: String) throws {
    _ = try protoc(["--include_imports", "--descriptor_set_out=\(path)"], Data(), files)
  }

  private static func protoc(
    _ arguments: [String], _ input: Data, _ files: [String] = ["testing/everything.proto"]
  ) throws -> Data {
    let deterministic = arguments[0].hasPrefix("--encode") ? ["--deterministic_output"] : []
    let schemas = Repository.root.appendingPathComponent("Schemas").path
    return try ForeignProgram.run(
      "protoc",
      arguments + deterministic + ["-I", schemas, "-I", "/usr/include"] + files,
      input: input)
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
      throw ForeignProgram.Failure("not base64: \(word.prefix(80))")
    }
    self.init(data)
  }

  /// The word that tells the peer these bytes.
  var peerWord: String { isEmpty ? "-" : Data([UInt8](self)).base64EncodedString() }
}
