// Frames as bytes, right and wrong, put together by hand: nothing here shares code with what is tested.

/// Bytes of frames.
enum Frames {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  enum Kind: UInt8 {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
  }

  static let endStream: UInt8 = 0x1
  static let ack: UInt8 = 0x1
  static let endHeaders: UInt8 = 0x4
  static let padded: UInt8 = 0x8
  static let hasPriority: UInt8 = 0x20

  /// A frame; `length` when it lies about it.
  static func frame(
    _ kind: Kind, _ flags: UInt8 = 0, on stream: UInt32 = 0, _ payload: [UInt8] = [], length: Int? = nil
  ) -> [UInt8] {
    raw(kind.rawValue, flags, on: stream, payload, length: length)
  }

  static func raw(
    _ kind: UInt8, _ flags: UInt8, on stream: UInt32, _ payload: [UInt8], length: Int? = nil
  ) -> [UInt8] {
    let length = length ?? payload.count
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), kind, flags]
      + number(stream) + payload
  }

  static func number(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  /// An entry of SETTINGS.
  static func setting(_ id: UInt16, _ value: UInt32) -> [UInt8] {
    [UInt8(id >> 8), UInt8(id & 255)] + number(value)
  }

  /// Fields as literals that are not indexed and not compressed (RFC 7541 section 6.2.2).
  static func literals(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + string($0.0) + string($0.1) }
  }

  /// A string without Huffman coding.
  static func string(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
    var (rest, prefix) = (bytes.count - 127, [UInt8(127)])
    while rest >= 128 {
      prefix.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return prefix + [UInt8(rest)] + bytes
  }

  static let get = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")]
  static let post = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/")]

  /// HEADERS with a whole section.
  static func headers(
    _ stream: UInt32, _ fields: [(String, String)] = get, flags: UInt8 = endHeaders | endStream
  ) -> [UInt8] {
    frame(.headers, flags, on: stream, literals(fields))
  }

  /// A POST whose body is still to come.
  static func open(_ stream: UInt32, _ more: [(String, String)] = []) -> [UInt8] {
    headers(stream, post + more, flags: endHeaders)
  }

  static func data(_ stream: UInt32, _ text: String, flags: UInt8 = 0) -> [UInt8] {
    frame(.data, flags, on: stream, Array(text.utf8))
  }
}

/// A frame taken apart.
struct ReadFrame: Equatable {
  var kind: UInt8
  var flags: UInt8
  var stream: UInt32
  var payload: [UInt8]

  /// The frames in `bytes`, which hold nothing else.
  static func all(in bytes: [UInt8]) -> [ReadFrame] {
    var (frames, index): ([ReadFrame], Int) = ([], 0)
    while index + 9 <= bytes.count {
      let length = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
      let stream = bytes[index + 5..<index + 9].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
      frames.append(
        ReadFrame(
          kind: bytes[index + 3], flags: bytes[index + 4], stream: stream,
          payload: Array(bytes[index + 9..<index + 9 + length])))
      index += 9 + length
    }
    return frames
  }

  /// The error code that RST_STREAM or GOAWAY carries.
  var code: UInt32? {
    switch Frames.Kind(rawValue: kind) {
    case .reset: payload.reduce(0) { $0 << 8 | UInt32($1) }
    case .goAway: payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
    default: nil
    }
  }
}
