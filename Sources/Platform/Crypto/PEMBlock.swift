// PEM (RFC 7468): base64 between two lines that name what it is. Read strictly: nothing but white space may
// stand outside the blocks, so a truncated or mangled file is an error and not a shorter list of keys.
//
// Base64 goes through OpenSSL's block functions, checked here first, because they work in the memory they are
// given: a private key is then never in memory that is not wiped.

import COpenSSL

/// One block of a PEM text.
public struct PEMBlock: Sendable, Equatable {
  /// What the block says it is: "PUBLIC KEY", "CERTIFICATE".
  public let label: String
  /// The bytes that the base64 stands for.
  public let contents: SecretBytes

  /// The longest label read.
  static let labelBytesMaximum = 64

  /// A block to be written.
  public init(label: String, contents: SecretBytes) {
    self.label = label
    self.contents = contents
  }

  /// The only block of `text`.
  public static func only(in text: RawSpan) throws(CryptoError) -> PEMBlock {
    let blocks = try all(in: text)
    guard blocks.count == 1 else {
      let labels = blocks.map(\.label).joined(separator: ", ")
      throw .malformed(format: "PEM", reason: "\(blocks.count) blocks (\(labels)) where one is expected")
    }
    return blocks[0]
  }

  /// Every block of `text`, of which there is at least one.
  public static func all(in text: RawSpan) throws(CryptoError) -> [PEMBlock] {
    try checkSize(text, "PEM text", KeyLimits.pemBytesMaximum)
    return try text.withUnsafeBytes { bytes throws(CryptoError) in
      var parser = PEMParser(bytes: bytes)
      var blocks: [PEMBlock] = []
      while let block = try parser.next() {
        guard blocks.count < KeyLimits.pemBlocksMaximum else {
          throw .malformed(format: "PEM", reason: "more than \(KeyLimits.pemBlocksMaximum) blocks")
        }
        blocks.append(block)
      }
      guard !blocks.isEmpty else { throw .malformed(format: "PEM", reason: "no -----BEGIN …----- line") }
      return blocks
    }
  }

  /// The block as text, with lines of 64 characters.
  public var text: SecretBytes {
    let encoded = contents.withUnsafeBytes { source in
      SecretBytes(count: (source.count + 2) / 3 * 4 + 1) { target in
        _ = EVP_EncodeBlock(
          target.bindMemory(to: UInt8.self).baseAddress, source.bindMemory(to: UInt8.self).baseAddress,
          Int32(source.count))
      }
    }
    let begin = "-----BEGIN \(label)-----\n"
    let end = "-----END \(label)-----\n"
    // OpenSSL ends what it writes with a NUL.
    let characters = encoded.count - 1
    let lines = (characters + 63) / 64
    return SecretBytes(count: begin.utf8.count + characters + lines + end.utf8.count) { target in
      var offset = 0
      func put(_ bytes: some Collection<UInt8>) {
        UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyBytes(from: bytes)
        offset += bytes.count
      }
      put(begin.utf8)
      encoded.withUnsafeBytes { encoded in
        for line in 0..<lines {
          put(encoded[(line * 64)..<min(line * 64 + 64, characters)])
          put(CollectionOfOne(UInt8(ascii: "\n")))
        }
      }
      put(end.utf8)
    }
  }
}

/// Reads block after block.
private struct PEMParser {
  let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next block; nil when only white space is left.
  mutating func next() throws(CryptoError) -> PEMBlock? {
    while offset < bytes.count, Self.isWhiteSpace(bytes[offset]) { offset += 1 }
    guard offset < bytes.count else { return nil }
    guard skip("-----BEGIN ") else {
      throw malformed("text that is neither a -----BEGIN …----- line nor inside a block, at byte \(offset)")
    }
    let label = try readLabel()
    let start = offset
    while offset < bytes.count, !isNext("-----") { offset += 1 }
    let body = UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    guard skip("-----END ") else { throw malformed("no -----END \(label)----- line") }
    let endLabel = try readLabel()
    guard endLabel == label else { throw malformed("BEGIN \(label) ended by END \(endLabel)") }
    return PEMBlock(label: label, contents: try decode(body, label))
  }

  /// Reads a label and the five dashes after it.
  private mutating func readLabel() throws(CryptoError) -> String {
    let start = offset
    while offset < bytes.count, Self.isLabel(bytes[offset]), offset - start < PEMBlock.labelBytesMaximum {
      offset += 1
    }
    let label = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard !label.isEmpty, skip("-----") else { throw malformed("a label that no ----- follows") }
    return label
  }

  private mutating func skip(_ text: StaticString) -> Bool {
    guard isNext(text) else { return false }
    offset += text.utf8CodeUnitCount
    return true
  }

  private func isNext(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { text in
      bytes.count - offset >= text.count && bytes[offset..<offset + text.count].elementsEqual(text)
    }
  }

  private func decode(_ body: UnsafeRawBufferPointer, _ label: String) throws(CryptoError) -> SecretBytes {
    var padding = 0
    var count = 0
    for byte in body where !Self.isWhiteSpace(byte) {
      if byte == UInt8(ascii: "=") {
        padding += 1
      } else if !Self.isBase64(byte) || padding > 0 {
        let isHeaded = body.contains(UInt8(ascii: ":"))
        let hint = isHeaded ? " (headers, as of an encrypted key, are not read)" : ""
        throw malformed("\(label) holds something that is not base64\(hint)")
      }
      count += 1
    }
    guard count > 0, count % 4 == 0, padding <= 2 else {
      throw malformed("\(label) holds \(count) characters of base64, \(padding) of them padding")
    }
    let packed = SecretBytes(count: count) { target in
      var next = 0
      for byte in body where !Self.isWhiteSpace(byte) {
        target[next] = byte
        next += 1
      }
    }
    let padded = SecretBytes(count: count / 4 * 3) { target in
      packed.withUnsafeBytes { packed in
        let written = EVP_DecodeBlock(
          target.bindMemory(to: UInt8.self).baseAddress, packed.bindMemory(to: UInt8.self).baseAddress,
          Int32(packed.count))
        precondition(Int(written) == target.count, "OpenSSL refused base64 that was checked")
      }
    }
    return try padded.withUnsafeBytes { padded throws(CryptoError) in
      let count = padded.count - padding
      // What the padding stands for decodes to zeros, unless the last character has bits that mean nothing.
      guard padded[count...].allSatisfy({ $0 == 0 }) else {
        throw malformed("\(label) ends in base64 with stray bits")
      }
      return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: padded[..<count]).bytes)
    }
  }

  private func malformed(_ reason: String) -> CryptoError { .malformed(format: "PEM", reason: reason) }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  private static func isLabel(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "/"): true
    default: false
    }
  }
}
