// Putting messages into an Any and taking them out.

extension Google_Protobuf_Any {
  /// An `Any` holding `message`.
  public init(
    packing message: some Message, urlPrefix: String = "type.googleapis.com"
  ) throws(ProtobufError) {
    self.init()
    typeURL = urlPrefix + "/" + type(of: message).protoMessageName
    value = try message.serializedBytes()
  }

  /// Whether it says that it holds a message of this type.
  public func holds(_ type: (some Message).Type) -> Bool {
    guard let slash = typeURL.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
    return typeURL[typeURL.index(after: slash)...] == type.protoMessageName
  }

  /// The message inside; nil when it is one of another type.
  public func unpack<Content: Message>(
    _ type: Content.Type = Content.self, limits: ProtobufDecodingLimits = .standard
  ) throws(ProtobufError) -> Content? {
    holds(type) ? try Content(serializedBytes: value, limits: limits) : nil
  }
}
