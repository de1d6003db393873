// Who may do what with the log. A caller shows a token in the metadata; what it may do is what the token was given.

import Bytes
import Crypto
import GRPC

/// The tokens that callers may show.
public struct LogAccess: Sendable {
  /// What callers may do; each right includes those before it.
  public enum Right: String, CaseIterable, Comparable, Sendable {
    /// Nothing.
    case none
    /// Topics, records and positions may be read.
    case read
    /// Records may be appended, and positions committed.
    case append
    /// Topics may be made, changed and deleted.
    case manage

    /// By what they include.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .none: 0
      case .read: 1
      case .append: 2
      case .manage: 3
      }
    }
  }

  /// A token, of which only the digest is kept.
  private struct Grant: Sendable {
    let name: String
    let digest: Digest<SHA256>
    let right: Right
  }

  /// What callers without a token may do.
  public var anonymous = Right.none
  private var grants: [Grant] = []

  /// Nobody may do anything.
  public init() {}

  /// Whether anybody may do anything.
  public var isClosed: Bool { anonymous == .none && grants.isEmpty }

  /// Gives a right to whoever shows `token`.
  public mutating func grant(_ right: Right, to name: String, token: String) {
    grants.append(Grant(name: name, digest: Self.digest(token), right: right))
  }

  /// Lets a call through, or says why not.
  func admit(_ call: GRPCCall, _ needed: Right) throws(GRPCStatus) {
    guard let field = call.metadata.text("authorization") else {
      if anonymous >= needed { return }
      throw GRPCStatus(.unauthenticated, "\(call.path.method) needs a token: authorization: Bearer …")
    }
    // The scheme's name has no case; a token has.
    guard field.utf8.count > 7, field.prefix(7).lowercased() == "bearer " else {
      throw GRPCStatus(.unauthenticated, "authorization is not of the form Bearer …")
    }
    let digest = Self.digest(String(field.dropFirst(7)))
    // Every grant is looked at, so that the time tells nothing about the tokens.
    var found: Grant?
    for grant in grants where grant.digest == digest { found = grant }
    guard let found else { throw GRPCStatus(.unauthenticated, "the token is not known here") }
    guard max(found.right, anonymous) >= needed else {
      throw GRPCStatus(
        .permissionDenied,
        "\(found.name) may \(found.right.rawValue), and \(call.path.method) needs \(needed.rawValue)")
    }
  }

  private static func digest(_ token: String) -> Digest<SHA256> { SHA256.hash(ByteBuffer(token)) }
}
