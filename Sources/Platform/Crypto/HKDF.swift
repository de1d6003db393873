// HKDF (RFC 5869): keys from a shared secret.

/// Derives keys with HMAC over `Function`.
public enum HKDF<Function: HashFunction> {
  /// The most bytes one expansion yields: the block counter is one byte.
  public static var outputBytesMaximum: Int { 255 * Digest<Function>.byteCount }

  /// Concentrates input of uneven randomness into a pseudorandom key. No salt is a salt of zeros.
  public static func extract(_ inputKeyMaterial: RawSpan, salt: RawSpan) -> SecretBytes {
    HMAC<Function>.code(of: inputKeyMaterial, key: salt).withBytes { SecretBytes(copying: $0) }
  }

  /// Stretches a pseudorandom key to `count` bytes that belong to `info`.
  public static func expand(
    _ pseudorandomKey: SecretBytes, info: RawSpan, count: Int
  ) throws(CryptoError) -> SecretBytes {
    guard count >= 0, count <= outputBytesMaximum else {
      throw .invalidLength(of: "HKDF output", found: count, accepted: "0 to \(outputBytesMaximum)")
    }
    let keyed = HMAC<Function>(key: pseudorandomKey)
    return SecretBytes(count: count) { output in
      var offset = 0
      var counter: UInt8 = 1
      while offset < count {
        var block = keyed
        if offset > 0 {
          block.update(
            UnsafeRawBufferPointer(rebasing: output[(offset - Digest<Function>.byteCount)..<offset]))
        }
        block.update(info)
        withUnsafeBytes(of: counter) { block.update($0) }
        let code = block.finalize()
        let length = min(Digest<Function>.byteCount, count - offset)
        code.copyPrefix(to: UnsafeMutableRawBufferPointer(rebasing: output[offset..<offset + length]))
        offset += length
        counter &+= 1
      }
    }
  }

  /// Extracts, then expands.
  public static func derive(
    _ inputKeyMaterial: RawSpan, salt: RawSpan, info: RawSpan, count: Int
  ) throws(CryptoError) -> SecretBytes {
    try expand(extract(inputKeyMaterial, salt: salt), info: info, count: count)
  }
}
