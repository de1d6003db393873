// An ECDSA signature over P-256, in the two forms the world writes it: r and s side by side (JWS, WebAuthn
// keys in COSE), or as DER (TLS, X.509, libp2p). Both are read strictly, so each signature has one form of each.

public import Bytes

extension P256 {
  /// A signature: the numbers r and s, both from 1 to the order of the curve less 1.
  public struct Signature: Sendable, Hashable {
    /// r, then s, each 32 bytes with the most significant first.
    public let raw: FixedBytes<64>

    /// The longest DER form: two numbers of 33 bytes and three headers.
    static var derBytesMaximum: Int { 72 }

    /// A signature of r and s side by side.
    public init(raw bytes: RawSpan) throws(CryptoError) {
      guard let raw = FixedBytes<64>(bytes) else {
        throw .invalidLength(of: "P-256 signature", found: bytes.byteCount, accepted: "64")
      }
      guard P256Group.isScalar(bytes.extracting(first: 32)), P256Group.isScalar(bytes.extracting(last: 32))
      else {
        throw .invalidSignature(reason: "r or s is zero, or not below the order of P-256")
      }
      self.raw = raw
    }

    /// A signature in DER: a SEQUENCE of two INTEGERs.
    public init(der bytes: RawSpan) throws(CryptoError) {
      guard bytes.byteCount <= Self.derBytesMaximum else {
        throw .invalidLength(
          of: "P-256 signature in DER", found: bytes.byteCount, accepted: "at most \(Self.derBytesMaximum)")
      }
      var outer = DERReader(bytes, format: "ECDSA signature")
      var numbers = try outer.readSequence()
      try outer.finish()
      var raw = FixedBytes<64>()
      try Self.place(numbers.readUnsigned(), into: &raw, endingAt: 32)
      try Self.place(numbers.readUnsigned(), into: &raw, endingAt: 64)
      try numbers.finish()
      self = try raw.withBytes { bytes throws(CryptoError) in try Signature(raw: bytes) }
    }

    /// The signature in DER.
    public var der: ByteBuffer { ByteBuffer(derBytes) }

    var derBytes: [UInt8] {
      var contents: [UInt8] = []
      contents.reserveCapacity(Self.derBytesMaximum)
      for start in [0, 32] {
        let first = (start..<start + 32).first { raw[$0] != 0 } ?? start + 31
        let isHigh = raw[first] >= 0x80
        contents += [DERTag.integer, UInt8(start + 32 - first + (isHigh ? 1 : 0))]
        if isHigh { contents.append(0) }
        for index in first..<start + 32 { contents.append(raw[index]) }
      }
      return [DERTag.sequence, UInt8(contents.count)] + contents
    }

    private static func place(
      _ magnitude: RawSpan, into raw: inout FixedBytes<64>, endingAt end: Int
    ) throws(CryptoError) {
      guard magnitude.byteCount <= 32 else {
        throw .invalidSignature(reason: "r or s has \(magnitude.byteCount) bytes; P-256 numbers have 32")
      }
      for index in 0..<magnitude.byteCount {
        raw[end - magnitude.byteCount + index] = magnitude.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      }
    }
  }
}

extension P256.Signature: CustomStringConvertible {
  /// r and s in hex.
  public var description: String { raw.description }
}
