// Why a text form of bytes (hex, base58, base64, a UUID) was refused.

/// A refused text. Positions are bytes from the start of the text, from 0.
public enum TextError: Error, Equatable, Sendable {
  /// A character that the form does not have, at least not there.
  case invalidCharacter(position: Int)
  /// The text ends where the form does not: too short, too long, or between two bytes.
  case invalidLength(position: Int)
  /// Padding is missing, in excess, or there where the form forbids it.
  case invalidPadding(position: Int)
  /// Bits of the last character that carry nothing are not zero, so another text says the same bytes.
  case looseBits(position: Int)
  /// More than the form's limit, which is for this side of it.
  case tooLong(count: Int, maximum: Int)
}
