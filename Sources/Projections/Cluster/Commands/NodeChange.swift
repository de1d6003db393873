// What of a node is to be described otherwise.

/// What of a node's description is to change; nil: stays.
public struct NodeChange: Hashable, Sendable {
  /// What people call it.
  public var name: String?
  /// All its addresses.
  public var addresses: [String]?
  /// What fails together with it.
  public var failureDomain: String?
  /// The release that it runs.
  public var softwareRelease: String?

  /// Nothing is to change.
  public init(
    name: String? = nil, addresses: [String]? = nil, failureDomain: String? = nil,
    softwareRelease: String? = nil
  ) {
    self.name = name
    self.addresses = addresses
    self.failureDomain = failureDomain
    self.softwareRelease = softwareRelease
  }
}
