// Trees of values from bytes and to bytes.

public import Bytes

extension CBORValue {
  /// The one item that `bytes` hold.
  public init(decoding bytes: RawSpan, options: CBORReadingOptions = CBORReadingOptions()) throws(CBORError) {
    var reader = try CBORReader(bytes, options: options)
    self = try reader.readValue()
    try reader.finish()
  }

  /// The one item that `buffer` holds.
  public init(decoding buffer: ByteBuffer, options: CBORReadingOptions = CBORReadingOptions())
    throws(CBORError)
  {
    var reader = try CBORReader(buffer, options: options)
    self = try reader.readValue()
    try reader.finish()
  }

  /// The item's bytes. The only error is `duplicateKey`, and only when maps are sorted.
  public func encoded(_ options: CBORWritingOptions = CBORWritingOptions()) throws(CBORError) -> ByteBuffer {
    var writer = CBORWriter(options: options)
    try writer.write(self)
    return writer.finish()
  }
}

extension CBORReader {
  /// Reads any item, with all that is in it.
  @_lifetime(self: copy self)
  public mutating func readValue() throws(CBORError) -> CBORValue {
    let tagsBefore = pendingTags
    try startItem()
    let start = offset
    let head = try readHead()
    switch head.major {
    case 0: return .unsigned(head.argument)
    case 1: return .negative(head.argument)
    case 2: return .bytes(try takeBytes(head, at: start))
    case 3: return .text(try takeText(head, at: start))
    case 4:
      try openContainer(head, at: start)
      return .array(try takeElements())
    case 5:
      try openContainer(head, at: start)
      return .map(try takePairs())
    case 6:
      try openTag(head, after: tagsBefore, at: start)
      return .tagged(head.argument, try readValue())
    default: return try simpleValue(head, at: start)
    }
  }

  @_lifetime(self: copy self)
  private mutating func takeElements() throws(CBORError) -> [CBORValue] {
    var elements: [CBORValue] = []
    if !frame.isIndefinite { elements.reserveCapacity(frame.remaining) }
    while try hasNext() { elements.append(try readValue()) }
    return elements
  }

  @_lifetime(self: copy self)
  private mutating func takePairs() throws(CBORError) -> CBORMap {
    var pairs: [CBORMap.Pair] = []
    if !frame.isIndefinite { pairs.reserveCapacity(frame.remaining / 2) }
    while try hasNext() {
      let key = try readValue()
      pairs.append(CBORMap.Pair(key, try readValue()))
    }
    let map = CBORMap(pairs)
    return options.duplicateKeys == .lastWins ? map.keepingLastValues() : map
  }

  private func simpleValue(_ head: CBORHead, at start: Int) throws(CBORError) -> CBORValue {
    switch head.info {
    case 20: return .bool(false)
    case 21: return .bool(true)
    case 22: return .null
    case 23: return .undefined
    case 25...27: return .float(Self.double(head))
    default:
      guard !head.isIndefinite, let simple = CBORSimple(UInt8(truncatingIfNeeded: head.argument)) else {
        throw breakError(at: start)
      }
      return .simple(simple)
    }
  }
}

extension CBORWriter {
  /// Writes an item, with all that is in it.
  public mutating func write(_ value: CBORValue) throws(CBORError) {
    switch value {
    case .unsigned(let argument): writeInteger(isNegative: false, argument: argument)
    case .negative(let argument): writeInteger(isNegative: true, argument: argument)
    case .bytes(let bytes): write(bytes)
    case .text(let text): write(text)
    case .array(let elements):
      beginArray(count: elements.count)
      for element in elements { try write(element) }
      try end()
    case .map(let map):
      beginMap(count: map.count)
      for pair in map.pairs {
        try write(pair.key)
        try write(pair.value)
      }
      try end()
    case .tagged(let tag, let content):
      write(tag: tag)
      try write(content)
    case .float(let value): write(value)
    case .bool(let value): write(value)
    case .null: writeNull()
    case .undefined: writeUndefined()
    case .simple(let simple): write(simple)
    }
  }
}
