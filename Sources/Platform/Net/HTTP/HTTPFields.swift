// Header and trailer fields: an ordered multimap on one buffer. A parsed head keeps its fields where they
// arrived, each an extent of the received bytes; nothing is copied or made into a `String` until somebody asks.
// Changing fields is HTTPFields+Building.swift.

package import Bytes

/// A stretch of the buffer that a head lies in.
@frozen
@usableFromInline
package struct HTTPExtent: Hashable, Sendable {
  @usableFromInline package var start: UInt32
  @usableFromInline package var count: UInt32

  @inlinable
  package init(_ start: Int, _ end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    count = UInt32(truncatingIfNeeded: end &- start)
  }

  /// Nothing.
  @inlinable
  package static var none: HTTPExtent { HTTPExtent(0, 0) }

  /// The bytes it stands for in `bytes`.
  @inlinable
  package func of(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(start) + Int(count)])
  }
}

/// Fields in the order they came, names compared without regard to case.
public struct HTTPFields: Sendable {
  /// One field's place.
  @frozen
  @usableFromInline
  package struct Entry: Sendable {
    @usableFromInline package var name: HTTPExtent
    @usableFromInline package var value: HTTPExtent

    @inlinable
    package init(name: HTTPExtent, value: HTTPExtent) {
      self.name = name
      self.value = value
    }
  }

  /// What the extents are of. A request's target lies in it too.
  package var bytes: ByteBuffer
  package var entries: ContiguousArray<Entry>
  /// Whether `bytes` are the fields just as HTTP/1.1 writes them: then writing them is one copy.
  package internal(set) var isWireForm = true
  /// Whether one of the fields is HTTP's own to write for an answer: Date, Connection, Content-Length or
  /// Transfer-Encoding.
  package internal(set) var framesMessage = false

  /// No fields.
  public init() {
    bytes = ByteBuffer()
    entries = []
  }

  /// How many fields there are.
  public var count: Int { entries.count }

  /// Whether there is none.
  public var isEmpty: Bool { entries.isEmpty }

  /// Makes `received` what the extents are of.
  package mutating func adopt(_ received: ByteBuffer) {
    bytes = received
    isWireForm = false
  }

  // MARK: Looking up

  /// The value of the first field named `name`; nil when there is none.
  public subscript(name: StaticString) -> String? { withValue(of: name, Self.text) }

  /// The value of the first field named `name`; nil when there is none.
  public subscript(name: HTTPFieldName) -> String? { values(of: name).first }

  /// Whether there is a field named `name`.
  public func contains(_ name: StaticString) -> Bool { index(of: name) != nil }

  /// Calls `body` with the value of the first field named `name`, without copying; nil when there is none.
  public func withValue<Result>(
    of name: StaticString, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result? {
    guard let index = index(of: name) else { return nil }
    return bytes.withReadableBytes { body(entries[index].value.of($0)) }
  }

  /// The values of every field named `name`, in order.
  public func values(of name: StaticString) -> [String] {
    bytes.withReadableBytes { all in
      entries.compactMap {
        HTTPByte.equalIgnoringCase($0.name.of(all), name) ? Self.text($0.value.of(all)) : nil
      }
    }
  }

  /// The values of every field named `name`, in order.
  public func values(of name: HTTPFieldName) -> [String] {
    var text = name.text
    return text.withUTF8 { wanted in
      bytes.withReadableBytes { all in
        entries.compactMap {
          HTTPByte.equalIgnoringCase($0.name.of(all), UnsafeRawBufferPointer(wanted))
            ? Self.text($0.value.of(all)) : nil
        }
      }
    }
  }

  /// The values of every field named `name` as one list, as RFC 9110 section 5.3 allows for fields that are
  /// lists; nil when there is none.
  public func list(of name: StaticString) -> String? {
    let values = values(of: name)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// Whether `member` is in the comma-separated lists that the fields named `name` hold, whatever its case.
  public func hasMember(_ member: StaticString, in name: StaticString) -> Bool {
    bytes.withReadableBytes { all in
      for entry in entries where HTTPByte.equalIgnoringCase(entry.name.of(all), name) {
        for part in entry.value.of(all).split(separator: UInt8(ascii: ",")) {
          let trimmed = HTTPByte.trimmingBlanks(UnsafeRawBufferPointer(rebasing: part))
          if HTTPByte.equalIgnoringCase(trimmed, member) { return true }
        }
      }
      return false
    }
  }

  /// Calls `body` with each field in order: name, then value. The pointers are good only inside the call.
  public func forEach(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
    bytes.withReadableBytes { all in
      for entry in entries { body(entry.name.of(all), entry.value.of(all)) }
    }
  }

  /// Every field as text, in order.
  public var pairs: [(name: String, value: String)] {
    bytes.withReadableBytes { all in
      entries.map { (Self.text($0.name.of(all)), Self.text($0.value.of(all))) }
    }
  }

  func index(of name: StaticString) -> Int? {
    bytes.withReadableBytes { all in
      entries.firstIndex { HTTPByte.equalIgnoringCase($0.name.of(all), name) }
    }
  }

  /// A value need not be UTF-8 (bytes above ASCII are let through): what is not reads as U+FFFD.
  package static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}

extension HTTPFields: Equatable {
  /// Equal when the same names, but for case, have the same values in the same order.
  public static func == (left: HTTPFields, right: HTTPFields) -> Bool {
    guard left.count == right.count else { return false }
    return left.bytes.withReadableBytes { mine in
      right.bytes.withReadableBytes { theirs in
        zip(left.entries, right.entries).allSatisfy { a, b in
          HTTPByte.equalIgnoringCase(a.name.of(mine), b.name.of(theirs))
            && a.value.of(mine).elementsEqual(b.value.of(theirs))
        }
      }
    }
  }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
  /// Fields with literal names, in order.
  public init(dictionaryLiteral elements: (StaticString, String)...) {
    self.init()
    for (name, value) in elements { append(name, value) }
  }
}

extension HTTPFields: CustomStringConvertible {
  /// The names and the sizes of the values: values may be secrets.
  public var description: String {
    pairs.map { "\($0.name)(\($0.value.utf8.count))" }.joined(separator: " ")
  }
}
