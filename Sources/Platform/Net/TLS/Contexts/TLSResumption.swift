// What lets a client resume sessions: what the servers gave it to that end, by host, within bounds.

import COpenSSL
import Runtime

/// The sessions that a client may resume.
final class TLSResumption: Sendable {
  /// The most hosts that sessions are kept for.
  static let hostsMaximum = 256
  /// The most sessions kept for a host: a ticket of TLS 1.3 is good for one connection.
  static let perHostMaximum = 4

  private let sessions = Locked<[String: [TLSObject]]>([:])

  /// Keeps a copy of `session`: the original is marked as broken when its connection just ends.
  func keep(_ session: OpaquePointer?, name: String) {
    guard let session, SSL_SESSION_is_resumable(session) == 1, let copy = SSL_SESSION_dup(session) else {
      TLSErrorQueue.clear()
      return
    }
    let kept = TLSObject(copy) { SSL_SESSION_free($0) }
    sessions.withLock { sessions in
      if sessions[name] == nil, sessions.count >= Self.hostsMaximum, let other = sessions.keys.first {
        sessions[other] = nil
      }
      sessions[name, default: []].append(kept)
      if let count = sessions[name]?.count, count > Self.perHostMaximum { sessions[name]?.removeFirst() }
    }
  }

  /// Has `ssl`, which is about to begin, resume the latest session with `name`.
  func resume(_ ssl: OpaquePointer, name: String) {
    let session: TLSObject? = sessions.withLock { sessions in
      guard let last = sessions[name]?.last else { return nil }
      // Used twice, a ticket of TLS 1.3 would show that both connections are the same client's.
      if SSL_SESSION_get_protocol_version(last.pointer) >= TLSVersion.v1_3.rawValue {
        sessions[name]?.removeLast()
      }
      return last
    }
    // A copy again: when the server renews a ticket of TLS 1.2, OpenSSL marks the session that had it.
    guard let session, let copy = SSL_SESSION_dup(session.pointer) else { return TLSErrorQueue.clear() }
    defer { SSL_SESSION_free(copy) }
    // Refused when it has become too old: then the handshake is a full one.
    if SSL_set_session(ssl, copy) != 1 { TLSErrorQueue.clear() }
  }

  /// How many sessions are kept.
  var count: Int { sessions.withLock { $0.values.reduce(0) { $0 + $1.count } } }
}
