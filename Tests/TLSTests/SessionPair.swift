// Two sessions that talk to each other through memory.

import Bytes
import Runtime
import TLS

/// A client and a server with nothing but memory between them.
struct SessionPair: ~Copyable {
  var client: TLSSession
  var server: TLSSession
  private(set) var clientFailure: TLSFailure?
  private(set) var serverFailure: TLSFailure?
  /// How many bytes are handed over at once.
  var piece = Int.max

  init(
    _ client: TLSClientContext, _ server: TLSServerContext, host: String = "localhost",
    applicationProtocols: [String] = []
  ) throws(TLSFailure) {
    self.client = try client.makeSession(host: host, applicationProtocols: applicationProtocols)
    self.server = server.makeSession()
  }

  /// Why the handshake failed, at whichever end knew first; nil when it did not.
  var failure: TLSFailure? { clientFailure ?? serverFailure }

  /// Lets both talk until both are done, or one has failed and the other has heard of it.
  mutating func shakeHands() {
    while true {
      if clientFailure == nil {
        do throws(TLSFailure) { _ = try client.handshake() } catch { clientFailure = error }
      }
      let went = Self.carry(&client, &server, piece)
      if serverFailure == nil {
        do throws(TLSFailure) { _ = try server.handshake() } catch { serverFailure = error }
      }
      let came = Self.carry(&server, &client, piece)
      if !went && !came { return }
    }
  }

  /// What `text` becomes on the other side.
  mutating func clientSays(_ text: String) throws(TLSFailure) -> String {
    let bytes = ByteBuffer(text)
    try bytes.withReadableBytes { (bytes) throws(TLSFailure) in try client.write(bytes) }
    return try Self.read(&client, &server, piece)
  }

  /// What `text` becomes on the other side.
  mutating func serverSays(_ text: String) throws(TLSFailure) -> String {
    let bytes = ByteBuffer(text)
    try bytes.withReadableBytes { (bytes) throws(TLSFailure) in try server.write(bytes) }
    return try Self.read(&server, &client, piece)
  }

  private static func read(
    _ from: inout TLSSession, _ to: inout TLSSession, _ piece: Int
  ) throws(TLSFailure) -> String {
    var buffer = ByteBuffer()
    repeat {
      _ = try to.read(into: &buffer, maximum: 1 << 20)
    } while carry(&from, &to, piece)
    _ = try to.read(into: &buffer, maximum: 1 << 20)
    return String(decoding: [UInt8](buffer), as: UTF8.self)
  }

  private static func carry(
    _ from: inout TLSSession, _ to: inout TLSSession, _ piece: Int
  ) -> Bool {
    let count = min(piece, from.outgoing.count)
    if count == 0 { return false }
    to.incoming.append(from.outgoing.split(count))
    return true
  }
}
