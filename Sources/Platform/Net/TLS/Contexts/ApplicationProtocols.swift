// The names of what may be spoken inside (ALPN, RFC 7301), as they go over the wire.

import COpenSSL

/// Names of protocols, each behind its length. The bytes do not move.
///
/// `@unchecked Sendable`: written once, by `init`.
final class ApplicationProtocols: @unchecked Sendable {
  private let bytes: UnsafeMutableBufferPointer<UInt8>

  /// The names, best first.
  init(_ names: [String]) {
    var wire: [UInt8] = []
    for name in names {
      precondition((1...255).contains(name.utf8.count), "a protocol's name has 1 to 255 bytes")
      wire.append(UInt8(name.utf8.count))
      wire += name.utf8
    }
    bytes = .allocate(capacity: wire.count)
    _ = bytes.initialize(from: wire)
  }

  deinit { bytes.deallocate() }

  var isEmpty: Bool { bytes.isEmpty }

  /// Offers the names to a server.
  func offer(on ssl: OpaquePointer) {
    // Of OpenSSL's calls, this one returns 0 for success.
    let result = SSL_set_alpn_protos(ssl, bytes.baseAddress, UInt32(bytes.count))
    precondition(result == 0, "out of memory for the names of protocols")
  }

  /// The first of our names that is among the client's; nil when none is.
  func choose(from client: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    var name: UnsafeMutablePointer<UInt8>?
    var count: UInt8 = 0
    let result = SSL_select_next_proto(
      &name, &count, bytes.baseAddress, UInt32(bytes.count), client.baseAddress, UInt32(client.count))
    // Without an overlap the call suggests one of the client's, which is not what it asked for.
    guard result == OPENSSL_NPN_NEGOTIATED, let name else { return nil }
    return UnsafeBufferPointer(start: name, count: Int(count))
  }
}
