// The protocol versions that we speak. Older ones cannot be asked for.

/// A version of TLS.
public enum TLSVersion: Int32, Comparable, Sendable {
  /// TLS 1.2, with forward secrecy and authenticated encryption only.
  case v1_2 = 0x0303
  /// TLS 1.3.
  case v1_3 = 0x0304

  /// Older comes first.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension TLSVersion: CustomStringConvertible {
  /// "TLSv1.3", as logs everywhere have it.
  public var description: String { self == .v1_2 ? "TLSv1.2" : "TLSv1.3" }
}
