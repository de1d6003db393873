import Bytes
import Crypto

/// The bytes that `text`, hex with any white space, stands for.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }
  precondition(digits.count % 2 == 0, "odd number of hex digits")
  var bytes: [UInt8] = []
  var rest = Substring(digits)
  while !rest.isEmpty {
    guard let byte = UInt8(rest.prefix(2), radix: 16) else {
      preconditionFailure("not hex: \(rest.prefix(2))")
    }
    bytes.append(byte)
    rest = rest.dropFirst(2)
  }
  return bytes
}

/// Lowercase hex of `bytes`.
func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension Array where Element == UInt8 {
  /// A copy of the span's bytes.
  init(_ span: RawSpan) { self = span.withUnsafeBytes { [UInt8]($0) } }
  /// The UTF-8 of `text`.
  init(_ text: String) { self = [UInt8](text.utf8) }
}

// `#expect` cannot look into a call that takes a span, so the tests' bytes are arrays.

extension HashFunction {
  static func hash(_ bytes: [UInt8]) -> Digest<Self> { hash(bytes.span.bytes) }
  mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }
}

extension Digest {
  init?(_ bytes: [UInt8]) { self.init(bytes.span.bytes) }
}

extension SecretBytes {
  init(_ bytes: [UInt8]) { self.init(copying: bytes.span.bytes) }
}

extension [UInt8] {
  /// A copy of a secret, to compare it with what a standard says.
  init(_ secret: SecretBytes) { self = secret.withBytes { [UInt8]($0) } }
}

extension HMAC {
  func code(of message: [UInt8]) -> Digest<Function> { code(of: message.span.bytes) }
  func isValid(_ code: [UInt8], of message: [UInt8]) -> Bool {
    isValid(code.span.bytes, of: message.span.bytes)
  }
}
