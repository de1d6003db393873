// Escapes in targets, queries and forms (RFC 3986 section 2.1).

import Bytes

/// Percent-encoded text.
public enum PercentEncoding {
  /// What `bytes` stand for; nil when an escape is not two hexadecimal digits, or the result is not UTF-8.
  ///
  /// - Parameter plusIsSpace: whether `+` is a space, as in forms and the queries that they make.
  public static func decode(_ bytes: UnsafeRawBufferPointer, plusIsSpace: Bool = false) -> String? {
    var isValid = true
    let text = String(unsafeUninitializedCapacity: bytes.count) { room in
      guard let count = decode(bytes, plusIsSpace: plusIsSpace, into: room) else {
        isValid = false
        return 0
      }
      // The initializer would repair what is not UTF-8: two targets would become the same text.
      if Unicode.UTF8.isValid(UnsafeBufferPointer(rebasing: room[..<count])) { return count }
      isValid = false
      return 0
    }
    return isValid ? text : nil
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, plusIsSpace: Bool, into room: UnsafeMutableBufferPointer<UInt8>
  ) -> Int? {
    var (index, count) = (0, 0)
    while index < bytes.count {
      var byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "%") {
        guard index + 2 <= bytes.count, let high = HTTPByte.hexValue(bytes[index]),
          let low = HTTPByte.hexValue(bytes[index + 1])
        else { return nil }
        byte = high << 4 | low
        index += 2
      } else if plusIsSpace && byte == UInt8(ascii: "+") {
        byte = 0x20
      }
      room[count] = byte
      count += 1
    }
    return count
  }

  /// `text` with everything escaped that is not a letter, a digit or one of `-._~`: safe in any part of a URI.
  public static func encode(_ text: String) -> String {
    let digits: StaticString = "0123456789ABCDEF"
    var encoded = ByteBuffer(capacity: text.utf8.count)
    for byte in text.utf8 {
      if HTTPByte.isUnreserved(byte) {
        encoded.append(byte)
      } else {
        encoded.append(UInt8(ascii: "%"))
        encoded.append(digits.utf8Start[Int(byte >> 4)])
        encoded.append(digits.utf8Start[Int(byte & 15)])
      }
    }
    return encoded.withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }
}

extension Unicode.UTF8 {
  /// Whether `bytes` are UTF-8.
  static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.allSatisfy({ $0 < 0x80 }) { return true }
    return String(validating: bytes, as: UTF8.self) != nil
  }
}
