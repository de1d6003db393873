// Fields on their way out, as the protocol library wants them: pointers to names and values. They are gathered
// in one buffer, so that nothing has to be kept alive while it encodes them.

import Bytes
import CNghttp2
public import HTTP

/// A header or trailer section to be sent. Pseudo-fields come first.
public struct HTTP2FieldBlock: Sendable {
  private struct Entry {
    var start: Int
    var nameCount: Int
    var valueCount: Int
    var flags: UInt8
  }

  private var bytes = ByteBuffer()
  private var entries: ContiguousArray<Entry> = []

  /// An empty block.
  public init() {}

  /// What RFC 9113 section 6.5.2 measures a header list by: names, values and 32 bytes for each.
  public var listBytes: Int { bytes.count + 32 * entries.count }

  /// Appends the pseudo-fields of a request, and its fields.
  public mutating func append(_ head: HTTPRequestHead) {
    append(":method", head.method.name)
    head.fields.bytes.withReadableBytes { all in
      if head.method != .connect {
        append(":scheme", head.scheme.rawValue)
        append(":path", head.targetExtent.of(all))
      }
      if let authority = head.authorityExtent { append(":authority", authority.of(all)) }
    }
    append(head.fields, isAnswer: false)
  }

  /// Appends a field.
  ///
  /// - Parameters:
  ///   - name: in small letters.
  ///   - value: what may stand in a field.
  ///   - isPassing: whether the value will hardly come again, so that compressing it is a waste.
  public mutating func append(
    _ name: StaticString, _ value: UnsafeRawBufferPointer, isPassing: Bool = false
  ) {
    append(
      UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value,
      flags: UInt8(isPassing ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : NGHTTP2_NV_FLAG_NONE.rawValue))
  }

  /// Appends a field.
  public mutating func append(_ name: StaticString, _ value: String) {
    var value = value
    value.withUTF8 { append(name, UnsafeRawBufferPointer($0)) }
  }

  /// Appends a field whose value is a number.
  public mutating func append(_ name: StaticString, _ value: Int) {
    precondition(value >= 0, "a field's number is not negative")
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
      var (start, rest) = (digits.count, value)
      repeat {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      append(name, UnsafeRawBufferPointer(rebasing: digits[start...]))
    }
  }

  /// Appends `fields` but for those that HTTP/2 has no room for (RFC 9113 section 8.2.2).
  ///
  /// - Parameter isAnswer: whether Date and Content-Length are the server's to write, too.
  public mutating func append(_ fields: HTTPFields, isAnswer: Bool) {
    fields.forEach { name, value in
      if Self.isConnectionSpecific(name) { return }
      // A client may say that it takes trailers, and nothing else by this field.
      if HTTPByte.equalIgnoringCase(name, "te")
        && (isAnswer || !HTTPByte.equalIgnoringCase(value, "trailers"))
      {
        return
      }
      if isAnswer && HTTPFields.framesMessage(name) { return }
      append(name, value, flags: 0)
    }
  }

  private mutating func append(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, flags: UInt8
  ) {
    let entry = Entry(start: bytes.count, nameCount: name.count, valueCount: value.count, flags: flags)
    bytes.append(name)
    bytes.append(value)
    entries.append(entry)
  }

  /// Forgets the fields and keeps the memory.
  public mutating func removeAll() {
    bytes.clear()
    entries.removeAll(keepingCapacity: true)
  }

  /// Whether the field says something of the connection, which HTTP/2 says in other ways.
  static func isConnectionSpecific(_ name: UnsafeRawBufferPointer) -> Bool {
    switch name.count {
    case 7: HTTPByte.equalIgnoringCase(name, "upgrade")
    case 10: HTTPByte.equalIgnoringCase(name, "connection") || HTTPByte.equalIgnoringCase(name, "keep-alive")
    case 16: HTTPByte.equalIgnoringCase(name, "proxy-connection")
    case 17: HTTPByte.equalIgnoringCase(name, "transfer-encoding")
    default: false
    }
  }

  /// Calls `body` with the fields for the library, which copies them and makes their names small.
  func withPairs<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
    bytes.withReadableBytes { all in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: entries.count) { pairs in
        // The library does not write through these pointers.
        let base = all.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
        for (index, entry) in entries.enumerated() {
          let name = base.map { ($0 + entry.start).assumingMemoryBound(to: UInt8.self) }
          let pair = nghttp2_nv(
            name: name, value: name.map { $0 + entry.nameCount }, namelen: entry.nameCount,
            valuelen: entry.valueCount, flags: entry.flags)
          pairs.initializeElement(at: index, to: pair)
        }
        return body(pairs.baseAddress, entries.count)
      }
    }
  }
}
