// Where everything that reflection is asked for is declared. Made once, when a server starts.

import Bytes
import Wire

/// Files by the names of what they declare.
struct ReflectionIndex: Sendable {
  /// A file that was brought.
  struct File: Sendable {
    /// A FileDescriptorProto, as protoc made it.
    let bytes: ByteBuffer
    let imports: [String]
  }

  private(set) var files: [String: File] = [:]
  /// The file of each full name.
  private(set) var symbols: [String: String] = [:]
  /// The full names of messages.
  private(set) var messages: Set<String> = []
  /// The file of each extension, by the full name of what it extends and by its number.
  private(set) var extensions: [String: [Int32: String]] = [:]

  /// The file and what it imports, directly or not: the file first.
  func fileWithImports(_ name: String) -> [ByteBuffer] {
    var (names, next) = ([name], 0)
    var seen: Set<String> = [name]
    while next < names.count {
      for imported in files[names[next]]?.imports ?? [] where seen.insert(imported).inserted {
        names.append(imported)
      }
      next += 1
    }
    return names.compactMap { files[$0]?.bytes }
  }

  // MARK: Making

  /// Adds what came with a service.
  mutating func add(_ base64: String, of service: String) throws(GRPCReflectionError) {
    for bytes in try Self.files(in: base64, of: service) {
      let outline: Varve_Grpc_FileOutline = try Self.decoded(bytes, of: service)
      if let known = files[outline.name] {
        guard known.bytes == bytes else { throw .filesDiffer(outline.name, service: service) }
        continue
      }
      files[outline.name] = File(bytes: bytes, imports: outline.dependency)
      try add(outline)
    }
    guard symbols[service] != nil else { throw .undeclared(service: service) }
  }

  /// Finds an import that did not come.
  func checkImports() throws(GRPCReflectionError) {
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      for imported in file.imports where files[imported] == nil { throw .missingImport(imported, of: name) }
    }
  }

  private static func files(
    in base64: String, of service: String
  ) throws(GRPCReflectionError) -> [ByteBuffer] {
    let set: ByteBuffer
    do throws(TextError) {
      set = try Base64.standard.decode(base64)
    } catch {
      throw .descriptors(service: service, reason: "\(error)")
    }
    let outline: Varve_Grpc_SetOutline = try decoded(set, of: service)
    return outline.file
  }

  private static func decoded<Outline: Message>(
    _ bytes: ByteBuffer, of service: String
  ) throws(GRPCReflectionError) -> Outline {
    do throws(ProtobufError) {
      return try Outline(serializedBytes: bytes)
    } catch {
      throw .descriptors(service: service, reason: "\(error)")
    }
  }

  private mutating func add(_ file: Varve_Grpc_FileOutline) throws(GRPCReflectionError) {
    let scope = Scope(file: file.name, prefix: file.package.isEmpty ? "" : file.package + ".")
    for message in file.messageType { try add(message, scope) }
    for type in file.enumType { try add(type, scope) }
    for field in file.extension { try addExtension(field, scope) }
    for service in file.service {
      try declare(service.name, scope)
      for method in service.method { try declare(method.name, scope.inside(service.name)) }
    }
  }

  private mutating func add(
    _ message: Varve_Grpc_MessageOutline, _ scope: Scope
  ) throws(GRPCReflectionError) {
    try declare(message.name, scope)
    messages.insert(scope.prefix + message.name)
    let inner = scope.inside(message.name)
    for field in message.field { try declare(field.name, inner) }
    for oneof in message.oneofDecl { try declare(oneof.name, inner) }
    for nested in message.nestedType { try add(nested, inner) }
    for type in message.enumType { try add(type, inner) }
    for field in message.extension { try addExtension(field, inner) }
  }

  private mutating func add(_ type: Varve_Grpc_EnumOutline, _ scope: Scope) throws(GRPCReflectionError) {
    try declare(type.name, scope)
    // Values are named beside their type, not inside it.
    for value in type.value { try declare(value.name, scope) }
  }

  private mutating func addExtension(
    _ field: Varve_Grpc_FieldOutline, _ scope: Scope
  ) throws(GRPCReflectionError) {
    try declare(field.name, scope)
    let extended = field.extendee.hasPrefix(".") ? String(field.extendee.dropFirst()) : field.extendee
    if let other = extensions[extended, default: [:]].updateValue(scope.file, forKey: field.number) {
      throw .declaredTwice("extension \(field.number) of \(extended)", files: [other, scope.file])
    }
  }

  private mutating func declare(_ name: String, _ scope: Scope) throws(GRPCReflectionError) {
    if let other = symbols.updateValue(scope.file, forKey: scope.prefix + name) {
      throw .declaredTwice(scope.prefix + name, files: [other, scope.file])
    }
  }

  /// Where a name is declared.
  private struct Scope {
    let file: String
    /// What full names begin with: with a point at its end.
    let prefix: String

    func inside(_ name: String) -> Scope { Scope(file: file, prefix: prefix + name + ".") }
  }
}
