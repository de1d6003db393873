// The other implementation: PyCA's `cryptography`, in the virtual environment that ops/setup makes. Commands
// go to one process as lines of words, bytes in hex ("-" for none), and answers come back line by line.

import Peers

enum PythonPeer {
  /// The answers to `commands`, in order: "true", "false", hex, or "error: …".
  static func answers(_ commands: [[String]]) throws -> [String] {
    let input = commands.map { $0.map { $0.isEmpty ? "-" : $0 }.joined(separator: " ") + "\n" }.joined()
    let output = try ForeignProgram.python(script, input: input)
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
      $0 == "-" ? "" : String($0)
    }
    guard lines.count == commands.count else {
      throw ForeignProgram.Failure("\(commands.count) questions, \(lines.count) answers")
    }
    return lines
  }

  private static let script = #"""
    import datetime, sys
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, InvalidTag
    from cryptography.hazmat.primitives import hashes, serialization as s
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}

    def rsa_padding(name, hash):
        if name == "pkcs1":
            return padding.PKCS1v15()
        return padding.PSS(mgf=padding.MGF1(hash), salt_length=hash.digest_size)

    def make(kind):
        if kind == "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        if kind == "x25519":
            return x25519.X25519PrivateKey.generate()
        if kind == "rsa":
            return rsa.generate_private_key(65537, 2048)
        return ec.generate_private_key(ec.SECP384R1() if kind == "p384" else ec.SECP256R1())

    def sign(key, message, pad, hash):
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(message)
        hash = HASHES[hash]()
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, rsa_padding(pad, hash), hash)
        return key.sign(message, ec.ECDSA(hash))

    def verify(key, signature, message, pad, hash):
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, message)
            elif isinstance(key, rsa.RSAPublicKey):
                hash = HASHES[hash]()
                key.verify(signature, message, rsa_padding(pad, hash), hash)
            else:
                key.verify(signature, message, ec.ECDSA(HASHES[hash]()))
        except InvalidSignature:
            return "false"
        return "true"

    def certificate(key):
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer.example")])
        start = datetime.datetime(2026, 1, 1)
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start.replace(year=2036))
        hash = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return builder.sign(key, hash)

    FORMS = {
        "pkcs8": (s.PrivateFormat.PKCS8, s.Encoding.DER), "pkcs8-pem": (s.PrivateFormat.PKCS8, s.Encoding.PEM),
        "old": (s.PrivateFormat.TraditionalOpenSSL, s.Encoding.DER),
        "old-pem": (s.PrivateFormat.TraditionalOpenSSL, s.Encoding.PEM),
        "spki": (s.PublicFormat.SubjectPublicKeyInfo, s.Encoding.DER),
        "spki-pem": (s.PublicFormat.SubjectPublicKeyInfo, s.Encoding.PEM),
        "pkcs1": (s.PublicFormat.PKCS1, s.Encoding.DER), "pkcs1-pem": (s.PublicFormat.PKCS1, s.Encoding.PEM),
    }

    def write(key, form):
        if form == "certificate":
            return certificate(key).public_bytes(s.Encoding.DER)
        if form == "certificate-pem":
            return certificate(key).public_bytes(s.Encoding.PEM)
        if form == "encrypted-pem":
            return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"x"))
        if form == "old-encrypted-pem":
            return key.private_bytes(
                s.Encoding.PEM, s.PrivateFormat.TraditionalOpenSSL, s.BestAvailableEncryption(b"x"))
        kind, encoding = FORMS[form]
        if isinstance(kind, s.PublicFormat):
            return key.public_key().public_bytes(encoding, kind)
        return key.private_bytes(encoding, kind, s.NoEncryption())

    def cipher(name, key):
        return ChaCha20Poly1305(key) if name == "chaCha20Poly1305" else AESGCM(key)

    def answer(words):
        command, rest = words[0], ["" if w == "-" else w for w in words[1:]]
        data = lambda index: bytes.fromhex(rest[index])
        if command == "sign":
            key = s.load_der_private_key(data(0), None)
            return sign(key, data(1), rest[2], rest[3]).hex()
        if command == "verify":
            return verify(s.load_der_public_key(data(0)), data(1), data(2), rest[3], rest[4])
        if command == "agree":
            ours, theirs = s.load_der_private_key(data(0), None), s.load_der_public_key(data(1))
            if isinstance(ours, x25519.X25519PrivateKey):
                return ours.exchange(theirs).hex()
            return ours.exchange(ec.ECDH(), theirs).hex()
        if command == "seal":
            return cipher(rest[0], data(1)).encrypt(data(2), data(4), data(3)).hex()
        if command == "open":
            try:
                return cipher(rest[0], data(1)).decrypt(data(2), data(4), data(3)).hex()
            except InvalidTag:
                return "error: tag"
        if command == "hkdf":
            return HKDF(HASHES[rest[0]](), int(rest[4]), data(2), data(3)).derive(data(1)).hex()
        if command == "make":
            key = make(rest[0])
            return ",".join(write(key, form).hex() for form in rest[1].split(","))
        if command == "public":
            encoded = data(0)
            load = s.load_pem_private_key if encoded.startswith(b"---") else s.load_der_private_key
            return load(encoded, None).public_key().public_bytes(
                s.Encoding.DER, s.PublicFormat.SubjectPublicKeyInfo).hex()
        raise ValueError(command)

    for line in sys.stdin:
        print(answer(line.split()) or "-")
    """#
}
