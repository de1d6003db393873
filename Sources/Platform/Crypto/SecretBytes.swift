// Bytes that must not leak: keys and shared secrets. They sit outside any `ByteBuffer`, are overwritten when
// the last holder lets go, and show their length only, however they are printed.

public import Bytes
import COpenSSL
import Glibc

/// Secret bytes: zeroed on release, never printed, compared in constant time. Not `Codable`, not `Hashable`:
/// a secret does not belong in a document or in a table.
///
/// Copies share one allocation, so a secret is in memory once however many values hold it.
public struct SecretBytes: Sendable {
  private let storage: SecretStorage

  /// `count` bytes that `fill` writes; they are zero before.
  public init<Failure: Error>(
    count: Int, filling fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(count >= 0, "negative count")
    let storage = SecretStorage(count: count)
    try fill(storage.bytes)
    self.storage = storage
  }

  /// A copy of `bytes`. Whoever owns those has to wipe them.
  public init(copying bytes: RawSpan) {
    self.init(count: bytes.byteCount) { target in
      bytes.withUnsafeBytes { target.copyMemory(from: $0) }
    }
  }

  /// A copy of the UTF-8 of a passphrase or shared key.
  public init(utf8 text: String) {
    self.init(count: text.utf8.count) { $0.copyBytes(from: text.utf8) }
  }

  /// `count` random bytes; if there are none to be had the process ends (see SecureRandom.swift).
  public init(randomCount count: Int) {
    self.init(count: count) { SecureRandom.fillSecret($0) }
  }

  /// How many bytes there are.
  public var count: Int { storage.bytes.count }

  /// Calls `body` with the bytes, which must not be kept.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(storage) { () throws(Failure) in
      try body(UnsafeRawBufferPointer(storage.bytes).bytes)
    }
  }

  /// Calls `body` with the bytes, which must not be kept.
  public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(storage) { () throws(Failure) in
      try body(UnsafeRawBufferPointer(storage.bytes))
    }
  }
}

extension SecretBytes: Equatable {
  /// Whether two secrets are equal, in a time that depends on their lengths only.
  public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
    left.withBytes { one in right.withBytes { other in constantTimeEqual(one, other) } }
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The length, not the bytes.
  public var description: String { "<secret \(count) bytes>" }
  /// The length, not the bytes.
  public var debugDescription: String { description }
  /// No children: `dump` and debuggers that walk a value see the length only.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension ByteBuffer {
  /// Appends a secret, which from then on is an ordinary byte like any other: for wire formats only.
  public mutating func append(_ secret: SecretBytes) {
    secret.withUnsafeBytes { append($0) }
  }
}

/// Owns the bytes of a secret.
///
/// `@unchecked Sendable`: written only by `SecretBytes.init`, before anyone else sees it.
private final class SecretStorage: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer

  init(count: Int) {
    guard let base = calloc(max(count, 1), 1) else {
      preconditionFailure("out of memory for a secret of \(count) bytes")
    }
    bytes = UnsafeMutableRawBufferPointer(start: base, count: count)
  }

  deinit {
    // Unlike memset, not removed by an optimizer that sees the memory freed next.
    OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    free(bytes.baseAddress)
  }
}
