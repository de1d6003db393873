// The keys that protect session tickets. The server keeps nothing of a session that may be resumed: the client
// holds all of it, sealed with a key that only this process has. A key seals for one lifetime and opens for one
// more, then it is forgotten, and with it whatever was sealed with it (forward secrecy).

import COpenSSL
import Crypto
import Runtime

/// The ticket keys of a server.
final class TLSTicketKeys: Sendable {
  /// One key: the name that a ticket carries, and the two keys that open it.
  struct Key: Sendable {
    static let nameBytes = 16
    static let cipherKeyBytes = 32
    static let codeKeyBytes = 32

    let material: SecretBytes
    let madeAt: MonotonicInstant

    init(at now: MonotonicInstant) {
      material = SecretBytes(randomCount: Self.nameBytes + Self.cipherKeyBytes + Self.codeKeyBytes)
      madeAt = now
    }

    /// The name that tickets carry, which is no secret.
    var name: [UInt8] { material.withUnsafeBytes { Array($0[..<Self.nameBytes]) } }
  }

  private struct State {
    var current: Key
    var previous: Key?
  }

  private let time: any TimeSource
  private let lifetime: Duration
  private let state: Locked<State>

  /// Keys that are replaced after each `lifetime`.
  init(lifetime: Duration, time: any TimeSource) {
    self.lifetime = lifetime
    self.time = time
    state = Locked(State(current: Key(at: time.monotonic)))
  }

  /// The key to seal with.
  func current() -> Key {
    let now = time.monotonic
    return state.withLock { state in
      rotate(&state, now)
      return state.current
    }
  }

  /// The key named `name`, and whether the ticket should be replaced; nil when it is forgotten, or never was.
  func key(named name: UnsafeRawBufferPointer) -> (key: Key, isOld: Bool)? {
    let now = time.monotonic
    return state.withLock { state in
      rotate(&state, now)
      if name.elementsEqual(state.current.name) { return (state.current, false) }
      if let previous = state.previous, name.elementsEqual(previous.name) { return (previous, true) }
      return nil
    }
  }

  private func rotate(_ state: inout State, _ now: MonotonicInstant) {
    let age = now.since(state.current.madeAt)
    if age < lifetime { return }
    // After two lifetimes without a handshake the current key is too old to open anything, too.
    state.previous = age < lifetime * 2 ? state.current : nil
    state.current = Key(at: now)
  }
}

extension TLSTicketKeys.Key {
  /// Prepares OpenSSL to seal a ticket, or to open one.
  func prepare(
    cipher: OpaquePointer?, code: OpaquePointer?, vector: UnsafeMutablePointer<UInt8>, seals: Bool
  ) -> Bool {
    material.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
      let cipherKey = base + Self.nameBytes
      let codeKey = cipherKey + Self.cipherKeyBytes
      let algorithm = EVP_aes_256_cbc()
      let isReady =
        seals
        ? RAND_bytes(vector, EVP_CIPHER_get_iv_length(algorithm)) == 1
          && EVP_EncryptInit_ex(cipher, algorithm, nil, cipherKey, vector) == 1
        : EVP_DecryptInit_ex(cipher, algorithm, nil, cipherKey, vector) == 1
      return isReady && copenssl_ticket_mac_init(code, codeKey, Self.codeKeyBytes) == 1
    }
  }
}
