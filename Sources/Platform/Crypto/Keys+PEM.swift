// Keys in PEM: which label holds which container.

import Bytes

extension PublicKey {
  /// The key of a PEM text with one block: "PUBLIC KEY", "RSA PUBLIC KEY", or a certificate's.
  public init(pem text: RawSpan) throws(CryptoError) {
    let block = try PEMBlock.only(in: text)
    switch block.label {
    case "PUBLIC KEY":
      self = try block.contents.withBytes { bytes throws(CryptoError) in try PublicKey(der: bytes) }
    case "RSA PUBLIC KEY":
      self = try block.contents.withBytes { bytes throws(CryptoError) in try PublicKey(pkcs1: bytes) }
    case "CERTIFICATE":
      self = try block.contents.withBytes { bytes throws(CryptoError) in try PublicKey(certificate: bytes) }
    default:
      throw .unsupportedKey(
        found: "a PEM block \"\(block.label)\"", accepted: "PUBLIC KEY, RSA PUBLIC KEY, CERTIFICATE")
    }
  }

  /// The key as a PEM "PUBLIC KEY".
  public var pem: String {
    let encoded = der
    let block = PEMBlock(label: "PUBLIC KEY", contents: SecretBytes(copying: encoded.readable))
    return block.text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

extension PrivateKey {
  /// The key of a PEM text with one block: "PRIVATE KEY", "EC PRIVATE KEY" or "RSA PRIVATE KEY".
  public init(pem text: RawSpan) throws(CryptoError) {
    var blocks = try PEMBlock.all(in: text)
    // `openssl ecparam -genkey` writes the curve, which the key names too, in a block of its own before it.
    if blocks.count == 2, blocks[0].label == "EC PARAMETERS", blocks[1].label == "EC PRIVATE KEY" {
      blocks.removeFirst()
    }
    guard blocks.count == 1, let block = blocks.first else {
      let labels = blocks.map(\.label).joined(separator: ", ")
      throw .malformed(format: "PEM", reason: "\(blocks.count) blocks (\(labels)) where one is expected")
    }
    switch block.label {
    case "PRIVATE KEY":
      self = try block.contents.withBytes { bytes throws(CryptoError) in try PrivateKey(der: bytes) }
    case "EC PRIVATE KEY":
      self = try block.contents.withBytes { bytes throws(CryptoError) in try PrivateKey(sec1: bytes) }
    case "RSA PRIVATE KEY":
      self = try block.contents.withBytes { bytes throws(CryptoError) in try PrivateKey(pkcs1: bytes) }
    case "ENCRYPTED PRIVATE KEY":
      throw .unsupportedKey(
        found: "an encrypted private key",
        accepted: "keys that are not encrypted (openssl pkey -in FILE -out FILE.open)")
    default:
      throw .unsupportedKey(
        found: "a PEM block \"\(block.label)\"", accepted: "PRIVATE KEY, EC PRIVATE KEY, RSA PRIVATE KEY")
    }
  }

  /// The key as a PEM "PRIVATE KEY", not encrypted.
  public var pem: SecretBytes { PEMBlock(label: "PRIVATE KEY", contents: der).text }
}
