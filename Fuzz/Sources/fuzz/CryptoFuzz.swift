import Bytes
import Crypto

/// PEM: blocks that are read are written as a text that reads as the same blocks; keys in it come or are refused.
let pemFuzz = FuzzTarget(name: "pem") { bytes in
  _ = try? PublicKey(pem: bytes.bytes)
  _ = try? PrivateKey(pem: bytes.bytes)
  guard let blocks = try? PEMBlock.all(in: bytes.bytes) else { return }
  var again = ByteBuffer()
  for block in blocks { again.append(block.text) }
  precondition((try? PEMBlock.all(in: again.readable)) == blocks)
}

/// Keys in DER, in each container: a key that is read is written as DER that reads as the same key.
let keyDERFuzz = FuzzTarget(name: "key-der") { bytes in
  func check(_ key: PublicKey) {
    let again = key.der
    precondition((try? PublicKey(der: again.readable)) == key)
  }
  func check(_ key: PrivateKey) {
    precondition(key.der.withBytes { try? PrivateKey(der: $0) } == key)
    check(key.publicKey)
  }
  if let key = try? PublicKey(der: bytes.bytes) { check(key) }
  if let key = try? PublicKey(pkcs1: bytes.bytes) { check(key) }
  if let key = try? PublicKey(certificate: bytes.bytes) { check(key) }
  if let key = try? PrivateKey(der: bytes.bytes) { check(key) }
  if let key = try? PrivateKey(sec1: bytes.bytes) { check(key) }
  if let key = try? PrivateKey(pkcs1: bytes.bytes) { check(key) }
}

/// JSON Web Keys: a key or a set that is read is written as JSON that reads as the same keys.
let jwkFuzz = FuzzTarget(name: "jwk") { bytes in
  if let key = try? JWK(parsing: bytes.bytes) {
    precondition((try? JWK(key.json)) == key)
    _ = key.thumbprint
  }
  if let set = try? JWKSet(parsing: bytes.bytes) {
    let text = ByteBuffer(set.json.text())
    precondition((try? JWKSet(parsing: text.readable))?.keys == set.keys)
  }
}

/// ECDSA signatures in DER: what is accepted has this one form.
let ecdsaSignatureFuzz = FuzzTarget(name: "ecdsa-signature") { bytes in
  guard let signature = try? P256.Signature(der: bytes.bytes) else { return }
  precondition(signature.der == ByteBuffer(copying: bytes))
  precondition(signature.raw.withBytes { try? P256.Signature(raw: $0) } == signature)
}
