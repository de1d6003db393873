/// What a descriptor set may cost before it is refused.
public struct ProtobufDescriptorLimits: Equatable, Sendable {
  /// The size of the whole set.
  public var setBytes: Int
  /// Files, messages, enums, fields, oneofs and enum values, all together.
  public var declarations: Int
  /// The length of any one name, packages and enclosing messages included: each type in a message repeats the
  /// message's name in its own.
  public var nameBytes: Int
  /// How many messages may be declared inside one another, the outermost one included.
  public var depth: Int

  /// Limits; each parameter is documented at the property.
  public init(
    setBytes: Int = 16 << 20, declarations: Int = 1 << 18, nameBytes: Int = 1024, depth: Int = 32
  ) {
    precondition(setBytes >= 0 && declarations >= 0 && nameBytes >= 0 && depth >= 0, "negative limit")
    self.setBytes = setBytes
    self.declarations = declarations
    self.nameBytes = nameBytes
    self.depth = depth
  }

  /// 16 MiB, about a quarter of a million declarations.
  public static let standard = ProtobufDescriptorLimits()
}
