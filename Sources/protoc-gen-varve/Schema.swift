// The request's descriptors, resolved: every type under its full name with its Swift name, every field with its
// shape. The writers only ever look at this. Classes, because types refer to one another in circles; used by one
// thread.

import Wire

/// A .proto file.
final class SchemaFile {
  let name: String
  let package: String
  let descriptor: Google_Protobuf_FileDescriptorProto
  let comments: Comments
  fileprivate(set) var messages: [MessageType] = []
  fileprivate(set) var enums: [EnumType] = []
  fileprivate(set) var services: [ServiceType] = []

  fileprivate init(_ descriptor: Google_Protobuf_FileDescriptorProto, comments keepsComments: Bool) {
    name = descriptor.name
    package = descriptor.package
    self.descriptor = descriptor
    comments = Comments(keepsComments ? descriptor.sourceCodeInfo : .init())
  }
}

/// An enum type.
final class EnumType {
  let fullName: String
  /// The name in the scope it is declared in.
  let localName: String
  /// The name from anywhere.
  let swiftName: String
  let descriptor: Google_Protobuf_EnumDescriptorProto
  /// Where it is in its file's descriptor; its comments are found by this.
  let path: [Int32]
  /// The Swift case of each value, in order; an alias has the name it is spelled with.
  let caseNames: [String]

  fileprivate init(_ descriptor: Google_Protobuf_EnumDescriptorProto, scope: Scope, path: [Int32]) {
    self.descriptor = descriptor
    self.path = path
    fullName = scope.fullName(descriptor.name)
    localName = SwiftNames.enumeration(scope.localPrefix + descriptor.name)
    swiftName = scope.swiftName(localName)
    caseNames = SwiftNames.cases(of: descriptor.name, values: descriptor.value.map(\.name))
  }

  /// The case a field has when nothing says otherwise: the first.
  var defaultCase: String { caseNames.first ?? "UNRECOGNIZED(0)" }
}

/// A message type.
final class MessageType {
  let fullName: String
  let localName: String
  let swiftName: String
  let descriptor: Google_Protobuf_DescriptorProto
  let file: SchemaFile
  let path: [Int32]
  fileprivate(set) var messages: [MessageType] = []
  fileprivate(set) var enums: [EnumType] = []
  fileprivate(set) var fields: [Field] = []
  fileprivate(set) var oneofs: [Oneof] = []

  fileprivate init(
    _ descriptor: Google_Protobuf_DescriptorProto, file: SchemaFile, scope: Scope, path: [Int32]
  ) {
    self.descriptor = descriptor
    self.file = file
    self.path = path
    fullName = scope.fullName(descriptor.name)
    localName = SwiftNames.message(scope.localPrefix + descriptor.name)
    swiftName = scope.swiftName(localName)
  }

  /// Whether protoc made it up for the entries of a map.
  var isMapEntry: Bool { descriptor.options.mapEntry }

  /// The fields in the order of their numbers, which is the order on the wire.
  var fieldsByNumber: [Field] { fields.sorted { $0.number < $1.number } }
}

/// Where a declaration stands.
private struct Scope {
  let fullPrefix: String
  let swiftPrefix: String
  /// Prefix of names declared here: the package's at the top of a file, nothing inside a message.
  let localPrefix: String

  func fullName(_ name: String) -> String { fullPrefix + "." + name }
  func swiftName(_ localName: String) -> String { swiftPrefix + localName }
}

/// Every type of a request.
final class Schema {
  private(set) var files: [String: SchemaFile] = [:]
  private var messages: [String: MessageType] = [:]
  private var enums: [String: EnumType] = [:]

  /// Resolves the files of a request: each comes after those it imports.
  init(_ descriptors: [Google_Protobuf_FileDescriptorProto], comments: Bool) throws(GeneratorError) {
    for descriptor in descriptors {
      let file = SchemaFile(descriptor, comments: comments)
      let prefix =
        descriptor.options.hasSwiftPrefix
        ? descriptor.options.swiftPrefix : SwiftNames.typePrefix(package: descriptor.package)
      let scope = Scope(
        fullPrefix: descriptor.package.isEmpty ? "" : "." + descriptor.package, swiftPrefix: "",
        localPrefix: prefix)
      file.messages = declare(descriptor.messageType, in: file, scope: scope, path: [4])
      file.enums = declare(descriptor.enumType, scope: scope, path: [5])
      file.services = try services(of: descriptor, prefix: prefix)
      files[descriptor.name] = file
    }
    for message in messages.values { try resolveFields(of: message) }
    StoragePlan.decide(for: messages.values.sorted { $0.fullName < $1.fullName })
  }

