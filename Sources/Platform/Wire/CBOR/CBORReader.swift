// A strict pull decoder of one CBOR item (RFC 8949). The caller asks for what it expects, item by item; the
// reader keeps account of where in which container it is, so that a message can neither lead a caller past
// the end of a container nor make anything larger than the limits.
//
// Here: state, heads and the account of items. Numbers, strings, containers and map keys are in
// CBORReader+….swift; CBORValue+Reading.swift and CBORTape.swift build on them.

public import Bytes

/// Reads the items of one CBOR message in order.
///
/// After an error the position is unspecified, and the reader is only good for being dropped.
public struct CBORReader: ~Escapable {
  // Safe: the lifetime of every initializer keeps the reader inside the borrow of the bytes it reads.
  let base: UnsafeRawPointer
  let limit: Int
  var offset = 0

  /// What is accepted.
  public let options: CBORReadingOptions
  /// The message, when byte strings may share its storage.
  let shared: ByteBuffer?

  /// The innermost container that is open. The outermost one holds the message's one item.
  var frame = CBORFrame(remaining: 1)
  /// The containers around it.
  var outer: [CBORFrame] = []
  /// The keys read so far of the open maps, when somebody has to look back at them.
  var keys = CBORKeyLog()
  /// Containers and tags around the next item.
  var depth = 0
  /// Tags read whose item was not.
  var pendingTags = 0
  /// Tags directly around the item being read.
  var tagsAround = 0
  var itemsLeft: Int
  /// How often the message had bytes that are not the only way to write a value: see `CBORKeyLog`.
  var irregularities = 0

  /// A reader of the message in `bytes`.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, options: CBORReadingOptions = CBORReadingOptions()) throws(CBORError) {
    (base, limit) = bytes.withUnsafeBytes { ($0.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!, $0.count) }
    self.options = options
    shared = nil
    itemsLeft = options.limits.itemsMaximum
    if limit > options.limits.messageBytesMaximum {
      throw .messageTooLarge(count: limit, maximum: options.limits.messageBytesMaximum)
    }
  }

  /// A reader of the message in `buffer`; the buffer is not consumed.
  @_lifetime(borrow buffer)
  public init(_ buffer: borrowing ByteBuffer, options: CBORReadingOptions = CBORReadingOptions())
    throws(CBORError)
  {
    (base, limit) = buffer.withReadableBytes {
      ($0.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!, $0.count)
    }
    self.options = options
    shared = options.byteStrings == .shared ? copy buffer : nil
    itemsLeft = options.limits.itemsMaximum
    if limit > options.limits.messageBytesMaximum {
      throw .messageTooLarge(count: limit, maximum: options.limits.messageBytesMaximum)
    }
  }

  /// How many bytes were read so far.
  public var position: Int { offset }

  /// The kind of the next item: `.end` where an indefinite-length container ends.
  public func nextKind() throws(CBORError) -> CBORKind {
    guard offset < limit else { throw .truncated(at: offset) }
    return CBORKind(initial: byte(at: offset))
  }

  /// Checks that the message's item was read to its end, and that nothing follows it.
  public func finish() throws(CBORError) {
    guard outer.isEmpty && frame.remaining == 0 && pendingTags == 0 else { throw .unreadItems(at: offset) }
    if offset < limit { throw .trailingBytes(count: limit - offset, at: offset) }
  }

  @inline(__always)
  func byte(at position: Int) -> UInt8 { (base + position).load(as: UInt8.self) }

  func bytes(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + start, count: end - start)
  }
}

/// The first bytes of an item: its type, and the number that is its value, length or tag.
struct CBORHead {
  /// The major type, 0...7.
  let major: UInt8
  /// The additional information: 0...27, or `indefinite`.
  let info: UInt8
  /// The number; for a float its bits; 0 when of indefinite length.
  let argument: UInt64

  static let indefinite: UInt8 = 31

  @inline(__always)
  var isIndefinite: Bool { info == Self.indefinite }
}

/// The account of one open container.
struct CBORFrame {
  /// Items not read yet. An indefinite-length container begins with an even number nobody can exhaust, so
  /// that in every map an even number means that a key is next.
  var remaining: Int
  var isMap = false
  var isIndefinite = false
  /// Tags around the container, which count towards depth until it ends.
  var tags = 0
  /// Where the key being read begins, and the count of irregularities there.
  var keyStart = 0
  var keyIrregularities = 0
  /// The place of this map's first key in the key log.
  var firstKey = 0

  static let uncounted = Int.max - 1

  init(remaining: Int) { self.remaining = remaining }
}

