// multipart/form-data as it arrives (RFC 7578, RFC 2046 section 5.1): bytes in, parts and pieces of them out. Where
// the bytes were cut up changes nothing but how the pieces are cut.

public import Bytes
import Glibc

/// What comes next in a multipart body.
public enum MultipartEvent: Sendable {
  /// A part begins.
  case part(MultipartPart)
  /// A piece of it. It shares memory with what arrived: copy what is kept for long.
  case data(ByteBuffer)
  /// The part has ended.
  case partEnd
  /// The last part has ended. What follows is passed over.
  case end
}

/// Reads one multipart body.
public struct MultipartParser: Sendable {
  /// The longest boundary there is (RFC 2046 section 5.1.1).
  public static let boundaryBytesMaximum = 70

  private enum State {
    case preamble, boundary, head, body, epilogue
  }

  private let limits: MultipartLimits
  /// The line end before a boundary belongs to it.
  private let delimiter: [UInt8]
  private var state = State.preamble
  private var isFirstLine = true
  private var parts = 0
  private var passed = 0
  private var partBytes = 0
  /// How much of a head was searched for its end.
  private var searched = 0

  /// A parser of the body that `contentType` announces.
  ///
  /// - Throws: 415 when it is no form, 400 when it names no boundary.
  public init(contentType: String, limits: MultipartLimits = MultipartLimits()) throws(HTTPError) {
    guard let type = MediaType(contentType), type.essence == "multipart/form-data" else {
      throw HTTPError(415, code: "unsupported_media_type", "the body has to be multipart/form-data")
    }
    guard let boundary = type["boundary"], !boundary.isEmpty,
      boundary.utf8.count <= Self.boundaryBytesMaximum,
      boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }), !boundary.hasSuffix(" ")
    else { throw Self.malformed("the Content-Type names no boundary") }
    self.init(boundary: boundary, limits: limits)
  }

  /// A parser of a body with parts between `boundary`.
  init(boundary: String, limits: MultipartLimits) {
    self.limits = limits
    delimiter = Array("\r\n--\(boundary)".utf8)
  }

  /// What comes next; nil when more bytes are needed. What was understood is taken off `input`.
  ///
  /// - Throws: 400 for what is no such body, 413 and 431 over a limit.
  public mutating func next(from input: inout ByteBuffer) throws(HTTPError) -> MultipartEvent? {
    while true {
      switch state {
      case .preamble:
        guard try passPreamble(&input) else { return nil }
      case .boundary:
        guard let isLast = try passBoundary(&input) else { return nil }
        if isLast { return .end }
      case .head:
        guard let part = try head(&input) else { return nil }
        return .part(part)
      case .body:
        return try body(&input)
      case .epilogue:
        input.consume(input.count)
        return nil
      }
    }
  }

  /// Says that nothing follows.
  ///
  /// - Throws: 400 when the last boundary has not come.
  public func finish() throws(HTTPError) {
    guard case .epilogue = state else { throw Self.malformed("the body ends before its last boundary") }
  }

  // MARK: Before a part

  /// Passes what precedes the first boundary; false when it has not come.
  private mutating func passPreamble(_ input: inout ByteBuffer) throws(HTTPError) -> Bool {
    if isFirstLine {
      // The first boundary needs no line end before it.
      let wanted = delimiter.dropFirst(2)
      let isBoundary = input.withReadableBytes { bytes in
        bytes.elementsEqual(wanted.prefix(bytes.count)) || bytes.starts(with: wanted)
      }
      if isBoundary {
        if input.count < wanted.count { return false }
        input.consume(wanted.count)
        state = .boundary
        return true
      }
      isFirstLine = false
    }
    let (length, isWhole) = beforeDelimiter(input)
    passed += length
    guard passed <= limits.preambleBytesMaximum else {
      throw Self.malformed("too much precedes the first boundary")
    }
    input.consume(isWhole ? length + delimiter.count : length)
    if isWhole { startBoundary() }
    return isWhole
  }

  private mutating func startBoundary() {
    passed = 0
    state = .boundary
  }

  /// Passes what follows a boundary on its line; nil when that has not come, true after the last boundary.
  private mutating func passBoundary(_ input: inout ByteBuffer) throws(HTTPError) -> Bool? {
    if passed == 0 {
      guard input.count >= 2 else { return nil }
      if input[0] == UInt8(ascii: "-") && input[1] == UInt8(ascii: "-") {
        input.consume(2)
        state = .epilogue
        return true
      }
    }
    while let byte = input.isEmpty ? nil : input[0], HTTPByte.isBlank(byte) {
      input.consume(1)
      passed += 1
      guard passed <= limits.preambleBytesMaximum else {
        throw Self.malformed("a boundary's line is too long")
      }
    }
    guard input.count >= 2 else {
      if input.count == 1 && input[0] != HTTPByte.carriageReturn { throw Self.malformedBoundary }
      return nil
    }
    guard input[0] == HTTPByte.carriageReturn, input[1] == HTTPByte.lineFeed else {
      throw Self.malformedBoundary
    }
    input.consume(2)
    parts += 1
    guard parts <= limits.partsMaximum else {
      throw HTTPError(
        413, code: "too_many_parts", "the form has more than \(limits.partsMaximum) parts",
        consequence: .closing)
    }
    (state, searched, partBytes) = (.head, 0, 0)
    return false
  }

  // MARK: A part

  private mutating func head(_ input: inout ByteBuffer) throws(HTTPError) -> MultipartPart? {
    let end = input.withReadableBytes { bytes -> Int? in
      // A head without fields ends with its first line.
      if bytes.starts(with: [13, 10]) { return 2 }
      let start = max(0, searched - 3)
      return find([13, 10, 13, 10], in: UnsafeRawBufferPointer(rebasing: bytes[start...])).map {
        start + $0 + 4
      }
    }
    guard (end ?? input.count) <= limits.headBytesMaximum else {
      throw HTTPError(
        431, code: "part_fields_too_large",
        "a part's fields are longer than \(limits.headBytesMaximum) bytes", consequence: .closing)
    }
    guard let end else {
      searched = input.count
      return nil
    }
    let part = try MultipartPart(try fields(input.split(end)))
    state = .body
    return part
  }

  private func fields(_ head: ByteBuffer) throws(HTTPError) -> HTTPFields {
    try head.withReadableBytes { bytes throws(HTTPError) in
      var fields = HTTPFields()
      var rest = bytes[..<max(0, bytes.count - 2)]
      while !rest.isEmpty {
        guard let end = rest.firstIndex(of: HTTPByte.lineFeed), end > rest.startIndex,
          rest[end - 1] == HTTPByte.carriageReturn
        else { throw Self.malformed("a line of a part's head does not end") }
        let line = rest[..<(end - 1)]
        rest = rest[(end + 1)...]
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
          throw Self.malformed("a line of a part's head is no field")
        }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let value = UnsafeRawBufferPointer(rebasing: line[(colon + 1)...])
        guard !name.isEmpty, name.allSatisfy(HTTPByte.isToken), HTTPByte.firstNotFieldValue(in: value) == nil
        else { throw Self.malformed("a line of a part's head is no field") }
        guard fields.count < limits.fieldsMaximum else {
          throw HTTPError(
            431, code: "part_fields_too_large", "a part has more than \(limits.fieldsMaximum) fields",
            consequence: .closing)
        }
        fields.append(name: name, value: value)
      }
      return fields
    }
  }

  private mutating func body(_ input: inout ByteBuffer) throws(HTTPError) -> MultipartEvent? {
    let (length, isWhole) = beforeDelimiter(input)
    partBytes += length
    guard partBytes <= limits.partBytesMaximum else {
      throw HTTPError(
        413, code: "part_too_large", "a part is longer than \(limits.partBytesMaximum) bytes",
        consequence: .closing)
    }
    if length > 0 { return .data(input.split(length)) }
    guard isWhole else { return nil }
    input.consume(delimiter.count)
    startBoundary()
    return .partEnd
  }

  // MARK: Searching

  /// How many bytes are surely before the next delimiter, and whether it is there whole behind them.
  private func beforeDelimiter(_ input: ByteBuffer) -> (length: Int, isWhole: Bool) {
    input.withReadableBytes { bytes in
      if let found = find(delimiter, in: bytes) { return (found, true) }
      // Its beginning may be the end of what is there.
      var start = max(0, bytes.count - delimiter.count + 1)
      while start < bytes.count {
        if delimiter.starts(with: bytes[start...]) { return (start, false) }
        start += 1
      }
      return (bytes.count, false)
    }
  }

  private func find(_ wanted: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    return wanted.withUnsafeBytes { wanted in
      var offset = 0
      while bytes.count - offset >= wanted.count {
        // Whatever is looked for begins with a carriage return, which most bytes are not.
        guard let found = memchr(base + offset, Int32(wanted[0]), bytes.count - offset - wanted.count + 1),
          let target = wanted.baseAddress
        else { return nil }
        if memcmp(found, target, wanted.count) == 0 { return UnsafeRawPointer(found) - base }
        offset = UnsafeRawPointer(found) - base + 1
      }
      return nil
    }
  }

  static func malformed(_ explanation: String) -> HTTPError {
    .badRequest(code: "malformed_multipart", explanation)
  }

  private static var malformedBoundary: HTTPError { malformed("a boundary's line holds something else") }
}
