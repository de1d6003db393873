import Wire

/// What a schema or the plug-in's options can have wrong with them; protoc prints the description.
enum GeneratorError: Error, Equatable, CustomStringConvertible {
  /// An option that does not exist, or a value it does not take.
  case option(String, accepted: String)
  /// A file is to be generated that the request does not contain.
  case missingFile(String)
  /// A field refers to a type no file of the request defines.
  case unknownType(String, field: String)
  /// A field is a group, which only proto2 has.
  case group(field: String)
  /// A default value that does not fit the field's type.
  case defaultValue(String, field: String)
  /// What is made of a service or method would have a name that something else has.
  case nameTaken(String, by: String, service: String)
  /// A file with services is to become part of the module that services are made with.
  case servicesInsideWire(String)
  /// A file's descriptors cannot be encoded.
  case descriptors(String, ProtobufError)

  var description: String {
    switch self {
    case .option(let option, let accepted): "option '\(option)' is not understood; accepted: \(accepted)"
    case .missingFile(let name): "\(name): not in the request"
    case .unknownType(let type, let field): "\(field): type \(type) is not defined"
    case .group(let field): "\(field): groups are not supported, use a message field"
    case .defaultValue(let value, let field): "\(field): default value '\(value)' does not fit its type"
    case .nameTaken(let name, let owner, let service):
      "\(service): its Swift would have the name \(name), which \(owner) has; rename one of them"
    case .servicesInsideWire(let file):
      "\(file): services cannot be part of module Wire: say Services=None, or leave InsideWire out"
    case .descriptors(let file, let error): "\(file): its descriptors cannot be encoded: \(error)"
    }
  }
}
