/// How messages of types known at run time are read and written as JSON.
public struct ProtobufDynamicJSONOptions: Equatable, Sendable {
  /// Writes names as they are in the .proto file instead of in lowerCamelCase.
  public var preserveProtoFieldNames = false
  /// Writes fields without presence that have their default value, empty repeated fields and empty maps too.
  public var includeDefaultValues = false
  /// Writes enums as numbers instead of names.
  public var alwaysPrintEnumsAsInts = false
  /// Lists the fields that the descriptors do not know in a last member "@unknown" of their message, and shows
  /// an `Any` of an unknown type as a message of unknown fields instead of refusing it.
  public var listsUnknownFields = false
  /// What the bytes may cost. Every value that is kept counts as one of the `elements`.
  public var limits = ProtobufDecodingLimits.standard
  /// How many bytes the writer may hold when a field or element is begun: names make JSON many times longer than
  /// the message.
  public var jsonBytes = 256 << 20

  /// The canonical form.
  public init() {}
}
