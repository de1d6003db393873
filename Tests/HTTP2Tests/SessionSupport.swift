// A session with a peer made of bytes.

import Bytes
import HTTP
import HTTP2
import Testing

/// A server's session, and what it has said.
final class ServerUnderTest {
  let session: HTTP2Session
  /// The clock, in nanoseconds.
  var now: UInt64 = 0
  var said: [ReadFrame] = []
  var requested: [HTTP2Stream] = []

  /// A session that has shaken hands.
  init(limits: HTTP2Limits = HTTP2Limits(), greets: Bool = true) throws {
    session = try HTTP2Session(.server, limits: limits)
    if greets {
      // The acknowledgement is of our own settings, which go out first.
      try hear(Frames.preface + Frames.frame(.settings))
      try hear(Frames.frame(.settings, Frames.ack))
      said = []
    }
  }

  /// Hands `bytes` over in pieces, and collects what comes back.
  func hear(_ bytes: [UInt8], piece: Int = .max) throws {
    try speak()
    var index = 0
    repeat {
      let end = index + min(piece, bytes.count - index)
      bytes[index..<end].withUnsafeBytes { session.receive($0, now: now) }
      index = end
    } while index < bytes.count
    for case .requested(let stream) in session.takeEvents() { requested.append(stream) }
    try speak()
  }

  /// Collects what the session wants to send.
  func speak() throws {
    var output = ByteBuffer()
    try session.send(into: &output, maximum: .max)
    said += ReadFrame.all(in: output.withReadableBytes { Array($0) })
  }

  /// The code of the GOAWAY that ended the connection.
  var goAway: HTTP2ErrorCode? {
    said.last { $0.kind == Frames.Kind.goAway.rawValue }?.code.map { HTTP2ErrorCode(rawValue: $0) }
  }

  /// The codes of the streams that were reset.
  var resets: [UInt32: HTTP2ErrorCode] {
    var resets: [UInt32: HTTP2ErrorCode] = [:]
    for frame in said where frame.kind == Frames.Kind.reset.rawValue {
      resets[frame.stream] = frame.code.map { HTTP2ErrorCode(rawValue: $0) }
    }
    return resets
  }

  /// How much the peer may send more, by the WINDOW_UPDATE frames for `stream`.
  func granted(_ stream: UInt32) -> Int {
    said.filter { $0.kind == Frames.Kind.windowUpdate.rawValue && $0.stream == stream }
      .reduce(0) { $0 + Int($1.payload.reduce(0) { $0 << 8 | UInt32($1) }) }
  }
}

/// What the peer is told about a breach.
enum Outcome: Hashable, CustomStringConvertible {
  case fine
  case connection(HTTP2ErrorCode)
  case stream(HTTP2ErrorCode)

  var description: String {
    switch self {
    case .fine: "fine"
    case .connection(let code): "connection: \(code)"
    case .stream(let code): "stream: \(code)"
    }
  }

  init(_ server: ServerUnderTest) {
    if let code = server.goAway, code != .noError {
      self = .connection(code)
    } else if let code = server.resets.values.first {
      self = .stream(code)
    } else {
      self = .fine
    }
  }
}
