/// Why JSON could not become a message, or a message JSON.
public enum ProtobufJSONError: Error, Equatable, Sendable {
  /// The JSON itself: syntax, limits, another kind of value than the field has.
  case json(JSONError)
  /// A member that is no field of the message.
  case unknownField(String, JSONPosition)
  /// A field, or a member of the same oneof, that the object has already.
  case repeatedField(String, JSONPosition)
  /// A value of the right kind that the type cannot hold: out of range, not base64, no such enum name, a
  /// malformed timestamp.
  case invalidValue(type: String, JSONPosition)
  /// An `Any` whose type is not in the registry, or that has no "@type" where it needs one.
  case unknownType(String)
  /// An `Any` whose bytes are no message of the type it names, or cannot be made of the one it holds.
  case any(ProtobufError)
  /// A message that has no JSON form: a timestamp out of range, an infinite `Value`, an unset one, nesting
  /// beyond what JSON may have.
  case notRepresentable(type: String, reason: String)
}
