// How a call ended: thrown by whoever answers it, and by whoever made it. On the wire it is the fields `grpc-status`,
// `grpc-message` and `grpc-status-details-bin` of the trailers.

public import Bytes
import Wire

/// The end of a call that did not succeed.
public struct GRPCStatus: Error, Hashable, Sendable {
  /// What kind of end.
  public var code: GRPCCode
  /// For people: what happened, and what to do about it.
  public var message: String
  /// For programs: a `google.rpc.Status`, encoded; nil when there is none.
  public var details: ByteBuffer?

  /// An end with its reason.
  public init(_ code: GRPCCode, _ message: String, details: ByteBuffer? = nil) {
    self.code = code
    self.message = message
    self.details = details
  }
}

extension GRPCStatus: CustomStringConvertible {
  /// One line for a log.
  public var description: String { message.isEmpty ? "\(code)" : "\(code): \(message)" }
}

/// `grpc-message`: UTF-8, of which everything but printable ASCII is percent-encoded, and the percent sign too.
enum StatusMessage {
  /// What of a message goes onto the wire: trailers are to stay small.
  static let bytesMaximum = 1024

  static func encoded(_ message: String) -> String {
    var text = ""
    for byte in message.utf8.prefix(bytesMaximum) {
      if (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "%" + hexadecimal(byte >> 4) + hexadecimal(byte & 15)
      }
    }
    return text
  }

  /// The message of a field. What is no encoding stays as it is: the message is for people, and half of one is better
  /// than none.
  static func decoded(_ field: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let high = digit(rest[rest.startIndex]), let low = digit(rest[rest.startIndex + 1])
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ value: UInt8) -> String { String(value, radix: 16, uppercase: true) }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
