// What wrapping OpenSSL costs: our calls beside the same work in C. Small messages, where the wrapping shows.

import Bytes
import CCryptoPeer
import Crypto
import Measure

@main
enum BenchCrypto {
  static func main() throws {
    for size in [64, 1024, 16_384] { hashing(size) }
    for size in [64, 1024] { authenticating(size) }
    for size in [64, 1024, 16_384] {
      try sealing(size, .aes256GCM)
      try sealing(size, .chaCha20Poly1305)
    }
    try verifying()
  }

  private static func hashing(_ size: Int) {
    let bytes = [UInt8](repeating: 7, count: size)
    let rounds = 4_000_000 / (size + 200)
    Comparison(
      "SHA-256 one-shot, \(size) B", operations: rounds,
      ours: { for _ in 0..<rounds { keep(SHA256.hash(bytes.span.bytes)) } },
      peer: { peer_sha256(bytes, size, Int32(rounds)) }
    ).report(peerName: "EVP_Digest", goal: "no slower")
  }

  private static func authenticating(_ size: Int) {
    let bytes = [UInt8](repeating: 7, count: size)
    let key = [UInt8](repeating: 1, count: 32)
    let keyed = HMAC<SHA256>(key: key.span.bytes)
    let rounds = 10_000
    Comparison(
      "HMAC-SHA-256, new key, \(size) B", operations: rounds,
      ours: { for _ in 0..<rounds { keep(HMAC<SHA256>.code(of: bytes.span.bytes, key: key.span.bytes)) } },
      peer: { peer_hmac_sha256(bytes, size, Int32(rounds)) }
    ).report(peerName: "EVP_MAC", goal: "no slower")
    Comparison(
      "HMAC-SHA-256, kept key, \(size) B", operations: rounds,
      ours: { for _ in 0..<rounds { keep(keyed.code(of: bytes.span.bytes)) } },
      peer: { peer_hmac_sha256(bytes, size, Int32(rounds)) }
    ).report(peerName: "EVP_MAC", goal: "no slower")
  }

  private static func sealing(_ size: Int, _ algorithm: AEADAlgorithm) throws {
    let bytes = [UInt8](repeating: 7, count: size)
    var buffer = ByteBuffer(capacity: size + 16)
    var cipher = AEADKey(random: algorithm).cipher()
    let rounds = 8_000_000 / (size + 400)
    let data: [UInt8] = []
    Comparison(
      "seal \(algorithm), \(size) B", operations: rounds,
      ours: {
        for round in 0..<rounds {
          buffer.clear()
          buffer.append(bytes.span.bytes)
          do throws(CryptoError) {
            try cipher.seal(
              &buffer, nonce: AEADNonce(littleEndianCounter: UInt64(round)), associatedData: data.span.bytes)
          } catch {
            preconditionFailure("\(error)")
          }
        }
      },
      peer: { peer_seal(bytes, size, Int32(rounds), algorithm == .aes256GCM ? 0 : 1) }
    ).report(peerName: "EVP_CIPHER", goal: "within 15 %")
  }

  private static func verifying() throws {
    let message = [UInt8](repeating: 7, count: 128)
    let rounds = 200
    let ed = try Ed25519.PrivateKey()
    let edSignature = try ed.sign(message.span.bytes)
    Comparison(
      "Ed25519 verify", operations: rounds,
      ours: {
        for _ in 0..<rounds {
          precondition(edSignature.withBytes { ed.publicKey.isValid($0, of: message.span.bytes) })
        }
      },
      peer: { peer_verify(message, message.count, Int32(rounds), 0) }
    ).report(peerName: "EVP_DigestVerify", goal: "within 5 %")
    let p256 = try P256.PrivateKey()
    let signature = try p256.sign(message.span.bytes)
    Comparison(
      "P-256 verify", operations: rounds,
      ours: {
        for _ in 0..<rounds { precondition(p256.publicKey.isValid(signature, of: message.span.bytes)) }
      },
      peer: { peer_verify(message, message.count, Int32(rounds), 1) }
    ).report(peerName: "EVP_DigestVerify", goal: "within 5 %")
  }
}
