// What RFC 9113 and RFC 7541 forbid, one case a rule, and what the peer has to be told.

import HTTP2
import Testing

/// Bytes that a client sends after its preface and its settings.
struct BreachCase: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let outcome: Outcome

  init(_ name: String, _ bytes: [UInt8]..., is outcome: Outcome) {
    self.name = name
    self.bytes = bytes.flatMap { $0 }
    self.outcome = outcome
  }

  var testDescription: String { name }
}

extension Frames {
  static let breaches: [BreachCase] =
    sizes + ids + states + settings + windows + compression + pseudo + fields + lengths

  private static let long = [UInt8](repeating: 0, count: 16_385)

  // RFC 9113 section 4.2 and 6: sizes of frames.
  static let sizes: [BreachCase] = [
    .init("DATA over the maximum", open(1), frame(.data, on: 1, long), is: .connection(.frameSizeError)),
    .init(
      "HEADERS over the maximum", frame(.headers, endHeaders, on: 1, long), is: .connection(.frameSizeError)),
    .init("SETTINGS over the maximum", frame(.settings, 0, on: 0, long), is: .connection(.frameSizeError)),
    .init("PING over the maximum", frame(.ping, 0, on: 0, long), is: .connection(.frameSizeError)),
    .init("unknown frame over the maximum", raw(0xee, 0, on: 0, long), is: .connection(.frameSizeError)),
    .init("PRIORITY of 4 bytes", frame(.priority, on: 1, [0, 0, 0, 0]), is: .connection(.frameSizeError)),
    .init(
      "RST_STREAM of 3 bytes", open(1), frame(.reset, on: 1, [0, 0, 0]), is: .connection(.frameSizeError)),
    .init(
      "RST_STREAM of 5 bytes", open(1), frame(.reset, on: 1, [0, 0, 0, 0, 8]),
      is: .connection(.frameSizeError)),
    .init(
      "SETTINGS of 5 bytes", frame(.settings, 0, on: 0, [0, 1, 0, 0, 0]), is: .connection(.frameSizeError)),
    .init(
      "SETTINGS ACK with a payload", frame(.settings, ack, on: 0, setting(1, 0)),
      is: .connection(.frameSizeError)),
    .init(
      "PING of 7 bytes", frame(.ping, 0, on: 0, [UInt8](repeating: 0, count: 7)),
      is: .connection(.frameSizeError)),
    .init(
      "PING of 9 bytes", frame(.ping, 0, on: 0, [UInt8](repeating: 0, count: 9)),
      is: .connection(.frameSizeError)),
    .init(
      "GOAWAY of 7 bytes", frame(.goAway, 0, on: 0, [UInt8](repeating: 0, count: 7)),
      is: .connection(.frameSizeError)),
    .init(
      "WINDOW_UPDATE of 3 bytes", frame(.windowUpdate, 0, on: 0, [0, 0, 1]), is: .connection(.frameSizeError)),
    .init(
      "WINDOW_UPDATE of 5 bytes", frame(.windowUpdate, 0, on: 0, [0, 0, 0, 0, 1]),
      is: .connection(.frameSizeError)),
    .init(
      "WINDOW_UPDATE of 3 bytes on a stream", open(1), frame(.windowUpdate, on: 1, [0, 0, 1]),
      is: .connection(.frameSizeError)),
    .init(
      "HEADERS with priority but no room for it", frame(.headers, endHeaders | hasPriority, on: 1, [0, 0]),
      is: .connection(.frameSizeError)),
    .init(
      "padded DATA without a pad length", open(1), frame(.data, padded, on: 1, []),
      is: .connection(.protocolError)),
    .init(
      "DATA padded beyond its end", open(1), frame(.data, padded, on: 1, [5, 1, 2]),
      is: .connection(.protocolError)),
    .init("DATA that is all padding", open(1), frame(.data, padded, on: 1, [2, 0, 0]), is: .fine),
    .init(
      "HEADERS padded beyond its end", frame(.headers, endHeaders | padded, on: 1, [9, 0x82]),
      is: .connection(.protocolError)),
    .init(
      "padded HEADERS without a pad length", frame(.headers, endHeaders | padded, on: 1, []),
      is: .connection(.protocolError)),
  ]

