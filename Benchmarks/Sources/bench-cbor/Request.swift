// The message that is measured: a request of a sync protocol, a map of ten text keys.

import Bytes
import Wire

/// A request, and the three ways we have to read and write it.
struct Request: Codable, Equatable {
  var id: UInt64
  var method: String
  var space: ByteBuffer
  var since: Int64
  var limit: Int
  var isLive: Bool
  var device: String
  var token: ByteBuffer
  var shards: [Int]
  var clock: Double

  static let example = Request(
    id: 812_345, method: "sync.pull", space: ByteBuffer((0..<32).map { UInt8($0 * 7 & 0xff) }),
    since: -1, limit: 500, isLive: true, device: "laptop of somebody with a long name",
    token: ByteBuffer((0..<16).map { UInt8($0) }), shards: [1, 2, 3, 1000], clock: 1_731_234_567.25)

  /// Reads a request by the streaming interface.
  static func read(_ reader: inout CBORReader) throws(CBORError) -> Request {
    var request = Request(
      id: 0, method: "", space: ByteBuffer(), since: 0, limit: 0, isLive: false, device: "",
      token: ByteBuffer(), shards: [], clock: 0)
    try reader.beginMap()
    while try reader.hasNext() {
      switch try reader.readTextView() {
      case "id": request.id = try reader.readInteger()
      case "method": request.method = try reader.readText()
      case "space": request.space = try reader.readBytes()
      case "since": request.since = try reader.readInteger()
      case "limit": request.limit = try reader.readInteger()
      case "isLive": request.isLive = try reader.readBool()
      case "device": request.device = try reader.readText()
      case "token": request.token = try reader.readBytes()
      case "shards":
        let count = try reader.beginArray()
        request.shards.reserveCapacity(count ?? 0)
        while try reader.hasNext() { request.shards.append(try reader.readInteger()) }
      case "clock": request.clock = try reader.readDouble()
      default: try reader.skip()
      }
    }
    return request
  }

  /// Writes the request by the streaming interface.
  func write(to writer: inout CBORWriter) throws(CBORError) {
    writer.beginMap(count: 10)
    writer.write(literal: "id")
    writer.write(id)
    writer.write(literal: "method")
    writer.write(method)
    writer.write(literal: "space")
    writer.write(space)
    writer.write(literal: "since")
    writer.write(since)
    writer.write(literal: "limit")
    writer.write(limit)
    writer.write(literal: "isLive")
    writer.write(isLive)
    writer.write(literal: "device")
    writer.write(device)
    writer.write(literal: "token")
    writer.write(token)
    writer.write(literal: "shards")
    writer.beginArray(count: shards.count)
    for shard in shards { writer.write(shard) }
    try writer.end()
    writer.write(literal: "clock")
    writer.write(clock)
    try writer.end()
  }
}
