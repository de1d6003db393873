// Frames of HTTP/2 as bytes, put together by hand: a client of ours would not do what these tests want done.

/// Bytes of frames.
enum Frames {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  enum Kind: UInt8 {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
  }

  static let endStream: UInt8 = 0x1
  static let endHeaders: UInt8 = 0x4

  static func frame(_ kind: Kind, _ flags: UInt8 = 0, on stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
    let length = payload.count
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), kind.rawValue, flags]
      + number(stream) + payload
  }

  static func number(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  /// Fields as literals that are neither indexed nor compressed; none of them is longer than 126 bytes.
  static func literals(_ fields: [(String, String)]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in fields {
      bytes.append(0)
      for text in [name, value] {
        bytes.append(UInt8(text.utf8.count))
        bytes += Array(text.utf8)
      }
    }
    return bytes
  }

  static func get(_ path: String) -> [(String, String)] {
    [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", path)]
  }

  static func call(_ method: String) -> [(String, String)] {
    [
      (":method", "POST"), (":scheme", "http"), (":authority", "a"),
      (":path", "/varve.testing.v1.Echo/\(method)"), ("content-type", "application/grpc+proto"),
      ("te", "trailers"),
    ]
  }

  /// HEADERS with a whole section.
  static func headers(
    _ stream: UInt32, _ fields: [(String, String)], flags: UInt8 = endHeaders | endStream
  ) -> [UInt8] {
    frame(.headers, flags, on: stream, literals(fields))
  }

  /// The kinds, streams and error codes of the frames in `bytes`, which begin with a frame.
  static func read(_ bytes: [UInt8]) -> [(kind: Kind?, stream: UInt32, payload: [UInt8])] {
    var (frames, index): ([(kind: Kind?, stream: UInt32, payload: [UInt8])], Int) = ([], 0)
    while index + 9 <= bytes.count {
      let length = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
      guard index + 9 + length <= bytes.count else { break }
      let stream = bytes[index + 5..<index + 9].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
      frames.append((Kind(rawValue: bytes[index + 3]), stream, Array(bytes[index + 9..<index + 9 + length])))
      index += 9 + length
    }
    return frames
  }

  /// The error code of the GOAWAY in `bytes`, if there is one.
  static func goAway(in bytes: [UInt8]) -> UInt32? {
    read(bytes).last { $0.kind == .goAway }?.payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
