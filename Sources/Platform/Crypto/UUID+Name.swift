// Version 5 UUIDs: the same name in the same namespace always has the same one.

public import Wire

extension UUID {
  /// The version 5 UUID of `name` in `namespace` (RFC 9562, section 5.5).
  public init(version5 namespace: UUID, name: RawSpan) {
    var hash = SHA1()
    withUnsafeBytes(of: (namespace.high.bigEndian, namespace.low.bigEndian)) { hash.update($0) }
    hash.update(name)
    self = hash.finalize().withBytes { UUID(version5Digest: $0) }
  }

  /// The version 5 UUID of the UTF-8 of `name` in `namespace`.
  public init(version5 namespace: UUID, name: String) {
    let bytes = Array(name.utf8)
    self.init(version5: namespace, name: bytes.span.bytes)
  }
}
