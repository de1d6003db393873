// Arithmetic on P-256 that OpenSSL's key interface does not offer: the public point of a private number, the
// other coordinate of a compressed point, and whether a number is in range.

import COpenSSL

enum P256Group {
  /// The order of the curve's group, most significant byte first.
  private static let order: [UInt8] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
  ]

  /// Whether 32 bytes, most significant first, are a number from 1 to the order less 1. The time it takes
  /// does not depend on them.
  static func isScalar(_ bytes: RawSpan) -> Bool {
    precondition(bytes.byteCount == 32, "a P-256 number has 32 bytes")
    var borrow = 0
    var anyBit: UInt8 = 0
    for index in stride(from: 31, through: 0, by: -1) {
      let byte = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      anyBit |= byte
      borrow = (Int(byte) - Int(order[index]) + borrow) >> 8
    }
    return borrow != 0 && anyBit != 0
  }

  /// The point that `encoded` (in full or compressed) stands for, in full, if it is on the curve.
  static func checked(_ encoded: RawSpan) throws(CryptoError) -> FixedBytes<65> {
    let group = Group.p256.pointer
    let point = try require(EC_POINT_new(group), "allocate a point")
    defer { EC_POINT_free(point) }
    let result = encoded.withUnsafeBytes {
      EC_POINT_oct2point(group, point, $0.bindMemory(to: UInt8.self).baseAddress, $0.count, nil)
    }
    guard result == 1, EC_POINT_is_on_curve(group, point, nil) == 1 else {
      throw .invalidKey(kind: "P-256 public", reason: "not a point of the curve (\(OpenSSLQueue.drain()))")
    }
    return try encode(point)
  }

  /// The public point of a private number, in full.
  static func publicPoint(of scalar: SecretBytes) throws(CryptoError) -> FixedBytes<65> {
    let group = Group.p256.pointer
    let point = try require(EC_POINT_new(group), "allocate a point")
    defer { EC_POINT_free(point) }
    let number = try require(
      scalar.withUnsafeBytes { BN_bin2bn($0.bindMemory(to: UInt8.self).baseAddress, Int32($0.count), nil) },
      "read a private key")
    defer { BN_clear_free(number) }
    BN_set_flags(number, BN_FLG_CONSTTIME)
    try require(EC_POINT_mul(group, point, number, nil, nil, nil), "compute a public key")
    return try encode(point)
  }

  private static func encode(_ point: OpaquePointer) throws(CryptoError) -> FixedBytes<65> {
    var bytes = FixedBytes<65>()
    let written = bytes.withMutableBytes {
      EC_POINT_point2oct(
        Group.p256.pointer, point, POINT_CONVERSION_UNCOMPRESSED, $0.bindMemory(to: UInt8.self).baseAddress,
        $0.count, nil)
    }
    guard written == 65 else { throw .drainingQueue("write a point") }
    return bytes
  }

  /// OpenSSL's description of the curve, kept for the life of the process.
  ///
  /// `@unchecked Sendable`: set once, and only read by the calls above.
  private struct Group: @unchecked Sendable {
    static let p256 = Group()
    let pointer: OpaquePointer
    private init() { pointer = demand(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), "provide P-256") }
  }
}
