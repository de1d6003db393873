/// How messages are written as JSON.
public struct ProtobufJSONEncodingOptions: Sendable {
  /// Writes names as they are in the .proto file instead of in lowerCamelCase.
  public var preserveProtoFieldNames = false
  /// Writes fields without presence that have their default value, empty repeated fields and empty maps too.
  public var includeDefaultValues = false
  /// Writes enums as numbers instead of names.
  public var alwaysPrintEnumsAsInts = false
  /// One line, or indented.
  public var style = JSONWriter.Style.compact
  /// The types an `Any` may hold.
  public var types = ProtobufTypeRegistry.wellKnown

  /// The canonical form.
  public init() {}
}

/// How messages are read from JSON.
public struct ProtobufJSONDecodingOptions: Sendable {
  /// Passes over members that are no field of the message, and enum names that do not exist, instead of
  /// refusing them.
  public var ignoreUnknownFields = false
  /// What the document may cost.
  public var limits = JSONLimits(depthMaximum: 100)
  /// The types an `Any` may hold.
  public var types = ProtobufTypeRegistry.wellKnown

  /// Strict.
  public init() {}
}
