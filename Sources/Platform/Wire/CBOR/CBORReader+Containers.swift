// Entering and leaving arrays and maps, and passing over whole items.

extension CBORReader {
  /// Enters an array; returns how many elements it has, nil when of indefinite length. Its elements are read
  /// while `hasNext()`, which leaves the array at its end.
  @discardableResult
  @_lifetime(self: copy self)
  public mutating func beginArray() throws(CBORError) -> Int? {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 4 else { throw mismatch(.array, at: start) }
    try openContainer(head, at: start)
    return head.isIndefinite ? nil : frame.remaining
  }

  /// Enters a map; returns how many pairs it has, nil when of indefinite length. Key and value are read in
  /// turn while `hasNext()`, which leaves the map at its end.
  @discardableResult
  @_lifetime(self: copy self)
  public mutating func beginMap() throws(CBORError) -> Int? {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 5 else { throw mismatch(.map, at: start) }
    try openContainer(head, at: start)
    return head.isIndefinite ? nil : frame.remaining / 2
  }

  /// Whether the open container has another item. When it has none, the container is left.
  @_lifetime(self: copy self)
  public mutating func hasNext() throws(CBORError) -> Bool {
    precondition(pendingTags == 0, "a tag was read, the item it applies to was not")
    precondition(!outer.isEmpty, "no container is open")
    if frame.remaining > 0 {
      if !frame.isIndefinite { return true }
      guard offset < limit else { throw .truncated(at: offset) }
      if byte(at: offset) != 0xff {
        try checkUncounted()
        return true
      }
      if frame.isMap && frame.remaining & 1 == 1 { throw .missingMapValue(at: offset) }
      offset &+= 1
    }
    try closeContainer()
    return false
  }

  /// Checks that a container of indefinite length may have another element or pair.
  private func checkUncounted() throws(CBORError) {
    let taken = (CBORFrame.uncounted &- frame.remaining) / (frame.isMap ? 2 : 1)
    if taken >= options.limits.containerCountMaximum {
      throw .containerTooLarge(
        count: UInt64(taken) + 1, maximum: options.limits.containerCountMaximum, at: offset)
    }
  }

  /// Passes over one item, whatever it is, with every check that reading it would make.
  @_lifetime(self: copy self)
  public mutating func skip() throws(CBORError) {
    let enclosing = outer.count
    try passItem()
    while outer.count > enclosing || pendingTags > 0 {
      if pendingTags > 0 {
        try passItem()
      } else if try hasNext() {
        try passItem()
      }
    }
  }

  /// Passes over one item and lends its encoded bytes: for values whose type is only known later.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func readEncodedItem() throws(CBORError) -> RawSpan {
    let start = offset
    try skip()
    return _overrideLifetime(RawSpan(_unsafeStart: base + start, byteCount: offset - start), copying: self)
  }

  /// Passes over a scalar, or over the head of a container or tag.
  @_lifetime(self: copy self)
  private mutating func passItem() throws(CBORError) {
    let tagsBefore = pendingTags
    try startItem()
    let start = offset
    let head = try readHead()
    switch head.major {
    case 0, 1: break
    case 2, 3: _ = try passString(head, at: start)
    case 4, 5: try openContainer(head, at: start)
    case 6: try openTag(head, after: tagsBefore, at: start)
    default: if head.isIndefinite { throw breakError(at: start) }
    }
  }

  /// Opens the array or map whose head was read.
  @_lifetime(self: copy self)
  mutating func openContainer(_ head: CBORHead, at start: Int) throws(CBORError) {
    let limits = options.limits
    depth &+= tagsAround &+ 1
    if depth > limits.depthMaximum { throw .depthExceeded(maximum: limits.depthMaximum, at: start) }
    let isMap = head.major == 5
    var opened = CBORFrame(remaining: CBORFrame.uncounted)
    opened.isMap = isMap
    opened.tags = tagsAround
    opened.firstKey = keys.count
    if head.isIndefinite {
      opened.isIndefinite = true
    } else {
      if head.argument > UInt64(limits.containerCountMaximum) {
        throw .containerTooLarge(count: head.argument, maximum: limits.containerCountMaximum, at: start)
      }
      // An element has at least one byte: a claim the message cannot keep is refused before anything is
      // reserved for it. (The product cannot overflow for a count below the limit's, an Int, squared.)
      let (items, overflow) = Int(head.argument).multipliedReportingOverflow(by: isMap ? 2 : 1)
      guard !overflow, items <= limit &- offset else { throw .truncated(at: start) }
      if items > itemsLeft { throw .tooManyItems(maximum: limits.itemsMaximum, at: start) }
      opened.remaining = items
    }
    // A map inside a key can be written in as many ways as its pairs can be ordered.
    if isMap { irregularities &+= 1 }
    outer.append(frame)
    frame = opened
  }

  @_lifetime(self: copy self)
  private mutating func closeContainer() throws(CBORError) {
    if frame.isMap { try finishKeys() }
    depth &-= frame.tags &+ 1
    frame = outer.removeLast()
  }
}
