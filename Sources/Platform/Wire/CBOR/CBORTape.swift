// A message taken in whole, for decoding that jumps about in it: one strict pass over the bytes leaves a row
// of nodes, parents before children, in which each node knows where the next one beside it is. Everything
// that can be wrong with the message is found here; what reads the tape only has to look at types.

import Bytes

/// One item on the tape.
struct CBORNode {
  enum Kind: UInt8 {
    case unsigned, negative, bytes, text, chunkedBytes, chunkedText, array, map, tag, simple, float
  }

  /// The number, the length of the string, the count of elements or pairs, the tag, or a double's bits.
  var argument: UInt64
  /// Where the item begins in the message.
  let start: Int
  /// The node after this one and all that is in it.
  var next: Int32
  let kind: Kind
  /// How many bytes the item's head has.
  let headCount: UInt8
}

/// A message and its nodes.
///
/// The bytes are looked at through `base`, which stays good because `message` keeps its storage alive, and
/// unchanged because storage that two buffers see is copied by whichever of them writes to it.
final class CBORTape {
  let message: ByteBuffer
  let base: UnsafeRawPointer
  let nodes: [CBORNode]
  let options: CBORReadingOptions
  let usesIntegerKeys: Bool
  let userInfo: [CodingUserInfoKey: any Sendable]

  init(_ message: ByteBuffer, for decoder: CBORDecoder) throws(CBORError) {
    self.message = message
    base = message.withReadableBytes { $0.baseAddress ?? UnsafeRawPointer(bitPattern: 16)! }
    options = decoder.options
    usesIntegerKeys = decoder.usesIntegerKeys
    userInfo = decoder.userInfo
    var reader = try CBORReader(message, options: decoder.options)
    var nodes: [CBORNode] = []
    // A guess that fits most messages: an item has three bytes or more.
    nodes.reserveCapacity(min(message.count / 3 + 4, 1024))
    try reader.appendItem(to: &nodes)
    try reader.finish()
    self.nodes = nodes
  }

  /// The content's bytes of a string that is not in chunks.
  @inline(__always)
  func content(of node: CBORNode) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + node.start + Int(node.headCount), count: Int(node.argument))
  }

  /// The text at `node`; nil when it is something else.
  func text(at node: CBORNode) throws(CBORError) -> String? {
    switch node.kind {
    // Found to be UTF-8 when the tape was made.
    case .text:
      String(
        copying: UTF8Span(unchecked: content(of: node).bindMemory(to: UInt8.self).span, isKnownASCII: false))
    case .chunkedText: try read(at: node) { (reader) throws(CBORError) in try reader.readText() }
    default: nil
    }
  }

  /// The byte string at `node`; nil when it is something else.
  func bytes(at node: CBORNode) throws(CBORError) -> ByteBuffer? {
    switch node.kind {
    case .bytes:
      options.byteStrings == .shared
        ? message.slice(from: node.start + Int(node.headCount), count: Int(node.argument))
        : ByteBuffer(copying: content(of: node))
    case .chunkedBytes: try read(at: node) { (reader) throws(CBORError) in try reader.readBytes() }
    default: nil
    }
  }

  /// The item at `node` with all that is in it.
  func value(at node: CBORNode) throws(CBORError) -> CBORValue {
    try read(at: node) { (reader) throws(CBORError) in try reader.readValue() }
  }

  private func read<Result>(
    at node: CBORNode, _ body: (inout CBORReader) throws(CBORError) -> Result
  ) throws(CBORError) -> Result {
    let rest = message.slice(from: node.start, count: message.count - node.start)
    var reader = try CBORReader(rest, options: options)
    return try body(&reader)
  }
}

extension CBORReader {
  /// Reads any item onto the end of the tape.
  @_lifetime(self: copy self)
  fileprivate mutating func appendItem(to nodes: inout [CBORNode]) throws(CBORError) {
    let tagsBefore = pendingTags
    try startItem()
    let start = offset
    let head = try readHead()
    let index = nodes.count
    func node(_ kind: CBORNode.Kind, _ argument: UInt64, end: Int) -> CBORNode {
      CBORNode(
        argument: argument, start: start, next: Int32(truncatingIfNeeded: index &+ 1), kind: kind,
        headCount: UInt8(truncatingIfNeeded: end &- start))
    }
    switch head.major {
    case 0: nodes.append(node(.unsigned, head.argument, end: offset))
    case 1: nodes.append(node(.negative, head.argument, end: offset))
    case 2, 3:
      let content = offset
      let count = try passString(head, at: start)
      let isText = head.major == 3
      let kind: CBORNode.Kind =
        head.isIndefinite ? (isText ? .chunkedText : .chunkedBytes) : isText ? .text : .bytes
      nodes.append(node(kind, UInt64(count), end: content))
    case 4, 5:
      nodes.append(node(head.major == 5 ? .map : .array, head.argument, end: offset))
      try openContainer(head, at: start)
      var items: UInt64 = 0
      while try hasNext() {
        try appendItem(to: &nodes)
        items &+= 1
      }
      nodes[index].argument = head.major == 5 ? items / 2 : items
      nodes[index].next = Int32(truncatingIfNeeded: nodes.count)
    case 6:
      try openTag(head, after: tagsBefore, at: start)
      nodes.append(node(.tag, head.argument, end: offset))
      try appendItem(to: &nodes)
      nodes[index].next = Int32(truncatingIfNeeded: nodes.count)
    default:
      if head.isIndefinite { throw breakError(at: start) }
      if head.info >= 25 {
        nodes.append(node(.float, Self.double(head).bitPattern, end: offset))
      } else {
        nodes.append(node(.simple, head.argument, end: offset))
      }
    }
  }
}
