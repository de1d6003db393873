// Turns a peer's bytes into messages and control frames, without I/O. Payloads are unmasked, decompressed
// and checked as they arrive, never waiting for the end of a frame: a text that is wrong fails at its first
// wrong byte, and a frame that says it is long costs memory only as its bytes come.

public import Bytes

/// The receiving half of the protocol.
public struct MessageDecoder: ~Copyable {
  /// Storage of at most this size is kept from one message to the next.
  private static let keptBytesMaximum = 1 << 10

  private let sender: WebSocketRole
  private let limits: WebSocketLimits
  private let compression: DeflateAgreement?

  /// The frame whose payload is arriving, and how much of it has.
  private var frame: FrameHeader?
  private var arrived = 0

  /// The message that is being put together; nil between messages.
  private var kind: WebSocketMessage.Kind?
  private var isCompressed = false
  private var message = ByteBuffer()
  private var sentBytes = 0
  private var fragments = 0
  private var validator = UTF8Validator()

  private var control = ByteBuffer()
  private var inflater: MessageInflater?
  private var hasEnded = false

  /// - Parameters:
  ///   - sender: whose bytes these are.
  ///   - limits: what a message may measure.
  ///   - compression: what was agreed about compression.
  public init(from sender: WebSocketRole, limits: WebSocketLimits, compression: DeflateAgreement? = nil) {
    self.sender = sender
    self.limits = limits
    self.compression = compression
  }

  /// Takes the next event off the front of `input`; nil when more bytes are needed.
  ///
  /// What belongs to an unfinished frame is taken off too. After a close frame, or an error, everything
  /// is taken off and ignored.
  public mutating func next(from input: inout ByteBuffer) throws(WebSocketError) -> WebSocketEvent? {
    if hasEnded {
      input.consume(input.count)
      return nil
    }
    do throws(WebSocketError) {
      return try decode(&input)
    } catch {
      hasEnded = true
      throw error
    }
  }

  private mutating func decode(_ input: inout ByteBuffer) throws(WebSocketError) -> WebSocketEvent? {
    while true {
      if frame == nil { try begin(&input) }
      guard let header = frame else { return nil }
      let count = min(header.payloadCount - arrived, input.count)
      if count > 0 {
        try take(count, of: header, &input)
        arrived += count
      }
      if arrived < header.payloadCount { return nil }
      frame = nil
      if let event = try finish(header) { return event }
    }
  }

  // MARK: A frame's parts

  /// Reads a header and checks it against what came before.
  private mutating func begin(_ input: inout ByteBuffer) throws(WebSocketError) {
    let (sender, allowsCompression) = (sender, compression != nil)
    let found = try input.withReadableBytes { bytes throws(WebSocketError) in
      try FrameHeader.parse(bytes, from: sender, allowsCompression: allowsCompression)
    }
    guard let (header, count) = found else { return }
    input.consume(count)
    if header.opcode.isControl {
      control.clear()
    } else {
      try beginData(header)
    }
    frame = header
    arrived = 0
  }

  private mutating func beginData(_ header: FrameHeader) throws(WebSocketError) {
    switch (header.opcode, kind) {
    case (.continuation, nil): throw .violation(.strayContinuation)
    case (.continuation, _): break
    case (_, .some): throw .violation(.messageInMessage)
    default:
      kind = header.opcode == .text ? .text : .binary
      isCompressed = header.isCompressed
      message.clear()
      validator = UTF8Validator()
      (sentBytes, fragments) = (0, 0)
    }
    fragments += 1
    if fragments > limits.fragmentsMaximum { throw .tooManyFragments(maximum: limits.fragmentsMaximum) }
    if header.payloadCount > limits.frameBytesMaximum {
      throw .frameTooLarge(bytesMaximum: limits.frameBytesMaximum)
    }
    if header.payloadCount > limits.messageBytesMaximum - sentBytes {
      throw .messageTooLarge(bytesMaximum: limits.messageBytesMaximum)
    }
    sentBytes += header.payloadCount
  }

  private mutating func take(
    _ count: Int, of header: FrameHeader, _ input: inout ByteBuffer
  ) throws(WebSocketError) {
    let offset = arrived
    if let key = header.maskKey {
      input.withMutableReadableBytes { bytes in
        key.apply(to: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), offset: offset)
      }
    }
    try input.withReadableBytes { bytes throws(WebSocketError) in
      let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      if header.opcode.isControl {
        control.append(part)
      } else {
        try add(part)
      }
    }
    input.consume(count)
  }

  private mutating func finish(_ header: FrameHeader) throws(WebSocketError) -> WebSocketEvent? {
    switch header.opcode {
    case .ping: return .ping(control)
    case .pong: return .pong(control)
    case .close:
      let frame = try CloseFrame(parsing: control)
      hasEnded = true
      return .close(frame)
    case .continuation, .text, .binary:
      return header.isFinal ? .message(try finishMessage()) : nil
    }
  }

  // MARK: The message

  private mutating func add(_ part: UnsafeRawBufferPointer) throws(WebSocketError) {
    if isCompressed { return try inflate(part) }
    if kind == .text && !validator.accept(part) { throw .invalidText }
    message.append(part)
  }

  private mutating func inflate(_ part: UnsafeRawBufferPointer) throws(WebSocketError) {
    guard let compression else { preconditionFailure("a header lets compression pass that was agreed") }
    if inflater == nil { inflater = try MessageInflater(compression.inflating(from: sender)) }
    let before = message.count
    do throws(WebSocketError) {
      try inflater?.inflate(part, into: &message, bytesMaximum: limits.messageBytesMaximum)
    } catch {
      // What came out first is judged first, so that the verdict does not depend on how the bytes arrived.
      try checkText(from: before)
      throw error
    }
    try checkText(from: before)
  }

  private mutating func checkText(from start: Int) throws(WebSocketError) {
    guard kind == .text else { return }
    let isText = message.withReadableBytes { bytes in
      validator.accept(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }
    if !isText { throw .invalidText }
  }

  private mutating func finishMessage() throws(WebSocketError) -> WebSocketMessage {
    guard let kind else { preconditionFailure("a message that ends has begun") }
    if isCompressed {
      // An empty payload never reached the inflater.
      try inflate(UnsafeRawBufferPointer(start: nil, count: 0))
      let before = message.count
      try inflater?.finishMessage(into: &message, bytesMaximum: limits.messageBytesMaximum)
      try checkText(from: before)
    }
    if kind == .text && !validator.isComplete { throw .invalidText }
    self.kind = nil
    let whole = WebSocketMessage(kind, message)
    // A small message's storage is used again when the application has let go of it by then.
    if message.capacity > Self.keptBytesMaximum { message = ByteBuffer() }
    return whole
  }
}