  // Sections 5.1.1, 6: which frame goes with which stream.
  static let ids: [BreachCase] = [
    .init("DATA on stream 0", frame(.data, 0, on: 0, [1]), is: .connection(.protocolError)),
    .init("HEADERS on stream 0", headers(0), is: .connection(.protocolError)),
    .init("RST_STREAM on stream 0", frame(.reset, 0, on: 0, number(8)), is: .connection(.protocolError)),
    .init(
      "CONTINUATION on stream 0", frame(.continuation, endHeaders, on: 0, []), is: .connection(.protocolError)
    ),
    .init(
      "PUSH_PROMISE on stream 0", frame(.pushPromise, endHeaders, on: 0, number(2)),
      is: .connection(.protocolError)),
    .init("SETTINGS on a stream", frame(.settings, 0, on: 1, []), is: .connection(.protocolError)),
    .init(
      "PING on a stream", frame(.ping, 0, on: 1, [UInt8](repeating: 0, count: 8)),
      is: .connection(.protocolError)),
    .init(
      "GOAWAY on a stream", frame(.goAway, 0, on: 1, [UInt8](repeating: 0, count: 8)),
      is: .connection(.protocolError)),
    .init("HEADERS on an even stream", headers(2), is: .connection(.protocolError)),
    .init(
      "HEADERS on a lower stream are ignored: it may be one that we have ended", headers(5), headers(3),
      is: .fine),
    .init("the reserved bit is ignored", headers(0x8000_0001), is: .fine),
    .init("an unknown frame on any stream", raw(0x42, 0xff, on: 99, [1, 2, 3]), is: .fine),
    .init("unknown flags are ignored", headers(1, flags: endHeaders | endStream | 0xc2 & 0x40), is: .fine),
  ]

  // Section 5.1: what may come in which state.
  static let states: [BreachCase] = [
    .init("DATA on an idle stream", data(1, "x"), is: .connection(.protocolError)),
    .init("RST_STREAM on an idle stream", frame(.reset, on: 1, number(8)), is: .connection(.protocolError)),
    .init(
      "WINDOW_UPDATE on an idle stream", frame(.windowUpdate, on: 1, number(9)),
      is: .connection(.protocolError)),
    .init(
      "CONTINUATION on an idle stream", frame(.continuation, endHeaders, on: 1, []),
      is: .connection(.protocolError)),
    .init(
      "PUSH_PROMISE from a client", open(1), frame(.pushPromise, endHeaders, on: 1, number(2)),
      is: .connection(.protocolError)),
    .init("DATA after the end", headers(1), data(1, "x"), is: .connection(.streamClosed)),
    .init("HEADERS after the end", headers(1), headers(1), is: .connection(.streamClosed)),
    .init(
      "CONTINUATION after the end of a section", headers(1),
      frame(.continuation, endHeaders, on: 1, literals([("x", "y")])), is: .connection(.protocolError)),
    .init("DATA after a reset is ignored", open(1), frame(.reset, on: 1, number(8)), data(1, "x"), is: .fine),
    .init(
      "WINDOW_UPDATE after a reset", open(1), frame(.reset, on: 1, number(8)),
      frame(.windowUpdate, on: 1, number(9)), is: .fine),
    .init("PRIORITY on an idle stream", frame(.priority, on: 7, [0, 0, 0, 1, 9]), is: .fine),
    .init(
      "PRIORITY after a reset", open(1), frame(.reset, on: 1, number(8)),
      frame(.priority, on: 1, [0, 0, 0, 0, 9]), is: .fine),
    .init(
      "HEADERS between HEADERS and CONTINUATION", frame(.headers, 0, on: 1, literals(get)), headers(3),
      is: .connection(.protocolError)),
    .init(
      "DATA between HEADERS and CONTINUATION", frame(.headers, 0, on: 1, literals(get)), data(1, "x"),
      is: .connection(.protocolError)),
    .init(
      "PING between HEADERS and CONTINUATION", frame(.headers, 0, on: 1, literals(get)),
      frame(.ping, 0, on: 0, [UInt8](repeating: 0, count: 8)), is: .connection(.protocolError)),
    .init(
      "an unknown frame between HEADERS and CONTINUATION", frame(.headers, 0, on: 1, literals(get)),
      raw(0x42, 0, on: 1, []), is: .connection(.protocolError)),
    .init(
      "CONTINUATION on another stream", frame(.headers, 0, on: 1, literals(get)),
      frame(.continuation, endHeaders, on: 3, []), is: .connection(.protocolError)),
    .init(
      "a section in pieces", frame(.headers, endStream, on: 1, Array(literals(get).prefix(9))),
      frame(.continuation, 0, on: 1, Array(literals(get).dropFirst(9).prefix(3))),
      frame(.continuation, endHeaders, on: 1, Array(literals(get).dropFirst(12))), is: .fine),
    .init(
      "trailers that do not end the stream", open(1), headers(1, [("x-sum", "1")], flags: endHeaders),
      is: .stream(.protocolError)),
    .init(
      "a stream that depends on itself",
      frame(.headers, endHeaders | endStream | hasPriority, on: 1, [0, 0, 0, 1, 9] + literals(get)),
      is: .connection(.protocolError)
    ),
    .init("SETTINGS acknowledged that were not sent", frame(.settings, ack), is: .connection(.protocolError)),
    .init("no preface is sent twice", preface, is: .connection(.frameSizeError)),
  ]

