// The ways to break RFC 6455's framing rules, for logs and for the reason of the close frame.

/// A rule that the peer broke.
public enum ProtocolViolation: String, Hashable, Sendable {
  /// RSV2 or RSV3 is set, or RSV1 where it means nothing.
  case reservedBit = "a reserved bit is set"
  /// The opcode is none that we know.
  case reservedOpcode = "the opcode is reserved"
  /// A control frame is not final.
  case fragmentedControl = "a control frame is fragmented"
  /// A control frame's payload is over 125 bytes.
  case longControl = "a control frame is too long"
  /// A client's frame is not masked.
  case unmasked = "a client's frame is not masked"
  /// A server's frame is masked.
  case masked = "a server's frame is masked"
  /// The length could have been written in fewer bytes.
  case lengthNotMinimal = "the length is not in its shortest form"
  /// The length does not fit in 63 bits.
  case lengthOverflow = "the length is too long"
  /// A continuation without a message to continue.
  case strayContinuation = "there is nothing to continue"
  /// A new message began before the last one ended.
  case messageInMessage = "a message begins inside a message"
  /// A close frame's payload is one byte.
  case closeWithoutCode = "a close frame has half a code"
  /// A close frame's code is one that is never sent.
  case closeCode = "the close code is not allowed"
}
