// Reads the head of the answer to an upgrade request: no more of HTTP than a client needs who either gets its
// 101 or closes. Strict: a status line and fields, each ended by CR LF, within limits.

public import Bytes

/// The head of an answer.
public struct UpgradeAnswer: Sendable {
  /// The longest head, in bytes.
  public static let headBytesMaximum = 16 << 10
  /// The most fields.
  public static let fieldsMaximum = 100

  /// The status.
  public let status: Int
  private var fields: [(name: String, value: String)] = []

  /// The values of every field named `name`, whatever its case, in order.
  public func values(of name: StaticString) -> [String] {
    let wanted = name.withUTF8Buffer { String(decoding: $0, as: UTF8.self).lowercased() }
    return fields.filter { $0.name == wanted }.map(\.value)
  }

  /// Takes a head off the front of `input`; nil while more bytes are needed.
  ///
  /// - Parameter searched: how far the last call has looked for the end; zero at first.
  public static func take(
    from input: inout ByteBuffer, searched: inout Int
  ) throws(WebSocketError) -> UpgradeAnswer? {
    let from = searched
    let end = input.withReadableBytes { bytes -> Int? in
      var index = max(3, from)
      while index < bytes.count {
        if bytes[index] == 0x0a && bytes[index - 1] == 0x0d && bytes[index - 2] == 0x0a
          && bytes[index - 3] == 0x0d
        {
          return index + 1
        }
        index += 1
      }
      return nil
    }
    if (end ?? input.count) > headBytesMaximum {
      throw .handshake(.malformedAnswer("the head is over \(headBytesMaximum) bytes"))
    }
    guard let end else {
      searched = input.count
      return nil
    }
    let head = input.split(end)
    return try UpgradeAnswer(head)
  }

  private init(_ head: ByteBuffer) throws(WebSocketError) {
    // The empty line at the end is two line ends: the lines are what stands before them.
    let lines = try Self.lines([UInt8](head).dropLast(4))
    guard let first = lines.first else { throw .handshake(.malformedAnswer("there is no status line")) }
    status = try Self.status(first)
    guard lines.count - 1 <= Self.fieldsMaximum else {
      throw .handshake(.malformedAnswer("more than \(Self.fieldsMaximum) fields"))
    }
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(HeaderScanner.isToken)
      else { throw .handshake(.malformedAnswer("a field has no name")) }
      var value = line[line.index(after: colon)...]
      while let blank = value.first, blank == 0x20 || blank == 0x09 { value = value.dropFirst() }
      while let blank = value.last, blank == 0x20 || blank == 0x09 { value = value.dropLast() }
      fields.append(
        (
          String(decoding: line[..<colon], as: UTF8.self).lowercased(),
          String(decoding: value, as: UTF8.self)
        ))
    }
  }

  /// Lines ended by CR LF; control characters, bare line ends included, are refused.
  private static func lines(_ bytes: ArraySlice<UInt8>) throws(WebSocketError) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == 0x0d, index + 1 < bytes.endIndex, bytes[index + 1] == 0x0a {
        lines.append(bytes[start..<index])
        index += 2
        start = index
        continue
      }
      if (byte < 0x20 && byte != 0x09) || byte == 0x7f {
        throw .handshake(.malformedAnswer("a control character in the head"))
      }
      index += 1
    }
    lines.append(bytes[start...])
    return lines
  }

  /// `HTTP/1.1 101 Whatever`.
  private static func status(_ line: ArraySlice<UInt8>) throws(WebSocketError) -> Int {
    let prefix = Array("HTTP/1.1 ".utf8)
    let digits = line.dropFirst(prefix.count).prefix(3)
    let rest = line.dropFirst(prefix.count + 3)
    guard line.starts(with: prefix), digits.count == 3, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      rest.isEmpty || rest.first == 0x20
    else { throw .handshake(.malformedAnswer("the status line is not one of HTTP/1.1")) }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