extension CBORReader {
  /// Takes the next item into the account of the open container. To be called before every item's head.
  @inline(__always)
  @_lifetime(self: copy self)
  mutating func startItem() throws(CBORError) {
    if itemsLeft == 0 { throw .tooManyItems(maximum: options.limits.itemsMaximum, at: offset) }
    itemsLeft &-= 1
    tagsAround = pendingTags
    if pendingTags > 0 {
      // The first of the tags was counted in the item's place.
      depth &-= pendingTags
      pendingTags = 0
      return
    }
    if frame.remaining == 0 { throw .endOfContainer(at: offset) }
    frame.remaining &-= 1
    if frame.isMap { try keyOrValueStarts() }
  }

  /// Reads an item's head. A break comes back as major type 7 of indefinite length.
  @inline(__always)
  @_lifetime(self: copy self)
  mutating func readHead() throws(CBORError) -> CBORHead {
    guard offset < limit else { throw .truncated(at: offset) }
    let initial = byte(at: offset)
    let info = initial & 0x1f
    if info < 24 {
      offset &+= 1
      return CBORHead(major: initial >> 5, info: info, argument: UInt64(info))
    }
    return try readLongHead(initial)
  }

  @inline(never)
  @_lifetime(self: copy self)
  private mutating func readLongHead(_ initial: UInt8) throws(CBORError) -> CBORHead {
    let major = initial >> 5
    let info = initial & 0x1f
    let start = offset
    if info == CBORHead.indefinite {
      if major < 2 || major == 6 { throw .indefiniteWithoutLength(at: start) }
      if major < 6 && !options.allowsIndefiniteLength { throw .indefiniteRefused(at: start) }
      irregularities &+= 1
      offset &+= 1
      return CBORHead(major: major, info: info, argument: 0)
    }
    if info > 27 { throw .reservedInformation(info, at: start) }
    let width = 1 &<< Int(info &- 24)
    guard width <= limit &- start &- 1 else { throw .truncated(at: start) }
    let source = base + start + 1
    let argument: UInt64
    let isPreferred: Bool
    switch width {
    case 1:
      argument = UInt64(source.load(as: UInt8.self))
      isPreferred = argument >= 24
    case 2:
      argument = UInt64(UInt16(bigEndian: source.loadUnaligned(as: UInt16.self)))
      isPreferred = argument > UInt64(UInt8.max)
    case 4:
      argument = UInt64(UInt32(bigEndian: source.loadUnaligned(as: UInt32.self)))
      isPreferred = argument > UInt64(UInt16.max)
    default:
      argument = UInt64(bigEndian: source.loadUnaligned(as: UInt64.self))
      isPreferred = argument > UInt64(UInt32.max)
    }
    offset = start &+ 1 &+ width
    let head = CBORHead(major: major, info: info, argument: argument)
    if major == 7 {
      if info == 24 {
        if argument < 32 { throw .invalidSimple(UInt8(argument), at: start) }
        return head
      }
      try noteIrregular(unless: Self.isShortest(head), at: start)
    } else {
      try noteIrregular(unless: isPreferred, at: start)
    }
    return head
  }

  @inline(__always)
  @_lifetime(self: copy self)
  private mutating func noteIrregular(unless isPreferred: Bool, at start: Int) throws(CBORError) {
    if isPreferred { return }
    if options.requiresPreferredSerialization { throw .notPreferred(at: start) }
    irregularities &+= 1
  }

  /// Whether no narrower float holds the same value.
  private static func isShortest(_ head: CBORHead) -> Bool {
    if head.info == 25 { return true }
    let value = double(head)
    return CBORFloat.half(value) == nil && (head.info == 26 || CBORFloat.single(value) == nil)
  }

  /// The value of a float's head.
  static func double(_ head: CBORHead) -> Double {
    switch head.info {
    case 25: CBORFloat.double(half: UInt16(truncatingIfNeeded: head.argument))
    case 26: CBORFloat.double(single: UInt32(truncatingIfNeeded: head.argument))
    default: Double(bitPattern: head.argument)
    }
  }

  /// The error for an item that is not what was asked for.
  func mismatch(_ expected: CBORKind, at start: Int) -> CBORError {
    let found = CBORKind(initial: byte(at: start))
    return found == .end ? breakError(at: start) : .typeMismatch(expected: expected, found: found, at: start)
  }

  /// The error for a break where an item should be.
  func breakError(at start: Int) -> CBORError {
    let isValueNext = frame.isMap && frame.isIndefinite && frame.remaining & 1 == 0 && tagsAround == 0
    return isValueNext ? .missingMapValue(at: start) : .unexpectedBreak(at: start)
  }
}
