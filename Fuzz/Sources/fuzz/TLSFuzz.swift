import Bytes
import Crypto
import Runtime
import TLS

/// The server's side of a TLS handshake, up to the first answer from a client that holds no key: the outcome
/// does not depend on how the bytes are cut up.
let tlsServerFuzz = FuzzTarget(name: "tls-server") { bytes in
  let whole = outcome(of: bytes, piece: max(bytes.count, 1))
  precondition(whole == outcome(of: bytes, piece: 1 + bytes.count / 3))
}

/// Needs no certificate, and so no files.
private let context: TLSServerContext = {
  var configuration = TLSServerConfiguration()
  configuration.applicationProtocols = ["h2", "http/1.1"]
  let key = SecretBytes(copying: [UInt8](0..<32).span.bytes)
  configuration.preSharedKeys = { $0 == "alice" ? key : nil }
  do {
    return try TLSServerContext(configuration)
  } catch {
    preconditionFailure("no context: \(error)")
  }
}()

private func outcome(of bytes: UnsafeRawBufferPointer, piece: Int) -> String {
  var session = context.makeSession()
  var position = 0
  do throws(TLSFailure) {
    while position < bytes.count {
      let end = min(position + piece, bytes.count)
      session.incoming.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
      position = end
      let isDone = try session.handshake()
      precondition(!isDone, "nobody can know the key")
      precondition(session.outgoing.count < 1 << 16, "an answer out of proportion")
    }
    return "waiting"
  } catch {
    return error.description
  }
}

/// A file of pre-shared keys: what is accepted, written line by line, is accepted again and means the same.
let tlsPreSharedKeyFileFuzz = FuzzTarget(name: "tls-psk-file") { bytes in
  do throws(TLSError) {
    let keys = try TLSPreSharedKeyFile.parse(bytes, path: "keys")
    var lines: [UInt8] = []
    for (identity, key) in keys {
      lines += Array("\(identity):".utf8)
      key.withUnsafeBytes { for byte in $0 { lines += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] } }
      lines.append(0x0a)
    }
    let again = try lines.withUnsafeBufferPointer { (lines) throws(TLSError) in
      try TLSPreSharedKeyFile.parse(UnsafeRawBufferPointer(lines), path: "keys")
    }
    precondition(again.count == keys.count)
    for (identity, key) in keys { precondition(again[identity].map { $0 == key } == true) }
  } catch {
    guard case .malformed = error else { preconditionFailure("\(error)") }
  }
}

private let digits = Array("0123456789abcdef".utf8)
