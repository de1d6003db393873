// Putting fields together. Whatever is appended can be written to the wire: a name is checked, and in a value
// the bytes that would break a message apart become spaces, as RFC 9110 section 5.5 has it.

import Bytes

extension HTTPFields {
  /// Bytes of names and values together that can be appended; far above what any peer takes.
  static let bytesMaximum = Int(UInt32.max) / 2

  /// Appends a field.
  ///
  /// - Parameters:
  ///   - name: a token; anything else is a programmer's error.
  ///   - value: what the field says. Line ends and other control characters become spaces.
  public mutating func append(_ name: StaticString, _ value: String) {
    let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    var value = value
    value.withUTF8 { append(name: name, value: UnsafeRawBufferPointer($0)) }
  }

  /// Appends a field whose name came from outside.
  public mutating func append(_ name: HTTPFieldName, _ value: String) {
    var (name, value) = (name.text, value)
    name.withUTF8 { name in
      value.withUTF8 { append(name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer($0)) }
    }
  }

  /// Appends every field of `other`.
  public mutating func append(_ other: HTTPFields) {
    other.forEach { append(name: $0, value: $1) }
  }

  /// Appends a field from raw bytes. The name has to be a token.
  package mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    precondition(!name.isEmpty && name.allSatisfy(HTTPByte.isToken), "a field's name is a token")
    precondition(bytes.count + name.count + value.count <= Self.bytesMaximum, "the fields are too large")
    let start = bytes.count
    bytes.reserve(name.count + value.count + 4)
    bytes.append(name)
    bytes.append(": ")
    let value = HTTPByte.trimmingBlanks(value)
    if HTTPByte.firstNotFieldValue(in: value) == nil {
      bytes.append(value)
    } else {
      for byte in value { bytes.append(HTTPByte.isFieldValue(byte) ? byte : 0x20) }
    }
    let nameEnd = start + name.count
    entries.append(Entry(name: HTTPExtent(start, nameEnd), value: HTTPExtent(nameEnd + 2, bytes.count)))
    bytes.append("\r\n")
    if Self.framesMessage(name) { framesMessage = true }
  }

  /// Whether the field named `name` is HTTP's own to write for an answer.
  package static func framesMessage(_ name: UnsafeRawBufferPointer) -> Bool {
    switch name.count {
    case 4: HTTPByte.equalIgnoringCase(name, "date")
    case 10: HTTPByte.equalIgnoringCase(name, "connection")
    case 14: HTTPByte.equalIgnoringCase(name, "content-length")
    case 17: HTTPByte.equalIgnoringCase(name, "transfer-encoding")
    default: false
    }
  }

  /// Puts one field in the place of every field named `name`.
  public mutating func set(_ name: StaticString, _ value: String) {
    remove(name)
    append(name, value)
  }

  /// Removes every field named `name`.
  public mutating func remove(_ name: StaticString) {
    isWireForm = false
    bytes.withReadableBytes { all in
      entries.removeAll { HTTPByte.equalIgnoringCase($0.name.of(all), name) }
    }
  }

  /// Removes every field, and keeps what memory it has to itself for the next ones.
  public mutating func removeAll() {
    if entries.isEmpty && bytes.isEmpty { return }
    entries.removeAll(keepingCapacity: true)
    bytes.clear()
    isWireForm = true
    framesMessage = false
  }
}
