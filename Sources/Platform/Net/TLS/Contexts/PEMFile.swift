// Certificates and keys out of PEM files, with errors that name the file.

import COpenSSL
import Crypto
import Glibc
import Runtime

/// An OpenSSL object with one owner here.
///
/// `@unchecked Sendable`: complete when it is made, never changed after, and OpenSSL counts its own references
/// atomically.
final class TLSObject: @unchecked Sendable {
  let pointer: OpaquePointer
  private let release: @Sendable (OpaquePointer) -> Void

  init(_ pointer: OpaquePointer, release: @escaping @Sendable (OpaquePointer) -> Void) {
    self.pointer = pointer
    self.release = release
  }

  deinit { release(pointer) }
}

/// A PEM file.
struct PEMFile {
  /// Longer than any chain or bundle of authorities.
  static let bytesMaximum = 4 << 20

  let path: String
  private let content: SecretBytes

  /// Reads the file. It may hold a private key, so it is kept as a secret.
  init(_ path: String) throws(TLSError) {
    self.path = path
    content = try Self.content(of: path, bytesMaximum: Self.bytesMaximum)
  }

  /// What is in a file with keys.
  static func content(of path: String, bytesMaximum: Int) throws(TLSError) -> SecretBytes {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, .last("open")) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, .last("fstat")) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .malformed(path: path, reason: "not a regular file")
    }
    guard status.st_size <= bytesMaximum else {
      throw .tooLong(path: path, bytesMaximum: bytesMaximum)
    }
    return try SecretBytes(count: Int(status.st_size)) { (target) throws(TLSError) in
      var filled = 0
      while filled < target.count {
        let count = pread(descriptor, target.baseAddress.map { $0 + filled }, target.count - filled, filled)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { throw .unreadable(path: path, .last("pread")) }
        if count == 0 { throw .malformed(path: path, reason: "the file became shorter while it was read") }
        filled += count
      }
    }
  }

  /// Every certificate in the file, in order; there is one at least.
  func certificates() throws(TLSError) -> [TLSObject] {
    var certificates: [TLSObject] = []
    try withBIO { (bio) throws(TLSError) in
      TLSErrorQueue.clear()
      while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) {
        certificates.append(TLSObject(certificate) { X509_free($0) })
      }
      let code = ERR_peek_last_error()
      let said = TLSErrorQueue.drain().text
      // The end of the file looks like a PEM block without a beginning.
      if ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE { return }
      throw .malformed(path: path, reason: "certificate \(certificates.count + 1) cannot be read: \(said)")
    }
    if certificates.isEmpty { throw .malformed(path: path, reason: "no certificate in it (PEM)") }
    return certificates
  }

  /// The private key in the file.
  func privateKey() throws(TLSError) -> TLSObject {
    var key: OpaquePointer?
    try withBIO { (bio) throws(TLSError) in
      var wasAsked = false
      TLSErrorQueue.clear()
      key = withUnsafeMutablePointer(to: &wasAsked) { flag in
        PEM_read_bio_PrivateKey(
          bio, nil,
          { _, _, _, flag in
            // Nobody is there to be asked for a passphrase; without this OpenSSL would ask on the terminal.
            flag?.assumingMemoryBound(to: Bool.self).pointee = true
            return -1
          }, flag)
      }
      let said = TLSErrorQueue.drain()
      if key != nil { return }
      if wasAsked { throw .encryptedKey(path: path) }
      throw .malformed(path: path, reason: "no private key in it (PEM): \(said.text)")
    }
    guard let key else { throw .malformed(path: path, reason: "no private key in it (PEM)") }
    return TLSObject(key) { EVP_PKEY_free($0) }
  }

  /// A digest of the content, to tell one version of the file from another.
  func digest() -> Digest<SHA256> { content.withUnsafeBytes { SHA256.hash($0) } }

  private func withBIO(_ body: (OpaquePointer) throws(TLSError) -> Void) throws(TLSError) {
    try content.withUnsafeBytes { (bytes) throws(TLSError) in
      guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
        throw TLSErrorQueue.error("read \(path)")
      }
      defer { BIO_free(bio) }
      try body(bio)
    }
  }
}
