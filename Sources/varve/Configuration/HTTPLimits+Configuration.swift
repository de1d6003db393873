// The limits and timeouts of the HTTP server as sections of the configuration: a key for each field, bound to the
// field itself, so that what the server starts from is what is documented.

public import Configuration
public import HTTP1
import HTTP2
public import HTTPServer
public import Runtime

extension ValueNotation where Value == Int {
  /// A size, as a number of bytes.
  static func bytes(_ range: ClosedRange<Int>) -> ValueNotation {
    let sizes = ValueNotation<ByteSize>.byteSize(.bytes(range.lowerBound) ... .bytes(range.upperBound))
    let (read, write) = (sizes.read, sizes.write)
    return ValueNotation(
      name: sizes.name, accepted: sizes.accepted, placeholder: sizes.placeholder, role: sizes.role,
      read: { text throws(NotationError) in try read(text).bytes },
      write: { write(ByteSize(bytes: $0)) })
  }
}

extension HTTP1Limits: ConfigurationSection {
  /// A key for each field.
  public static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "line_bytes_maximum", \.lineBytesMaximum, .bytes(64...1 << 20), "The request line of HTTP/1.1.")
    section.key(
      "field_bytes_maximum", \.fieldBytesMaximum, .bytes(256...16 << 20),
      "The header fields of a request of HTTP/1.1, all together.")
    section.key(
      "fields_maximum", \.fieldsMaximum, .integer(1...10_000), "How many header fields those may be.")
    section.key(
      "body_bytes_maximum", \.bodyBytesMaximum, .bytes(0...1 << 60),
      "The body of a request of either version.")
    section.key(
      "chunk_line_bytes_maximum", \.chunkLineBytesMaximum, .bytes(16...64 << 10),
      "The line before a chunk of a body.")
    section.key(
      "chunk_extension_bytes_maximum", \.chunkExtensionBytesMaximum, .bytes(0...1 << 20),
      "The extensions of all chunks of a body.")
    section.key(
      "trailer_bytes_maximum", \.trailerBytesMaximum, .bytes(0...1 << 20),
      "The fields behind a chunked body, all together.")
    section.key(
      "trailers_maximum", \.trailersMaximum, .integer(0...10_000), "How many fields those may be.")
  }
}

extension HTTPTimeouts: ConfigurationSection {
  /// A key for each field.
  public static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "idle", \.idle, .duration(.milliseconds(100) ... .seconds(86_400)),
      "How long a connection may stay open between two requests, and before the first.")
    section.key(
      "head", \.head, .duration(.milliseconds(100) ... .seconds(3600)),
      "How long the head of a request may take, from its first byte on.")
    section.key(
      "body", \.body, .duration(.milliseconds(100) ... .seconds(3600)),
      "How long a body may be waited for in all, besides the time that its bytes take at the least rate.")
    section.key(
      "answer", \.answer, .duration(.milliseconds(100) ... .seconds(3600)),
      "How long a client may keep an answer waiting, besides the time that its bytes take at the least rate.")
    section.key(
      "linger", \.linger, .duration(.zero ... .seconds(60)),
      "How long a client may take to notice that the connection ends.")
    section.key(
      "bytes_per_second_minimum", \.bytesPerSecondMinimum, .bytes(1...1 << 30),
      "The least rate at which bodies have to move for long, a second.")
  }
}

extension SocketServer.Limits: ConfigurationSection {
  /// A key for each field.
  public static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "maximum", \.connectionsMaximum, .integer(1...1_000_000), "Connections in all; more have to wait.")
    section.key(
      "per_address_maximum", \.connectionsPerAddressMaximum, .integer(1...1_000_000),
      "Connections from one address, of a proxy where there is one; more are closed at once.")
  }
}

/// HTTP/2 on a listener.
struct HTTP2Configuration: ConfigurationSection {
  var isEnabled = true
  var limits = HTTP2Limits()

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "enabled", \.isEnabled, .bool,
      "Whether HTTP/2 is spoken besides HTTP/1.1: over TLS when the client chooses it.")
    sizes(&section)
    rate(
      "resets", \.limits.resets.burst, \.limits.resets.perSecond, "streams cancelled, or reset for a breach",
      &section)
    rate("pings", \.limits.pings.burst, \.limits.pings.perSecond, "PING frames", &section)
    rate("settings", \.limits.settings.burst, \.limits.settings.perSecond, "SETTINGS frames", &section)
    rate(
      "empty_data", \.limits.emptyData.burst, \.limits.emptyData.perSecond,
      "DATA frames with nothing in them",
      &section)
    rate(
      "window_updates", \.limits.windowUpdates.burst, \.limits.windowUpdates.perSecond,
      "WINDOW_UPDATE frames beyond ten for each HEADERS and DATA frame that was sent", &section)
    rate(
      "ignored_frames", \.limits.ignoredFrames.burst, \.limits.ignoredFrames.perSecond,
      "PRIORITY frames and unknown ones", &section)
  }

  private static func sizes(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "concurrent_streams_maximum", \.limits.concurrentStreamsMaximum, .integer(1...10_000),
      "Requests that may be under way on a connection.")
    section.key(
      "header_list_bytes_maximum", \.limits.headerListBytesMaximum, .bytes(1 << 10...16 << 20),
      "The header fields of a request, and 32 bytes for each.")
    section.key(
      "header_fields_maximum", \.limits.headerFieldsMaximum, .integer(1...10_000),
      "How many header fields those may be.")
    section.key(
      "trailer_bytes_maximum", \.limits.trailerBytesMaximum, .bytes(0...1 << 20),
      "The fields behind a body, measured likewise.")
    section.key(
      "trailers_maximum", \.limits.trailersMaximum, .integer(0...10_000), "How many fields those may be.")
    section.key(
      "frame_bytes_maximum", \.limits.frameBytesMaximum, .bytes(16 << 10...(16 << 20) - 1), "A frame.")
    section.key(
      "stream_window_bytes", \.limits.streamWindowBytes, .bytes(16 << 10...1 << 30),
      "What a client may send of a body before it is read.")
    section.key(
      "connection_window_bytes", \.limits.connectionWindowBytes, .bytes(64 << 10...1 << 30),
      "The same for all bodies of a connection: what a connection can occupy.")
    section.key(
      "header_table_bytes", \.limits.headerTableBytes, .bytes(0...1 << 20),
      "The memory of a client's header compression.")
    section.key(
      "continuations_maximum", \.limits.continuationsMaximum, .integer(0...1000),
      "CONTINUATION frames behind a HEADERS frame.")
    section.key(
      "settings_entries_maximum", \.limits.settingsEntriesMaximum, .integer(8...1000),
      "Entries in a SETTINGS frame.")
    section.key(
      "waiting_acknowledgements_maximum", \.limits.waitingAcknowledgementsMaximum, .integer(1...10_000),
      "Acknowledgements that wait because the client does not read.")
  }

  /// The two keys of an allowance.
  private static func rate(
    _ name: String, _ burst: FieldPath<Self, Int>, _ perSecond: FieldPath<Self, Int>, _ what: String,
    _ section: inout SectionDeclaration<Self>
  ) {
    section.key(
      "\(name)_burst", burst, .integer(1...1_000_000), "How many at once there may be of \(what).")
    section.key(
      "\(name)_per_second", perSecond, .integer(1...1_000_000), "How many a second there may be for long.")
  }
}
