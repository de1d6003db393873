// A streaming encoder of one CBOR item into a byte buffer. Heads are always in their shortest form. The
// writer counts items, so that a container with another number of them than it announced is a programmer
// error caught at once, and not a message that peers refuse.
//
// Scalars are here; arrays, maps and the sorting of maps are in CBORWriter+Containers.swift.

public import Bytes

/// Writes the items of one CBOR message in order.
public struct CBORWriter: ~Copyable {
  var buffer: ByteBuffer
  /// How values are serialized.
  public let options: CBORWritingOptions
  var frame = Frame(remaining: 1)
  var outer: [Frame] = []
  var isTagPending = false
  /// Where each key and each value begins, of the maps that are open and will be sorted.
  var marks: [Int] = []

  /// The account of one open container.
  struct Frame {
    var remaining: Int
    var isMap = false
    var isIndefinite = false
    /// The place of this map's first key in `marks`.
    var firstMark = 0
  }

  /// A writer into a new buffer with room for `capacity` bytes.
  public init(capacity: Int = 64, options: CBORWritingOptions = CBORWritingOptions()) {
    buffer = ByteBuffer(capacity: capacity)
    self.options = options
  }

  /// A writer that goes on where `target` ends, and takes its bytes until `finish(into:)` gives them back.
  public init(appendingTo target: inout ByteBuffer, options: CBORWritingOptions = CBORWritingOptions()) {
    buffer = ByteBuffer()
    swap(&buffer, &target)
    self.options = options
  }

  /// Ends the message and returns its bytes, after those that were in the buffer before.
  public consuming func finish() -> ByteBuffer {
    precondition(outer.isEmpty && frame.remaining == 0 && !isTagPending, "the CBOR item is not complete")
    return buffer
  }

  /// Ends the message and puts its bytes where the writer took the buffer from.
  public consuming func finish(into target: inout ByteBuffer) {
    target = finish()
  }

  // MARK: Scalars

  /// Writes an integer from -2⁶⁴ to 2⁶⁴ - 1.
  @inlinable
  public mutating func write(_ value: some FixedWidthInteger) {
    // ~value is -1 - value.
    if value < 0 {
      writeInteger(isNegative: true, argument: UInt64(~value))
    } else {
      writeInteger(isNegative: false, argument: UInt64(value))
    }
  }

  /// Writes `argument`, or, when negative, -1 - `argument`.
  public mutating func writeInteger(isNegative: Bool, argument: UInt64) {
    startItem()
    buffer.appendCBORHead(isNegative ? 1 : 0, argument)
  }

  /// Writes true or false.
  public mutating func write(_ value: Bool) {
    startItem()
    buffer.append(value ? 0xf5 : 0xf4)
  }

  /// Writes null.
  public mutating func writeNull() {
    startItem()
    buffer.append(0xf6)
  }

  /// Writes undefined.
  public mutating func writeUndefined() {
    startItem()
    buffer.append(0xf7)
  }

  /// Writes a simple value.
  public mutating func write(_ value: CBORSimple) {
    startItem()
    buffer.appendCBORHead(7, UInt64(value.value))
  }

  /// Writes a float.
  public mutating func write(_ value: Double) {
    startItem()
    buffer.appendCBOR(value, floats: options.floats)
  }

  /// Writes a float.
  public mutating func write(_ value: Float) {
    startItem()
    buffer.appendCBOR(value, floats: options.floats)
  }

  /// Writes text.
  public mutating func write(_ text: String) {
    startItem()
    buffer.appendCBOR(text)
  }

  /// Writes a literal as text: for keys, which so need no String.
  public mutating func write(literal text: StaticString) {
    startItem()
    text.withUTF8Buffer { utf8 in
      buffer.appendCBORHead(3, UInt64(utf8.count))
      buffer.append(UnsafeRawBufferPointer(utf8))
    }
  }

  /// Writes a byte string.
  public mutating func write(_ bytes: ByteBuffer) {
    startItem()
    buffer.appendCBORHead(2, UInt64(bytes.count))
    buffer.append(bytes)
  }

  /// Writes a byte string.
  public mutating func write(bytes: RawSpan) {
    startItem()
    buffer.appendCBORHead(2, UInt64(bytes.byteCount))
    buffer.append(bytes)
  }

  /// Writes a tag; the item it applies to is next.
  public mutating func write(tag: UInt64) {
    startItem()
    buffer.appendCBORHead(6, tag)
    isTagPending = true
  }

  /// Takes the next item into the account of the open container.
  @inline(__always)
  mutating func startItem() {
    if isTagPending {
      isTagPending = false
      return
    }
    precondition(frame.remaining > 0, "more items than the CBOR container was said to have")
    frame.remaining &-= 1
    if frame.isMap && options.keyOrder != nil { marks.append(buffer.count) }
  }
}

extension ByteBuffer {
  /// Appends the head of an item.
  @inline(__always)
  mutating func appendCBORHead(_ major: UInt8, _ argument: UInt64) {
    if argument < 24 {
      append(major << 5 | UInt8(truncatingIfNeeded: argument))
    } else {
      appendLongCBORHead(major << 5, argument)
    }
  }

  @inline(never)
  private mutating func appendLongCBORHead(_ type: UInt8, _ argument: UInt64) {
    if argument <= 0xff {
      append(bigEndian: UInt16(type | 24) << 8 | UInt16(truncatingIfNeeded: argument))
    } else if argument <= 0xffff {
      append(type | 25)
      append(bigEndian: UInt16(truncatingIfNeeded: argument))
    } else if argument <= 0xffff_ffff {
      append(type | 26)
      append(bigEndian: UInt32(truncatingIfNeeded: argument))
    } else {
      append(type | 27)
      append(bigEndian: argument)
    }
  }

  /// Appends text with its head.
  mutating func appendCBOR(_ text: String) {
    appendCBORHead(3, UInt64(text.utf8.count))
    append(text)
  }

  /// Appends a float with its head.
  mutating func appendCBOR(_ value: Double, floats: CBORWritingOptions.Floats) {
    if floats == .shortest {
      if let half = CBORFloat.half(value) { return appendFloat(0xf9, half) }
      if let single = CBORFloat.single(value) { return appendFloat(0xfa, single) }
    }
    appendFloat(0xfb, value.bitPattern)
  }

  /// Appends a float with its head.
  mutating func appendCBOR(_ value: Float, floats: CBORWritingOptions.Floats) {
    if floats == .shortest, let half = CBORFloat.half(CBORFloat.double(single: value.bitPattern)) {
      return appendFloat(0xf9, half)
    }
    appendFloat(0xfa, value.bitPattern)
  }

  private mutating func appendFloat<Bits: FixedWidthInteger & BitwiseCopyable>(_ initial: UInt8, _ bits: Bits)
  {
    append(initial)
    append(bigEndian: bits)
  }
}
