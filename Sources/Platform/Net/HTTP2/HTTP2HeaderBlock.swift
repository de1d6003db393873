// A header section as it comes in, field by field, and what it becomes. The library has decompressed the fields,
// and seen to it that pseudo-fields come first, once each, that names are small, and that nothing says how the connection
// is to be used (RFC 9113 section 8.2 and 8.3). What it does not look at is looked at here.

import Bytes
import HTTP

/// A header or trailer section being received.
struct HTTP2HeaderBlock {
  /// What section it is.
  enum Kind {
    case request
    case response
    case trailers
  }

  /// What was wrong with it.
  enum Fault {
    /// It is no message (RFC 9113 section 8.1.1).
    case malformed
    /// It is larger than it may be, but not beyond measure.
    case tooLarge
    /// It has more fields than it may have.
    case tooManyFields
  }

  private(set) var kind = Kind.request
  private(set) var head = HTTPRequestHead()
  /// The status of a response.
  private(set) var status: Int?
  private(set) var contentLength: Int?
  private(set) var expectsContinue = false
  private(set) var fault: Fault?
  /// Names, values and 32 for each.
  private(set) var listBytes = 0

  private var limits = (bytes: 0, fields: 0)
  private var fieldsLeft = 0
  private var target: HTTPExtent?
  private var authority: HTTPExtent?
  private var host: HTTPExtent?
  private var hasScheme = false
  private var hasMethod = false
  private var cookie = ByteBuffer()

  /// Begins a section.
  mutating func begin(_ kind: Kind, bytesMaximum: Int, fieldsMaximum: Int) {
    self = HTTP2HeaderBlock()
    self.kind = kind
    limits = (bytesMaximum, fieldsMaximum)
    head.version = .http2
    // The pseudo-fields' values stand before the fields.
    head.fields.adopt(ByteBuffer(capacity: kind == .trailers ? 0 : 384))
  }

  /// Takes a field; false when the section has gone beyond all measure.
  mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    listBytes += name.count + value.count + 32
    fieldsLeft += 1
    if listBytes > limits.bytes {
      if fault == nil { fault = .tooLarge }
      return listBytes <= limits.bytes * HTTP2Limits.headerListExcess
    }
    if fieldsLeft > limits.fields && fault == nil { fault = .tooManyFields }
    if fault != nil { return true }
    if name.first == UInt8(ascii: ":") { addPseudo(name, value) } else { addField(name, value) }
    return true
  }

  private mutating func addPseudo(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    switch kind {
    case .request:
      if HTTPByte.equalIgnoringCase(name, ":method") {
        guard let method = HTTPMethod(value) else { return fail() }
        head.method = method
        hasMethod = true
      } else if HTTPByte.equalIgnoringCase(name, ":path") {
        guard value.allSatisfy(HTTPByte.isTarget) else { return fail() }
        target = keep(value)
      } else if HTTPByte.equalIgnoringCase(name, ":authority") {
        guard HTTPAuthority.isValid(value, needsPort: false) else { return fail() }
        authority = keep(value)
      } else if HTTPByte.equalIgnoringCase(name, ":scheme") {
        guard let scheme = HTTPScheme(rawValue: HTTPFields.text(value).lowercased()) else { return fail() }
        head.scheme = scheme
        hasScheme = true
      } else {
        fail()
      }
    case .response:
      guard HTTPByte.equalIgnoringCase(name, ":status"), value.count == 3, value.allSatisfy(HTTPByte.isDigit)
      else { return fail() }
      status = value.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    case .trailers:
      fail()
    }
  }

  private mutating func keep(_ value: UnsafeRawBufferPointer) -> HTTPExtent {
    let start = head.fields.bytes.count
    head.fields.bytes.append(value)
    return HTTPExtent(start, start + value.count)
  }

  private mutating func addField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    guard !name.isEmpty, name.allSatisfy(HTTPByte.isToken), HTTPByte.firstNotFieldValue(in: value) == nil
    else { return fail() }
    if kind == .request {
      switch name.count {
      case 4 where HTTPByte.equalIgnoringCase(name, "host"):
        guard host == nil, HTTPAuthority.isValid(value, needsPort: false) else { return fail() }
        host = keep(value)
      case 6 where HTTPByte.equalIgnoringCase(name, "cookie"):
        // Cookies come apart so that they compress better, and belong in one field (section 8.2.3).
        if !cookie.isEmpty { cookie.append("; ") }
        cookie.append(value)
        return
      case 6 where HTTPByte.equalIgnoringCase(name, "expect"):
        expectsContinue = HTTPByte.equalIgnoringCase(value, "100-continue")
      default: break
      }
    }
    if name.count == 14, kind != .trailers, HTTPByte.equalIgnoringCase(name, "content-length") {
      guard contentLength == nil, let length = Self.length(value) else { return fail() }
      contentLength = length
    }
    head.fields.append(name: name, value: value)
  }

  private static func length(_ digits: UnsafeRawBufferPointer) -> Int? {
    guard (1...18).contains(digits.count), digits.allSatisfy(HTTPByte.isDigit) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Notes that the section is no message.
  mutating func fail() { fault = .malformed }

  /// Checks the section as a whole.
  mutating func finish() {
    if fault != nil { return }
    switch kind {
    case .request: finishRequest()
    case .response: if status == nil { fail() }
    case .trailers: break
    }
    if fault == nil && !cookie.isEmpty {
      let name: StaticString = "cookie"
      cookie.withReadableBytes {
        head.fields.append(
          name: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value: $0)
      }
    }
  }

  private mutating func finishRequest() {
    guard hasMethod else { return fail() }
    if let host, let authority, !same(host, authority) { return fail() }
    head.authorityExtent = authority ?? host
    if head.method == .connect {
      guard let authority, target == nil, !hasScheme, hasPort(authority) else { return fail() }
      head.targetExtent = authority
      return
    }
    guard let target, hasScheme, target.count > 0, head.authorityExtent != nil else { return fail() }
    head.targetExtent = target
    switch head.fields.bytes[Int(target.start)] {
    case UInt8(ascii: "/"):
      head.splitTarget()
    case UInt8(ascii: "*") where target.count == 1 && head.method == .options:
      head.pathExtent = target
    default:
      fail()
    }
  }

  private func same(_ left: HTTPExtent, _ right: HTTPExtent) -> Bool {
    head.fields.bytes.withReadableBytes { HTTPByte.equalIgnoringCase(left.of($0), right.of($0)) }
  }

  private func hasPort(_ extent: HTTPExtent) -> Bool {
    head.fields.bytes.withReadableBytes { HTTPAuthority.isValid(extent.of($0), needsPort: true) }
  }
}
