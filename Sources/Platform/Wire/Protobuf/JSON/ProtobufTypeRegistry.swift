/// The message types an `Any` can be turned into JSON from and back: JSON shows what is inside.
public struct ProtobufTypeRegistry: Sendable {
  private var types: [String: any Message.Type]

  /// A registry of `types`.
  public init(_ types: [any Message.Type]) {
    self.types = [:]
    for type in types { register(type) }
  }

  /// Adds a type.
  public mutating func register(_ type: any Message.Type) { types[type.protoMessageName] = type }

  /// The type a URL like `type.googleapis.com/google.protobuf.Empty` names by its last part.
  public func type(forURL url: String) -> (any Message.Type)? {
    Self.name(inURL: url).flatMap { types[$0] }
  }

  /// The type with this full name.
  func type(named fullName: String) -> (any Message.Type)? { types[fullName] }

  /// The full name in a type's URL: what is after the last slash.
  static func name(inURL url: String) -> String? {
    guard let slash = url.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return String(url[url.index(after: slash)...])
  }

  /// The types that come with protobuf.
  public static let wellKnown = ProtobufTypeRegistry([
    Google_Protobuf_Any.self, Google_Protobuf_BoolValue.self, Google_Protobuf_BytesValue.self,
    Google_Protobuf_DoubleValue.self, Google_Protobuf_Duration.self, Google_Protobuf_Empty.self,
    Google_Protobuf_FieldMask.self, Google_Protobuf_FloatValue.self, Google_Protobuf_Int32Value.self,
    Google_Protobuf_Int64Value.self, Google_Protobuf_ListValue.self, Google_Protobuf_StringValue.self,
    Google_Protobuf_Struct.self, Google_Protobuf_Timestamp.self, Google_Protobuf_UInt32Value.self,
    Google_Protobuf_UInt64Value.self, Google_Protobuf_Value.self,
  ])
}
