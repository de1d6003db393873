/// Why a descriptor set was refused. Names are full names; what is not named yet is named by where it stands.
public enum ProtobufDescriptorError: Error, Equatable, Sendable {
  /// The bytes are no FileDescriptorSet, or cost more than the limits allow.
  case malformed(ProtobufError)
  /// Two files have this name.
  case duplicateFile(String)
  /// Two types have this name.
  case duplicateType(String)
  /// Two fields of the message have this name.
  case duplicateField(String, message: String)
  /// Two fields of the message have this number.
  case duplicateNumber(Int32, message: String)
  /// A name that no .proto file can give.
  case name(String, in: String)
  /// A full name that is longer than the limit.
  case nameTooLong(String, limit: Int)
  /// A message is declared deeper inside others than the limit.
  case tooDeep(String, limit: Int)
  /// A field's number is outside 1 to 536,870,911.
  case number(Int32, field: String)
  /// A field's type has a number that stands for none, or says something else than the type it names.
  case fieldType(Int32, field: String)
  /// A field's label is neither optional, required nor repeated.
  case label(Int32, field: String)
  /// A field's type is in no file of the set.
  case unresolvedType(String, field: String)
  /// A field says it is in a oneof that its message has not.
  case oneof(Int32, field: String)
  /// A message that stands for map entries does not have just a key and a value.
  case mapEntry(String)
  /// A file is in a syntax other than proto2 and proto3.
  case syntax(String, file: String)
}

extension ProtobufDescriptorError: CustomStringConvertible {
  /// A sentence for a log line.
  public var description: String {
    switch self {
    case .malformed(let error): "descriptor set: \(error)"
    case .duplicateFile(let name): "descriptor set: two files are named '\(name)'"
    case .duplicateType(let name): "descriptor set: two types are named \(name)"
    case .duplicateField(let name, let message): "descriptor set: two fields of \(message) are named \(name)"
    case .duplicateNumber(let number, let message):
      "descriptor set: two fields of \(message) have number \(number)"
    case .name(let name, let scope): "descriptor set: '\(name)' in \(scope) is no name"
    case .nameTooLong(let name, let limit): "descriptor set: longer than \(limit) bytes: \(name)"
    case .tooDeep(let name, let limit): "descriptor set: more than \(limit) messages around: \(name)"
    case .number(let number, let field): "descriptor set: \(field) has number \(number)"
    case .fieldType(let type, let field): "descriptor set: \(field) cannot be of type \(type)"
    case .label(let label, let field): "descriptor set: \(field) has label \(label)"
    case .unresolvedType(let type, let field):
      "descriptor set: \(field) is of type '\(type)', which no file of the set declares"
    case .oneof(let index, let field): "descriptor set: \(field) is in oneof \(index), which does not exist"
    case .mapEntry(let message): "descriptor set: \(message) is no map entry"
    case .syntax(let syntax, let file): "descriptor set: '\(file)' has syntax '\(syntax)'"
    }
  }
}