  /// Types, fields and files hold each other in circles, which end with the schema.
  deinit {
    for message in messages.values {
      for field in message.fields { field.oneof = nil }
      (message.fields, message.oneofs, message.messages) = ([], [], [])
    }
    for file in files.values { (file.messages, file.services) = ([], []) }
  }

  private func declare(
    _ descriptors: [Google_Protobuf_DescriptorProto], in file: SchemaFile, scope: Scope, path: [Int32]
  ) -> [MessageType] {
    descriptors.enumerated().map { index, descriptor in
      let message = MessageType(descriptor, file: file, scope: scope, path: path + [Int32(index)])
      let inner = Scope(
        fullPrefix: message.fullName, swiftPrefix: message.swiftName + ".", localPrefix: "")
      message.messages = declare(descriptor.nestedType, in: file, scope: inner, path: message.path + [3])
      message.enums = declare(descriptor.enumType, scope: inner, path: message.path + [4])
      messages[message.fullName] = message
      return message
    }
  }

  private func declare(
    _ descriptors: [Google_Protobuf_EnumDescriptorProto], scope: Scope, path: [Int32]
  ) -> [EnumType] {
    descriptors.enumerated().map { index, descriptor in
      let type = EnumType(descriptor, scope: scope, path: path + [Int32(index)])
      enums[type.fullName] = type
      return type
    }
  }

  private func services(
    of file: Google_Protobuf_FileDescriptorProto, prefix: String
  ) throws(GeneratorError) -> [ServiceType] {
    var services: [ServiceType] = []
    for (index, service) in file.service.enumerated() {
      let path = [6, Int32(index)]
      var methods: [ServiceType.Method] = []
      for (index, method) in service.method.enumerated() {
        let place = "\(file.package).\(service.name).\(method.name)"
        methods.append(
          ServiceType.Method(
            protoName: method.name, name: SwiftNames.method(method.name),
            request: try message(method.inputType, of: place),
            response: try message(method.outputType, of: place), streamsRequests: method.clientStreaming,
            streamsResponses: method.serverStreaming, isDeprecated: method.options.deprecated,
            path: path + [2, Int32(index)]))
      }
      services.append(
        ServiceType(service, package: file.package, prefix: prefix, path: path, methods: methods))
    }
    return services
  }

  private func message(_ name: String, of place: String) throws(GeneratorError) -> MessageType {
    guard let message = messages[name] else { throw .unknownType(name, field: place) }
    return message
  }

  private func resolveFields(of message: MessageType) throws(GeneratorError) {
    let descriptors = message.descriptor.field
    let names = PropertyNames(message.descriptor)
    let proto3 = message.file.descriptor.syntax == "proto3"
    for (index, descriptor) in descriptors.enumerated() {
      let where_ = message.fullName + "." + descriptor.name
      let field = Field(
        descriptor, name: names.fields[index], kind: try kind(of: descriptor, at: where_), proto3: proto3,
        path: message.path + [2, Int32(index)])
      message.fields.append(field)
    }
    // A proto3 `optional` is described as a oneof of its own, which is no oneof in Swift.
    for (index, descriptor) in message.descriptor.oneofDecl.enumerated() {
      let members = message.fields.filter { $0.descriptor.hasOneofIndex && $0.descriptor.oneofIndex == index }
      if members.isEmpty || members.allSatisfy(\.descriptor.proto3Optional) { continue }
      let oneof = Oneof(
        name: names.oneofs[index], protoName: descriptor.name, members: members,
        path: message.path + [8, Int32(index)])
      for member in members { member.oneof = oneof }
      message.oneofs.append(oneof)
    }
  }

  private func kind(
    of field: Google_Protobuf_FieldDescriptorProto, at place: String
  ) throws(GeneratorError) -> Field.Kind {
    switch field.type {
    case .message:
      return .message(try message(field.typeName, of: place))
    case .enum:
      guard let type = enums[field.typeName] else { throw .unknownType(field.typeName, field: place) }
      return .enumeration(type)
    case .group, .UNRECOGNIZED: throw .group(field: place)
    case .double: return .scalar(.double)
    case .float: return .scalar(.float)
    case .int64: return .scalar(.int64)
    case .uint64: return .scalar(.uint64)
    case .int32: return .scalar(.int32)
    case .fixed64: return .scalar(.fixed64)
    case .fixed32: return .scalar(.fixed32)
    case .bool: return .scalar(.bool)
    case .string: return .scalar(.string)
    case .bytes: return .scalar(.bytes)
    case .uint32: return .scalar(.uint32)
    case .sfixed32: return .scalar(.sfixed32)
    case .sfixed64: return .scalar(.sfixed64)
    case .sint32: return .scalar(.sint32)
    case .sint64: return .scalar(.sint64)
    }
  }
}
