// PBKDF2 (RFC 8018): a key from a passphrase, made slow on purpose.

import COpenSSL

/// Derives keys from passphrases with HMAC over `Function`.
public enum PBKDF2<Function: HashFunction> {
  /// Some ten seconds of one core; a larger count in a file is a mistake or an attack.
  public static var iterationsMaximum: Int { 10_000_000 }
  /// The most bytes of key that are given.
  public static var outputBytesMaximum: Int { 1024 }

  /// A key of `count` bytes. Takes the time that `iterations` asks for: keep it off an event loop.
  public static func derive(
    password: SecretBytes, salt: RawSpan, iterations: Int, count: Int
  ) throws(CryptoError) -> SecretBytes {
    guard (1...iterationsMaximum).contains(iterations) else {
      throw .malformed(
        format: "PBKDF2 parameters", reason: "\(iterations) iterations; accepted: 1 to \(iterationsMaximum)")
    }
    guard (1...outputBytesMaximum).contains(count) else {
      throw .invalidLength(of: "PBKDF2 output", found: count, accepted: "1 to \(outputBytesMaximum)")
    }
    guard let passwordCount = Int32(exactly: password.count), let saltCount = Int32(exactly: salt.byteCount)
    else {
      throw .invalidLength(
        of: "PBKDF2 password or salt", found: max(password.count, salt.byteCount), accepted: "under 2 GiB")
    }
    return try SecretBytes(count: count) { output throws(CryptoError) in
      let result = password.withUnsafeBytes { password in
        salt.withUnsafeBytes { salt in
          PKCS5_PBKDF2_HMAC(
            password.bindMemory(to: CChar.self).baseAddress, passwordCount,
            salt.bindMemory(to: UInt8.self).baseAddress, saltCount, Int32(iterations),
            Function.algorithm.resources.function, Int32(count),
            output.bindMemory(to: UInt8.self).baseAddress)
        }
      }
      try require(result, "derive a key from a passphrase")
    }
  }
}