  // Section 6.5.2: values of settings.
  static let settings: [BreachCase] = [
    .init("ENABLE_PUSH of 2", frame(.settings, 0, on: 0, setting(2, 2)), is: .connection(.protocolError)),
    .init(
      "INITIAL_WINDOW_SIZE of 2 GiB", frame(.settings, 0, on: 0, setting(4, 0x8000_0000)),
      is: .connection(.flowControlError)),
    .init("INITIAL_WINDOW_SIZE of 2 GiB - 1", frame(.settings, 0, on: 0, setting(4, 0x7fff_ffff)), is: .fine),
    .init(
      "MAX_FRAME_SIZE of 16383", frame(.settings, 0, on: 0, setting(5, 16_383)),
      is: .connection(.protocolError)),
    .init(
      "MAX_FRAME_SIZE of 16 MiB", frame(.settings, 0, on: 0, setting(5, 16_777_216)),
      is: .connection(.protocolError)),
    .init("MAX_FRAME_SIZE of 16 MiB - 1", frame(.settings, 0, on: 0, setting(5, 16_777_215)), is: .fine),
    .init(
      "ENABLE_CONNECT_PROTOCOL of 2", frame(.settings, 0, on: 0, setting(8, 2)),
      is: .connection(.protocolError)),
    .init(
      "NO_RFC7540_PRIORITIES of 2", frame(.settings, 0, on: 0, setting(9, 2)), is: .connection(.protocolError)
    ),
    .init("an unknown setting", frame(.settings, 0, on: 0, setting(0xffff, 7)), is: .fine),
    .init("HEADER_TABLE_SIZE of 0", frame(.settings, 0, on: 0, setting(1, 0)), headers(1), is: .fine),
    .init("the same setting twice", frame(.settings, 0, on: 0, setting(3, 1) + setting(3, 2)), is: .fine),
  ]

  // Section 6.9: windows.
  static let windows: [BreachCase] = [
    .init(
      "a connection window of more than 2 GiB", frame(.windowUpdate, 0, on: 0, number(0x7fff_ffff)),
      is: .connection(.flowControlError)),
    .init(
      "a stream window of more than 2 GiB", open(1), frame(.windowUpdate, on: 1, number(0x7fff_ffff)),
      is: .stream(.flowControlError)),
    .init(
      "a stream window that settings push over 2 GiB", open(1),
      frame(.windowUpdate, on: 1, number(0x7fff_0000)), frame(.settings, 0, on: 0, setting(4, 0x7fff_0000)),
      is: .stream(.flowControlError)),
    .init(
      "an increment of 0 on the connection", frame(.windowUpdate, 0, on: 0, number(0)),
      is: .connection(.protocolError)),
    .init(
      "an increment of 0 on a stream", open(1), frame(.windowUpdate, on: 1, number(0)),
      is: .connection(.protocolError)),
    .init(
      "more on a stream than its window", open(1),
      [[UInt8]](repeating: frame(.data, on: 1, [UInt8](repeating: 1, count: 16_384)), count: 17).flatMap {
        $0
      }, is: .stream(.flowControlError)),
    .init(
      "as much on a stream as its window", open(1),
      [[UInt8]](repeating: frame(.data, on: 1, [UInt8](repeating: 1, count: 16_384)), count: 16).flatMap {
        $0
      }, is: .fine),
  ]

