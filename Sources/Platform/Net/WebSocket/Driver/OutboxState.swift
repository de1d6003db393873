// What a connection has yet to send, and how far its closing handshake is. No I/O: the writer takes what is
// here in batches and reports what it has sent.
//
// Frames that need no more work are written one after another into `staged`; long payloads, and messages
// that are to be compressed, are pieces of their own, so that they are not copied and so that what is
// dropped has left no trace in the compressor.

import Bytes
import Runtime

/// The sending half of the protocol.
struct OutboxState {
  /// Pongs wait here at most; of those that find no room only the latest is sent (RFC 6455 section 5.5.3).
  static let controlBytesMaximum = 16 << 10
  /// Storage of at most this size is kept when it is empty.
  static let keptBytesMaximum = 1 << 10

  /// Part of what goes out.
  struct Piece {
    enum Work {
      /// None: these are frames.
      case none
      /// A frame whose compressor was another: ours must not refer to what came before it.
      case forgets
      /// A message to be compressed and framed.
      case compress(Opcode)
    }
    var bytes: ByteBuffer
    var work: Work
  }

  /// What the writer takes at once.
  struct Batch {
    var pieces: ContiguousArray<Piece> = []
    /// Frames behind the pieces.
    var staged = ByteBuffer()
  }

  /// What became of a message.
  enum Admission: Equatable {
    case accepted
    case full
    case closed
  }

  let limits: SendQueueLimits
  let compression: DeflateAgreement?
  private var encoder: FrameEncoder
  private var pending = Batch()
  private var latestPong: ByteBuffer?
  private var controlBytes = 0

  /// Messages and bytes that wait, those that the writer has taken included.
  private(set) var messages = 0
  private(set) var bytes = 0
  private var taken = (messages: 0, bytes: 0)
  private(set) var dropped: UInt64 = 0

  /// The close frame that we sent, and the one that we got.
  private(set) var sentClose: CloseFrame?
  private(set) var receivedClose: CloseFrame?
  /// Set when no more will be sent: the writer finishes, or gives up.
  private(set) var isFinishing = false
  private(set) var isAborted = false

  init(_ agreement: WebSocketAgreement, _ limits: SendQueueLimits, random: any RandomSource) {
    precondition(limits.messagesMaximum > 0 && limits.bytesMaximum > 0, "a queue holds something")
    self.limits = limits
    // With a window of 8 bits zlib cannot compress; messages may always be sent as they are.
    let role = agreement.role
    compression = agreement.compression.flatMap { $0.deflating(by: role).windowBits >= 9 ? $0 : nil }
    encoder = FrameEncoder(role: role, random: random)
  }

  var role: WebSocketRole { encoder.role }

  /// Whether messages can still be sent.
  var isOpen: Bool { sentClose == nil && !isFinishing && !isAborted }

  var isFull: Bool { messages >= limits.messagesMaximum || bytes >= limits.bytesMaximum }

  var hasWork: Bool { !pending.pieces.isEmpty || !pending.staged.isEmpty || latestPong != nil }

  /// Whether the writer has something to do.
  var needsWriter: Bool { hasWork || isFinishing || isAborted }

  // MARK: Messages

  /// Puts a message into the queue, if there is room.
  mutating func add(_ message: WebSocketMessage) -> Admission {
    guard isOpen else { return .closed }
    if isFull { return .full }
    let payload = message.payload
    if let compression, payload.count >= compression.options.messageBytesMinimum {
      push(Piece(bytes: payload, work: .compress(message.kind.opcode)))
    } else if role == .server && payload.count >= ConnectionWriter.spliceBytesMinimum {
      FrameHeader(opcode: message.kind.opcode, payloadCount: payload.count).write(to: &pending.staged)
      push(Piece(bytes: payload, work: .none))
    } else {
      encoder.append(message.kind.opcode, payload, to: &pending.staged)
    }
    count(payload.count)
    return .accepted
  }

  /// Puts a prepared message into the queue, if there is room.
  mutating func add(_ prepared: PreparedMessage) -> Admission {
    // A client's frames are masked, each in its own way: nothing to share.
    if role == .client { return add(prepared.message) }
    guard isOpen else { return .closed }
    if isFull { return .full }
    if let compression, let compressed = prepared.compressedFrame,
      prepared.windowBits <= compression.server.windowBits
    {
      push(Piece(bytes: compressed, work: .forgets))
    } else if prepared.frame.count >= ConnectionWriter.spliceBytesMinimum {
      push(Piece(bytes: prepared.frame, work: .none))
    } else {
      pending.staged.append(prepared.frame)
    }
    count(prepared.message.payload.count)
    return .accepted
  }

  mutating func noteDropped() { dropped += 1 }

  private mutating func count(_ payload: Int) {
    messages += 1
    bytes += payload
  }

  private mutating func push(_ piece: Piece) {
    if !pending.staged.isEmpty {
      pending.pieces.append(Piece(bytes: pending.staged, work: .none))
      pending.staged = ByteBuffer()
    }
    pending.pieces.append(piece)
  }

  // MARK: Control frames

  /// Answers a ping.
  mutating func pong(_ payload: ByteBuffer) {
    guard isOpen else { return }
    if controlBytes >= Self.controlBytesMaximum || latestPong != nil {
      latestPong = payload
    } else {
      control(.pong, payload)
    }
  }

  /// Asks for a sign of life; false when there is no room or no use.
  mutating func ping(_ payload: ByteBuffer) -> Bool {
    guard isOpen && controlBytes < Self.controlBytesMaximum else { return false }
    control(.ping, payload)
    return true
  }

  private mutating func control(_ opcode: Opcode, _ payload: ByteBuffer) {
    encoder.append(opcode, payload, to: &pending.staged)
    controlBytes += FrameHeader.bytesMaximum + payload.count
  }

  // MARK: Closing

  /// Sends our close frame, behind what waits; false when it was sent before.
  ///
  /// - Parameter forgetting: whether what waits, and is not with the writer yet, is dropped.
  mutating func close(_ frame: CloseFrame, forgetting: Bool = false) -> Bool {
    guard isOpen else { return false }
    if forgetting {
      pending.pieces.removeAll()
      pending.staged.clear()
      (messages, bytes) = taken
    }
    latestPong = nil
    control(.close, frame.payload)
    sentClose = frame
    return true
  }

  /// Takes the peer's close frame; the answer is sent unless ours was first.
  mutating func received(_ frame: CloseFrame) {
    receivedClose = frame
    // The code is given back (section 5.5.1); reasons are the sender's own.
    _ = close(frame.code.map { CloseFrame($0) } ?? .empty)
  }

  /// Nothing will be sent behind what waits now.
  mutating func finish() { isFinishing = true }

  /// Nothing will be sent any more.
  mutating func abort() {
    isAborted = true
    pending = Batch()
    latestPong = nil
  }

  // MARK: The writer's side

  /// Hands everything that waits to the writer, in exchange for an empty batch.
  mutating func take(_ batch: inout Batch) {
    precondition(batch.pieces.isEmpty && batch.staged.isEmpty, "a batch is used up before the next")
    swap(&batch, &pending)
    if let latestPong {
      encoder.append(.pong, latestPong, to: &batch.staged)
      self.latestPong = nil
    }
    controlBytes = 0
    taken = (messages, bytes)
  }

  /// The writer has sent what it took.
  mutating func sent() {
    messages -= taken.messages
    bytes -= taken.bytes
    taken = (0, 0)
  }
}
