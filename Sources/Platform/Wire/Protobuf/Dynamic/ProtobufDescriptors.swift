// Message types known only at run time: what a FileDescriptorSet (`protoc --include_imports --descriptor_set_out`)
// says, checked and linked. What can be done with them is in ProtobufDescriptors+JSON.swift.

/// The message and enum types of a descriptor set. Immutable, and cheap to copy.
public struct ProtobufDescriptors: Sendable {
  /// The message types; a `ProtobufFieldKind` names them by their places here.
  public let messages: [ProtobufMessageDescription]
  /// The enum types; a `ProtobufFieldKind` names them by their places here.
  public let enums: [ProtobufEnumDescription]
  private let places: [String: Int]
  /// How each message is written as JSON.
  let forms: [DynamicForm]
  /// Whether each enum is `google.protobuf.NullValue`, which in JSON is `null`.
  let areNull: [Bool]

  /// Reads a descriptor set, in which every type that a field has must be declared.
  ///
  /// - Parameters:
  ///   - bytes: An encoded `google.protobuf.FileDescriptorSet`.
  ///   - limits: What to accept.
  public init(
    fileDescriptorSet bytes: RawSpan, limits: ProtobufDescriptorLimits = .standard
  ) throws(ProtobufDescriptorError) {
    let files: [ReadFile]
    do throws(ProtobufError) {
      files = try DescriptorReader.files(in: bytes, limits: limits)
    } catch {
      throw .malformed(error)
    }
    let linker = try DescriptorLinker(files, limits: limits)
    messages = try linker.messages()
    enums = linker.enums
    places = linker.messagePlaces
    forms = messages.map { DynamicForm(of: $0.fullName) }
    areNull = enums.map { $0.fullName == "google.protobuf.NullValue" }
  }

  /// The message type with this full name, without a point before it.
  public func message(named fullName: String) -> ProtobufMessageDescription? {
    places[fullName].map { messages[$0] }
  }

  /// Where in `messages` the type with this full name is.
  func place(of fullName: String) -> Int? { places[fullName] }
}

/// What a message is in JSON.
enum DynamicForm: Sendable {
  /// An object of its fields.
  case object
  /// What the built-in type of the same name is.
  case wellKnown(any WellKnownJSON.Type)

  init(of fullName: String) {
    if let type = ProtobufTypeRegistry.wellKnown.type(named: fullName) as? any WellKnownJSON.Type {
      self = .wellKnown(type)
    } else {
      self = .object
    }
  }
}