  // RFC 7541.
  static let compression: [BreachCase] = [
    .init("index 0", frame(.headers, endHeaders, on: 1, [0x80]), is: .connection(.compressionError)),
    .init(
      "an index beyond the tables", frame(.headers, endHeaders, on: 1, [0xbe]),
      is: .connection(.compressionError)),
    .init(
      "an index far beyond the tables", frame(.headers, endHeaders, on: 1, [0xff, 0xff, 0xff, 0x7f]),
      is: .connection(.compressionError)),
    .init(
      "a name beyond the tables", frame(.headers, endHeaders, on: 1, [0x7e, 0x01, 0x61]),
      is: .connection(.compressionError)),
    .init(
      "an integer that overflows",
      frame(.headers, endHeaders, on: 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      is: .connection(.compressionError)),
    .init(
      "a table larger than was allowed",
      frame(.headers, endHeaders, on: 1, [0x3f, 0xe2, 0x1f] + literals(get)),
      is: .connection(.compressionError)),
    .init(
      "a table as large as was allowed",
      frame(.headers, endHeaders | endStream, on: 1, [0x3f, 0xe1, 0x1f] + literals(get)), is: .fine),
    .init(
      "a table size behind a field", frame(.headers, endHeaders, on: 1, literals(get) + [0x20]),
      is: .connection(.compressionError)),
    .init(
      "a name that ends too early", frame(.headers, endHeaders, on: 1, [0x00, 0x05, 0x61]),
      is: .connection(.compressionError)),
    .init(
      "a value that ends too early", frame(.headers, endHeaders, on: 1, [0x00, 0x01, 0x61, 0x09, 0x61]),
      is: .connection(.compressionError)),
    .init(
      "Huffman padding of more than 7 bits",
      frame(.headers, endHeaders, on: 1, [0x00, 0x01, 0x61, 0x82, 0x1f, 0xff, 0xff]),
      is: .connection(.compressionError)),
    .init(
      "Huffman padding of zeros", frame(.headers, endHeaders, on: 1, [0x00, 0x01, 0x61, 0x81, 0x18]),
      is: .connection(.compressionError)),
    .init(
      "the Huffman code of the end",
      frame(.headers, endHeaders, on: 1, [0x00, 0x01, 0x61, 0x84, 0xff, 0xff, 0xff, 0xff]),
      is: .connection(.compressionError)),
    .init(
      "a section that ends in a field", frame(.headers, endHeaders, on: 1, [0x00]),
      is: .connection(.compressionError)),
    .init(
      "broken compression in trailers", open(1), frame(.headers, endHeaders | endStream, on: 1, [0x80]),
      is: .connection(.compressionError)),
    .init(
      "indexed fields of the static table",
      frame(.headers, endHeaders | endStream, on: 1, [0x82, 0x86, 0x84, 0x41, 0x01, 0x61]), is: .fine),
  ]

  // Section 8.3: pseudo-fields.
  static let pseudo: [BreachCase] = [
    .init("no :method", headers(1, Array(get.dropFirst())), is: .stream(.protocolError)),
    .init("no :scheme", headers(1, [get[0], get[2], get[3]]), is: .stream(.protocolError)),
    .init("no :path", headers(1, Array(get.dropLast())), is: .stream(.protocolError)),
    .init("no :authority and no host", headers(1, [get[0], get[1], get[3]]), is: .stream(.protocolError)),
    .init("host instead of :authority", headers(1, [get[0], get[1], get[3], ("host", "a")]), is: .fine),
    .init("an empty :path", headers(1, Array(get.dropLast()) + [(":path", "")]), is: .stream(.protocolError)),
    .init(
      "a :path that is no path", headers(1, Array(get.dropLast()) + [(":path", "a/b")]),
      is: .stream(.protocolError)),
    .init(
      "a :path with a fragment", headers(1, Array(get.dropLast()) + [(":path", "/a#b")]),
      is: .stream(.protocolError)),
    .init(
      "a :path with a blank", headers(1, Array(get.dropLast()) + [(":path", "/a b")]),
      is: .stream(.protocolError)),
    .init("* for GET", headers(1, Array(get.dropLast()) + [(":path", "*")]), is: .stream(.protocolError)),
    .init("* for OPTIONS", headers(1, [(":method", "OPTIONS"), get[1], get[2], (":path", "*")]), is: .fine),
    .init(":method twice", headers(1, get + [(":method", "GET")]), is: .stream(.protocolError)),
    .init(":path twice", headers(1, get + [(":path", "/")]), is: .stream(.protocolError)),
    .init(":scheme twice", headers(1, get + [(":scheme", "http")]), is: .stream(.protocolError)),
    .init(":authority twice", headers(1, get + [(":authority", "a")]), is: .stream(.protocolError)),
    .init(
      "a :method that is no token", headers(1, [(":method", "G T")] + get.dropFirst()),
      is: .stream(.protocolError)),
    .init("an unknown pseudo-field", headers(1, get + [(":x", "y")]), is: .stream(.protocolError)),
    .init("a response's pseudo-field", headers(1, get + [(":status", "200")]), is: .stream(.protocolError)),
    .init("a pseudo-field behind a field", headers(1, [("x", "y")] + get), is: .stream(.protocolError)),
    .init("a pseudo-field in trailers", open(1), headers(1, [(":path", "/")]), is: .stream(.protocolError)),
    .init(
      ":protocol that was not offered",
      headers(1, [(":method", "CONNECT"), (":protocol", "websocket")] + get.dropFirst()),
      is: .stream(.protocolError)),
    .init(
      "a scheme of its own", headers(1, [get[0], (":scheme", "gopher"), get[2], get[3]]),
      is: .stream(.protocolError)),
    .init(
      "an :authority with a user", headers(1, [get[0], get[1], (":authority", "u@a"), get[3]]),
      is: .stream(.protocolError)),
    .init(
      "CONNECT with a path",
      headers(1, [(":method", "CONNECT"), (":authority", "a:1"), (":path", "/")], flags: endHeaders),
      is: .stream(.protocolError)),
    .init(
      "CONNECT without a port", headers(1, [(":method", "CONNECT"), (":authority", "a")], flags: endHeaders),
      is: .stream(.protocolError)),
    .init(
      "CONNECT", headers(1, [(":method", "CONNECT"), (":authority", "a:1")], flags: endHeaders), is: .fine),
  ]

  // Section 8.2: fields.
  static let fields: [BreachCase] =
    [
      ("a capital letter in a name", "X-Big", "1"), ("a blank in a name", "x y", "1"),
      ("an empty name", "", "1"),
      ("a colon in a name", "x:y", "1"), ("a line feed in a value", "x", "a\nb"),
      ("a carriage return in a value", "x", "a\rb"),
      ("a NUL in a value", "x", "a\0b"), ("connection", "connection", "close"),
      ("keep-alive", "keep-alive", "timeout=5"),
      ("proxy-connection", "proxy-connection", "keep-alive"),
      ("transfer-encoding", "transfer-encoding", "chunked"),
      ("upgrade", "upgrade", "h2c"), ("te of anything but trailers", "te", "gzip"),
      ("another host", "host", "b"),
      ("a blank before a value", "x", " a"), ("a blank behind a value", "x", "a "),
      ("a control character in a value", "x", "a\u{1}b"),
    ].map { BreachCase($0.0, headers(1, get + [($0.1, $0.2)]), is: .stream(.protocolError)) }
    + [
      .init("te of trailers", headers(1, get + [("te", "trailers")]), is: .fine),
      .init("the same host", headers(1, get + [("host", "A")]), is: .fine),
      .init("host twice", headers(1, get + [("host", "a"), ("host", "a")]), is: .stream(.protocolError)),
      .init("a tab in a value", headers(1, get + [("x", "a\tb")]), is: .fine),
      .init("an empty value", headers(1, get + [("x", "")]), is: .fine),
      .init(
        "a connection-specific field in trailers", open(1), headers(1, [("connection", "x")]),
        is: .stream(.protocolError)),
      .init(
        "a capital letter in trailers", open(1), headers(1, [("X-Sum", "1")]), is: .stream(.protocolError)),
    ]

  // Section 8.1.1: lengths.
  static let lengths: [BreachCase] = [
    .init(
      "less than content-length", open(1, [("content-length", "3")]), data(1, "ab", flags: endStream),
      is: .stream(.protocolError)),
    .init(
      "more than content-length", open(1, [("content-length", "1")]), data(1, "ab", flags: endStream),
      is: .stream(.protocolError)),
    .init(
      "as much as content-length", open(1, [("content-length", "2")]), data(1, "ab", flags: endStream),
      is: .fine),
    .init(
      "content-length without a body", headers(1, post + [("content-length", "2")]),
      is: .stream(.protocolError)),
    .init("content-length of 0 without a body", headers(1, post + [("content-length", "0")]), is: .fine),
    .init(
      "content-length twice", open(1, [("content-length", "2"), ("content-length", "2")]),
      is: .stream(.protocolError)),
    .init(
      "content-length that is no number", open(1, [("content-length", "2x")]), is: .stream(.protocolError)),
    .init("a negative content-length", open(1, [("content-length", "-1")]), is: .stream(.protocolError)),
    .init(
      "a content-length beyond measure", open(1, [("content-length", "99999999999999999999")]),
      is: .stream(.protocolError)),
    .init(
      "less than content-length before trailers", open(1, [("content-length", "3")]), data(1, "ab"),
      headers(1, [("x-sum", "1")]), is: .stream(.protocolError)),
  ]
}
