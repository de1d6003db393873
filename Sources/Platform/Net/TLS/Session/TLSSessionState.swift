// What OpenSSL's callbacks see of a session, and the callbacks that every session has: bytes in, bytes out,
// alerts, certificates that were refused. It lives outside the session, at an address that does not move.

import Bytes
import COpenSSL
import Glibc
import Runtime

/// The part of a session that callbacks read and write.
struct TLSSessionState {
  /// Ciphertext that arrived and OpenSSL has not taken yet.
  var incoming = ByteBuffer()
  /// Ciphertext that OpenSSL made and nobody has taken yet.
  var outgoing = ByteBuffer()
  /// The last alert that ended something.
  var alert: TLSAlert?
  /// Whose certificate was refused, and why.
  var refusedCertificate: (subject: String, reason: String)?
  /// The identity whose pre-shared key is in use.
  var identity: String?
  /// The identity that no key is known for.
  var unknownIdentity: String?
  /// Where a client keeps what lets it resume the session; nil when it does not.
  var resumptionName: String?

  /// The state of an OpenSSL session.
  static func of(_ ssl: OpaquePointer?) -> UnsafeMutablePointer<TLSSessionState> {
    guard let pointer = SSL_get_ex_data(ssl, 0) else { preconditionFailure("a session without its state") }
    return pointer.assumingMemoryBound(to: TLSSessionState.self)
  }

  fileprivate static func of(bio: OpaquePointer?) -> UnsafeMutablePointer<TLSSessionState> {
    guard let pointer = BIO_get_data(bio) else { preconditionFailure("a session's end without its state") }
    return pointer.assumingMemoryBound(to: TLSSessionState.self)
  }
}

/// The end of a session that OpenSSL reads ciphertext from and writes it to: our buffers.
///
/// `@unchecked Sendable`: made once, never changed.
final class TLSBufferEnd: @unchecked Sendable {
  private static let shared = TLSBufferEnd()
  private let method: OpaquePointer

  private init() {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "varve buffers") else {
      preconditionFailure("out of memory for OpenSSL")
    }
    self.method = method
    let isSet =
      BIO_meth_set_create(method, createEnd) & BIO_meth_set_ctrl(method, controlEnd)
      & BIO_meth_set_read_ex(method, readCiphertext) & BIO_meth_set_write_ex(method, writeCiphertext)
    precondition(isSet == 1, "OpenSSL takes its callbacks")
  }

  /// An end over the buffers of `state`.
  static func make(_ state: UnsafeMutablePointer<TLSSessionState>) -> OpaquePointer {
    guard let bio = BIO_new(shared.method) else { preconditionFailure("out of memory for OpenSSL") }
    BIO_set_data(bio, state)
    return bio
  }
}

private func createEnd(_ bio: OpaquePointer?) -> Int32 {
  BIO_set_init(bio, 1)
  return 1
}

private func controlEnd(
  _ bio: OpaquePointer?, _ command: Int32, _ number: Int, _ pointer: UnsafeMutableRawPointer?
) -> Int {
  // What is written is in the buffer: there is nothing to flush, and no other question has an answer.
  command == BIO_CTRL_FLUSH ? 1 : 0
}

private func readCiphertext(
  _ bio: OpaquePointer?, _ target: UnsafeMutablePointer<CChar>?, _ wanted: Int,
  _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
  let state = TLSSessionState.of(bio: bio)
  BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
  let taken = min(wanted, state.pointee.incoming.count)
  guard taken > 0, let target else {
    BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
    return 0
  }
  state.pointee.incoming.withReadableBytes { bytes in
    if let source = bytes.baseAddress { memcpy(target, source, taken) }
  }
  state.pointee.incoming.consume(taken)
  count?.pointee = taken
  return 1
}

private func writeCiphertext(
  _ bio: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ wanted: Int, _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
  TLSSessionState.of(bio: bio).pointee.outgoing.append(UnsafeRawBufferPointer(start: source, count: wanted))
  count?.pointee = wanted
  return 1
}

/// Notes alerts as they come and go.
func noteAlert(_ ssl: OpaquePointer?, _ place: Int32, _ value: Int32) {
  guard place & SSL_CB_ALERT != 0 else { return }
  let code = UInt8(truncatingIfNeeded: value)
  // close_notify and user_canceled end nothing that failed.
  if code == SSL_AD_CLOSE_NOTIFY || code == SSL_AD_USER_CANCELLED { return }
  TLSSessionState.of(ssl).pointee.alert = TLSAlert(code: code, isFromPeer: place & SSL_CB_READ != 0)
}

/// Notes whose certificate is refused: the session itself forgets it.
func noteRefusal(_ accepted: Int32, _ store: OpaquePointer?) -> Int32 {
  if accepted == 1 { return 1 }
  guard let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()) else { return 0 }
  let state = TLSSessionState.of(OpaquePointer(ssl))
  if state.pointee.refusedCertificate == nil {
    let reason = String(cString: X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(store))))
    let subject = X509_STORE_CTX_get_current_cert(store).map { TLSCertificate.subject(of: $0) }
    state.pointee.refusedCertificate = (subject ?? "", reason)
  }
  return 0
}
