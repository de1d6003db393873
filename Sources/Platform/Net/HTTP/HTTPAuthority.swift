// The host that a request is for, as every version of HTTP writes it.

/// A host and perhaps a port.
package enum HTTPAuthority {
  /// Whether `bytes` are a host name or address with an optional port (RFC 3986 section 3.2), without user
  /// information. An empty one is not.
  package static func isValid(_ bytes: UnsafeRawBufferPointer, needsPort: Bool) -> Bool {
    var index = 0
    if bytes.first == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")), close > 2 else { return false }
      for byte in bytes[1..<close] {
        guard HTTPByte.hexValue(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") else {
          return false
        }
      }
      index = close + 1
    } else {
      while index < bytes.count, bytes[index] != UInt8(ascii: ":") {
        guard HTTPByte.isHostName(bytes[index]) else { return false }
        if bytes[index] == UInt8(ascii: "%") {
          guard index + 2 < bytes.count, HTTPByte.hexValue(bytes[index + 1]) != nil,
            HTTPByte.hexValue(bytes[index + 2]) != nil
          else { return false }
        }
        index += 1
      }
      if index == 0 { return false }
    }
    if index == bytes.count { return !needsPort }
    guard bytes[index] == UInt8(ascii: ":") else { return false }
    let digits = bytes[(index + 1)...]
    guard digits.count <= 5, digits.allSatisfy(HTTPByte.isDigit) else { return false }
    if digits.isEmpty { return !needsPort }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65535
  }
}
