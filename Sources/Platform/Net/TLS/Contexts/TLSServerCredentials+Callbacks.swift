// What OpenSSL asks in the middle of a handshake: which certificate, which protocol, which ticket key, which
// pre-shared key.

import COpenSSL
import Crypto
import Runtime

extension TLSServerCredentials {
  /// Has OpenSSL ask us about sessions of `context`, one of ours. The sessions keep us alive.
  func connect(_ context: OpaquePointer) {
    let ourselves = Unmanaged.passUnretained(self).toOpaque()
    SSL_CTX_set_ex_data(context, 0, ourselves)
    copenssl_set_server_name_callback(context, chooseCertificate, ourselves)
    if !applicationProtocols.isEmpty { SSL_CTX_set_alpn_select_cb(context, chooseProtocol, ourselves) }
    if configuration.resumesSessions { SSL_CTX_set_tlsext_ticket_key_evp_cb(context, prepareTicket) }
    if configuration.preSharedKeys != nil { SSL_CTX_set_psk_find_session_callback(context, findKey) }
  }

  fileprivate static func of(_ pointer: UnsafeMutableRawPointer?) -> TLSServerCredentials {
    guard let pointer else { preconditionFailure("a callback without its credentials") }
    return Unmanaged<TLSServerCredentials>.fromOpaque(pointer).takeUnretainedValue()
  }

  fileprivate static func of(_ ssl: OpaquePointer?) -> TLSServerCredentials {
    of(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0))
  }
}

private func chooseCertificate(
  _ ssl: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return SSL_TLSEXT_ERR_NOACK }
  if let context = TLSServerCredentials.of(argument).context(for: String(cString: name)) {
    SSL_set_SSL_CTX(ssl, context)
    return SSL_TLSEXT_ERR_OK
  }
  // The default certificate: the client says whether it will do.
  return SSL_TLSEXT_ERR_NOACK
}

private func chooseProtocol(
  _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ offeredCount: UInt32,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  let offer = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
  guard let name = TLSServerCredentials.of(argument).applicationProtocols.choose(from: offer) else {
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }
  chosen?.pointee = name.baseAddress
  chosenCount?.pointee = UInt8(name.count)
  return SSL_TLSEXT_ERR_OK
}

private func prepareTicket(
  _ ssl: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?, _ vector: UnsafeMutablePointer<UInt8>?,
  _ cipher: OpaquePointer?, _ code: OpaquePointer?, _ seals: Int32
) -> Int32 {
  guard let name, let vector else { return -1 }
  let keys = TLSServerCredentials.of(ssl).tickets
  let nameBytes = TLSTicketKeys.Key.nameBytes
  if seals == 1 {
    let key = keys.current()
    UnsafeMutableRawBufferPointer(start: name, count: nameBytes).copyBytes(from: key.name)
    return key.prepare(cipher: cipher, code: code, vector: vector, seals: true) ? 1 : -1
  }
  guard let (key, isOld) = keys.key(named: UnsafeRawBufferPointer(start: name, count: nameBytes)) else {
    // A ticket of somebody else's, or too old: the handshake goes on without it.
    return 0
  }
  guard key.prepare(cipher: cipher, code: code, vector: vector, seals: false) else { return -1 }
  // 2 asks for a new ticket: with TLS 1.3 always, since each is good for one connection.
  return isOld || SSL_version(ssl) == TLSVersion.v1_3.rawValue ? 2 : 1
}

private func findKey(
  _ ssl: OpaquePointer?, _ name: UnsafePointer<UInt8>?, _ nameCount: Int,
  _ session: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  session?.pointee = nil
  let credentials = TLSServerCredentials.of(ssl)
  // A ticket is offered in the same place; it is no text.
  guard let lookUp = credentials.configuration.preSharedKeys,
    nameCount <= TLSPreSharedKey.identityBytesMaximum,
    let identity = String(validating: UnsafeBufferPointer(start: name, count: nameCount), as: UTF8.self),
    case let cipher = SSL_get_pending_cipher(ssl), TLSPreSharedKey.goes(with: cipher)
  else { return 1 }
  let state = TLSSessionState.of(ssl)
  if let key = lookUp(identity) {
    precondition(
      TLSPreSharedKey.keyBytes.contains(key.count), "the lookup returned a key of impossible length")
    guard let found = TLSPreSharedKey.session(with: key, for: cipher) else { return 0 }
    state.pointee.identity = identity
    session?.pointee = found
    SSL_set_num_tickets(ssl, 0)
    return 1
  }
  guard credentials.takesOnlyPreSharedKeys else { return 1 }
  // Answered like a wrong key, so that nobody can try out which identities there are.
  state.pointee.unknownIdentity = identity
  session?.pointee = TLSPreSharedKey.session(with: SecretBytes(randomCount: 32), for: cipher)
  return session?.pointee == nil ? 0 : 1
}
