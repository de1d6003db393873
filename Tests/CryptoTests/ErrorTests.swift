import Bytes
import Foundation
import Testing

@testable import Crypto

@Suite("Errors") struct ErrorTests {
  @Test func carryWhatOpenSSLSaysAndLeaveItsQueueEmpty() {
    let error = failure { () throws(CryptoError) in
      try KeyHandle("NO-SUCH-KEY", privateBytes: SecretBytes([1]))
    }
    guard case .openSSL(operation: "read an NO-SUCH-KEY private key", let queue) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(queue.contains("unsupported"))
    #expect(error?.description.hasPrefix("OpenSSL could not read an NO-SUCH-KEY private key: ") == true)
    #expect(OpenSSLQueue.drain() == "no reason given")
  }

  /// Whatever fails, and however, nothing of it is left for TLS to stumble on.
  @Test func noFailureLeavesAnythingInTheQueue() throws {
    let ed = try Ed25519.PrivateKey()
    let p256 = try P256.PrivateKey()
    let x25519 = try X25519.PrivateKey()
    let key = AEADKey(random: .aes128GCM)
    let rsa = try JWK(parsing: StandardRSA.privateJWK)
    let failures: [(String, () -> Bool)] = [
      ("Ed25519 verification", { !ed.publicKey.isValid([UInt8](repeating: 1, count: 64), of: [1]) }),
      (
        "P-256 verification",
        {
          guard let signature = try? P256.Signature(raw: [UInt8](repeating: 1, count: 64)) else {
            return false
          }
          return !p256.publicKey.isValid(signature, of: [1])
        }
      ),
      (
        "RSA verification",
        {
          guard case .rsa(let key) = rsa.publicKey else { return false }
          return RSA.Padding.allCases.allSatisfy {
            !key.isValid([UInt8](repeating: 1, count: 256), of: [1], $0, .sha256)
          }
        }
      ),
      ("RSA pair", { (try? JWK(parsing: StandardRSA.privateJWK.replacing("4Bz", with: "4Bx"))) == nil }),
      ("P-256 point", { (try? P256.PublicKey([2] + [UInt8](repeating: 0xff, count: 32))) == nil }),
      (
        "X25519 agreement",
        {
          guard let zero = try? X25519.PublicKey([UInt8](repeating: 0, count: 32)) else { return false }
          return (try? x25519.sharedSecret(with: zero)) == nil
        }
      ),
      ("opening", { (try? key.open([UInt8](repeating: 0, count: 40), .random(), [])) == nil }),
      (
        "provider",
        { !CryptoLibrary.isAvailable(digest: "NO-SUCH") && !CryptoLibrary.isAvailable(cipher: "NO") }
      ),
    ]
    for (what, fails) in failures {
      OpenSSLQueue.clear()
      #expect(fails(), "\(what)")
      if what == "provider" { OpenSSLQueue.clear() }  // verify() clears after its last look
      #expect(OpenSSLQueue.drain() == "no reason given", "\(what)")
    }
  }

  @Test func sayWhatWasFoundAndWhatIsAccepted() {
    let table: [(CryptoError, String)] = [
      (
        .authenticationFailed,
        "the sealed message does not open: wrong key, nonce or associated data, or it was changed"
      ),
      (
        .weakSharedSecret,
        "the peer's public key is a small-order point, so the shared secret would be known to anyone"
      ),
      (.invalidLength(of: "nonce", found: 8, accepted: "12"), "nonce has 8 bytes; accepted: 12"),
      (.invalidKey(kind: "RSA", reason: "even modulus"), "RSA key refused: even modulus"),
      (.unsupportedKey(found: "DSA", accepted: "RSA"), "found DSA; accepted: RSA"),
      (.malformed(format: "PEM", reason: "empty"), "malformed PEM: empty"),
      (.invalidSignature(reason: "r is zero"), "signature refused: r is zero"),
      (.openSSL(operation: "sign", queue: "no"), "OpenSSL could not sign: no"),
    ]
    for (error, text) in table { #expect(error.description == text) }
  }

  @Test func messagesOverAGibibyteAreRefused() {
    var cipher = AEADKey(random: .aes256GCM).cipher()
    var byte: UInt8 = 0
    // The length is looked at before the bytes: one byte stands for all of them.
    let error = withUnsafeMutableBytes(of: &byte) { one in
      let many = UnsafeMutableRawBufferPointer(
        start: one.baseAddress, count: AEADCipher.messageBytesMaximum + 1)
      return failure { () throws(CryptoError) in
        let none: [UInt8] = []
        return try cipher.seal(inPlace: many, nonce: .random(), associatedData: none.span.bytes)
      }
    }
    #expect(
      error
        == .invalidLength(
          of: "message or associated data", found: 1_073_741_825, accepted: "0 to 1073741824"))
  }

  @Test func aThreadThatEndsTakesItsScratchContextWithIt() async {
    let expected = SHA512.hash([1, 2, 3])
    for _ in 0..<20 {
      // A thread of its own, since those of the pool never end.
      let digest = await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: SHA512.hash([1, 2, 3])) }.start()
      }
      #expect(digest == expected)
    }
  }

  @Test func valuesHashAndPrintAsTheirBytes() throws {
    let signature = try P256.Signature(raw: [UInt8](repeating: 1, count: 64))
    #expect(signature.description == String(repeating: "01", count: 64))
    #expect(
      Set([try AEADNonce([UInt8](repeating: 0, count: 12)), AEADNonce(littleEndianCounter: 0)]).count == 1)
    #expect(DERTag.name(0x1e) == "tag 0x1e")
  }

  @Test func anECKeyMayFollowItsParameters() throws {
    let key = try P256.PrivateKey()
    let parameters = PEMBlock(
      label: "EC PARAMETERS", contents: SecretBytes(hex("06082a8648ce3d030107")))
    let sec1: [UInt8] = hex("30310201010420") + [UInt8](key.scalar) + hex("a00a06082a8648ce3d030107")
    let block = PEMBlock(label: "EC PRIVATE KEY", contents: SecretBytes(sec1))
    let text = [UInt8](parameters.text) + [UInt8](block.text)
    #expect(try PrivateKey(pem: String(decoding: text, as: UTF8.self)) == .p256(key))
  }
}
