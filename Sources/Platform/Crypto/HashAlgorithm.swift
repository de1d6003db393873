// The hash functions there are, as a value: for code that learns from a header or a configuration which
// one to use. Code that knows uses the types in HashFunctions.swift.

import COpenSSL
import Glibc

/// A hash function, chosen at run time.
public enum HashAlgorithm: UInt8, Sendable, CaseIterable {
  /// MD5: broken, here for checksums that other systems define (ETag, Content-MD5).
  case md5
  /// SHA-1: broken for signatures, here for name-based identifiers and the WebSocket handshake.
  case sha1
  /// SHA-256.
  case sha256
  /// SHA-384.
  case sha384
  /// SHA-512.
  case sha512

  /// How many bytes a digest has.
  public var digestByteCount: Int {
    switch self {
    case .md5: 16
    case .sha1: 20
    case .sha256: 32
    case .sha384: 48
    case .sha512: 64
    }
  }

  /// How many bytes the function takes in at a time.
  public var blockByteCount: Int {
    switch self {
    case .md5, .sha1, .sha256: 64
    case .sha384, .sha512: 128
    }
  }

  /// The name by which OpenSSL knows it.
  var name: String {
    switch self {
    case .md5: "MD5"
    case .sha1: "SHA1"
    case .sha256: "SHA2-256"
    case .sha384: "SHA2-384"
    case .sha512: "SHA2-512"
    }
  }

  /// What OpenSSL and this thread keep for the function.
  var resources: HashResources {
    switch self {
    case .md5: HashResources.md5
    case .sha1: HashResources.sha1
    case .sha256: HashResources.sha256
    case .sha384: HashResources.sha384
    case .sha512: HashResources.sha512
    }
  }
}

/// The fetched algorithm, and one scratch context a thread.
///
/// Fetching takes a lock and a look-up by name (some 100 ns and more), and a new context is two allocations:
/// both would outweigh hashing a small input.
///
/// `@unchecked Sendable`: both members are set once; OpenSSL lets any thread use a fetched algorithm, and the
/// key yields each thread a context of its own.
final class HashResources: @unchecked Sendable {
  static let md5 = HashResources(.md5)
  static let sha1 = HashResources(.sha1)
  static let sha256 = HashResources(.sha256)
  static let sha384 = HashResources(.sha384)
  static let sha512 = HashResources(.sha512)

  /// The fetched `EVP_MD`, kept for the life of the process.
  let function: OpaquePointer
  private let scratchKey: pthread_key_t

  private init(_ algorithm: HashAlgorithm) {
    function = demand(EVP_MD_fetch(nil, algorithm.name, nil), "provide a hash function")
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { context in
      if let context { EVP_MD_CTX_free(OpaquePointer(context)) }
    }
    precondition(status == 0, "no thread-specific key is left")
    scratchKey = key
  }

  /// This thread's context: good until the caller returns, in whatever state the last use left it.
  var scratch: OpaquePointer {
    if let context = pthread_getspecific(scratchKey) { return OpaquePointer(context) }
    let context = demand(EVP_MD_CTX_new(), "allocate a hash context")
    let status = pthread_setspecific(scratchKey, UnsafeRawPointer(context))
    precondition(status == 0, "no memory for thread-specific data")
    return context
  }
}
