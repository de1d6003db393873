// CBOR beside libcbor: a request of ten fields read into a Swift struct (streaming, Codable) and into a tree
// of values, and written from each, against libcbor's tree of values.

import Bytes
import CLibcbor
import Glibc
import Measure
import Wire

/// The program.
@main struct CBORBenchmark {
  static let operations = 20_000

  static func main() throws {
    let message = try encodedExample()
    let value = try CBORValue(decoding: message)
    let request = try CBORDecoder().decode(Request.self, from: message)
    precondition(request == .example, "the streaming writer and Codable disagree")
    print("a request of \(message.count) bytes: \(value)\n")
    decoding(message)
    encoding(request, value, message)
  }

  static func encodedExample() throws(CBORError) -> ByteBuffer {
    var writer = CBORWriter(capacity: 256)
    try Request.example.write(to: &writer)
    return writer.finish()
  }

  // MARK: Decoding

  static func decoding(_ message: ByteBuffer) {
    let peer = { loadAndFree(message) }
    var lenient = CBORReadingOptions(duplicateKeys: .allowed)
    lenient.byteStrings = .shared
    let comparisons: [(String, String, () -> Void)] = [
      (
        "decode to struct, streaming", "speed 1.0", { repeated { try stream(message, CBORReadingOptions()) } }
      ),
      ("decode to struct, keys unchecked", "-", { repeated { try stream(message, lenient) } }),
      ("decode to CBORValue", "speed 1.0", { repeated { keep(try CBORValue(decoding: message)) } }),
      ("decode to struct, Codable", "-", { repeated { try decodable(message) } }),
    ]
    for (name, goal, ours) in comparisons where isWanted(name) {
      Comparison(name, operations: operations, ours: ours, peer: peer)
        .report(peerName: "cbor_load, free", goal: goal)
    }
  }

  static func stream(_ message: ByteBuffer, _ options: CBORReadingOptions) throws(CBORError) {
    var reader = try CBORReader(message, options: options)
    let request = try Request.read(&reader)
    try reader.finish()
    keep(request)
  }

  static func decodable(_ message: ByteBuffer) throws {
    keep(try CBORDecoder().decode(Request.self, from: message))
  }

  static func loadAndFree(_ message: ByteBuffer) {
    message.withReadableBytes { bytes in
      for _ in 0..<operations {
        var result = cbor_load_result()
        var item = cbor_load(bytes.baseAddress, bytes.count, &result)
        precondition(item != nil, "libcbor refused the message")
        cbor_decref(&item)
      }
    }
  }

  // MARK: Encoding

  static func encoding(_ request: Request, _ value: CBORValue, _ message: ByteBuffer) {
    var result = cbor_load_result()
    var item = message.withReadableBytes { cbor_load($0.baseAddress, $0.count, &result) }
    let peer = {
      for _ in 0..<operations {
        var buffer: UnsafeMutablePointer<UInt8>?
        var size = 0
        precondition(cbor_serialize_alloc(item, &buffer, &size) > 0, "libcbor could not serialize")
        free(buffer)
      }
    }
    let encoder = CBOREncoder()
    var output = ByteBuffer(capacity: 512)
    let comparisons: [(String, () -> Void)] = [
      (
        "encode struct, streaming",
        {
          repeated {
            output.clear()
            var writer = CBORWriter(appendingTo: &output)
            try request.write(to: &writer)
            writer.finish(into: &output)
          }
        }
      ),
      ("encode CBORValue", { repeated { keep(try value.encoded()) } }),
      ("encode CBORValue, deterministic", { repeated { keep(try value.encoded(.deterministic)) } }),
      ("encode struct, Codable", { repeated { keep(try encoder.encode(request)) } }),
    ]
    for (name, ours) in comparisons where isWanted(name) {
      Comparison(name, operations: operations, ours: ours, peer: peer)
        .report(peerName: "cbor_serialize_alloc", goal: "-")
    }
    cbor_decref(&item)
  }

  /// Whether the line is to be measured: all are, or those that the first argument is part of.
  static func isWanted(_ name: String) -> Bool {
    CommandLine.arguments.count < 2 || name.contains(CommandLine.arguments[1])
  }

  /// Does the work as often as every measured closure has to.
  static func repeated(_ body: () throws -> Void) {
    for _ in 0..<operations {
      do { try body() } catch { preconditionFailure("the example failed: \(error)") }
    }
  }
}
