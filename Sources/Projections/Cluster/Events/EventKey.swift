// The keys of the topic's records: what each event is about, in words.

import Bytes

/// What an event is about.
enum EventKey {
  static let cluster = ByteBuffer("cluster")

  static func node(_ id: NodeID) -> ByteBuffer { ByteBuffer("node/\(id)") }

  static func policy(_ path: ScopePath) -> ByteBuffer { ByteBuffer("policy\(path)") }
}
