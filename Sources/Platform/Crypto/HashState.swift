// The running state of a hash function: copy-on-write around OpenSSL's context, so that a hash behaves as
// the value it is (copy it, go on with either), and reading a digest leaves it where it was.

import COpenSSL

/// How far a hash function has got. Its only use is inside a `HashFunction`.
public struct HashState: Sendable {
  private var context: HashContext

  /// The state before the first byte.
  public init(_ algorithm: HashAlgorithm) {
    context = HashContext(algorithm)
  }

  @usableFromInline
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&context) { context = HashContext(copying: context) }
    demand(EVP_DigestUpdate(context.pointer, bytes.baseAddress, bytes.count), "hash")
  }

  /// Writes the digest of the bytes so far; `output` has at least the digest's length.
  @usableFromInline
  func finalize(into output: UnsafeMutableRawBufferPointer) {
    finalize(appending: UnsafeRawBufferPointer(start: nil, count: 0), into: output)
  }

  /// The digest of what was hashed so far and `bytes` after it; the state itself does not move.
  func finalize(appending bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
    precondition(output.count >= context.algorithm.digestByteCount, "no room for the digest")
    let scratch = context.algorithm.resources.scratch
    demand(EVP_MD_CTX_copy_ex(scratch, context.pointer), "copy a hash state")
    demand(EVP_DigestUpdate(scratch, bytes.baseAddress, bytes.count), "hash")
    demand(EVP_DigestFinal_ex(scratch, output.bindMemory(to: UInt8.self).baseAddress, nil), "finish a hash")
  }

  /// Hashes `bytes` at once, without a state of its own; `output` has at least the digest's length.
  @usableFromInline
  static func hash(
    _ algorithm: HashAlgorithm, _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) {
    hash(algorithm, UnsafeRawBufferPointer(start: nil, count: 0), bytes, into: output)
  }

  /// Hashes two runs of bytes at once, the second after the first.
  static func hash(
    _ algorithm: HashAlgorithm, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) {
    precondition(output.count >= algorithm.digestByteCount, "no room for the digest")
    let resources = algorithm.resources
    let scratch = resources.scratch
    demand(EVP_DigestInit_ex2(scratch, resources.function, nil), "start a hash")
    demand(EVP_DigestUpdate(scratch, first.baseAddress, first.count), "hash")
    demand(EVP_DigestUpdate(scratch, second.baseAddress, second.count), "hash")
    demand(EVP_DigestFinal_ex(scratch, output.bindMemory(to: UInt8.self).baseAddress, nil), "finish a hash")
  }
}

/// Owns an `EVP_MD_CTX`.
///
/// `@unchecked Sendable`: the context is written only by `HashState.update`, and only while a single
/// reference to it exists; reading it (to copy it) from several threads is allowed.
private final class HashContext: @unchecked Sendable {
  let algorithm: HashAlgorithm
  let pointer: OpaquePointer

  init(_ algorithm: HashAlgorithm) {
    self.algorithm = algorithm
    pointer = demand(EVP_MD_CTX_new(), "allocate a hash context")
    demand(EVP_DigestInit_ex2(pointer, algorithm.resources.function, nil), "start a hash")
  }

  init(copying other: HashContext) {
    algorithm = other.algorithm
    pointer = demand(EVP_MD_CTX_new(), "allocate a hash context")
    demand(EVP_MD_CTX_copy_ex(pointer, other.pointer), "copy a hash state")
  }

  deinit { EVP_MD_CTX_free(pointer) }
}
