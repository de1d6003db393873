// Reads google.protobuf.FileDescriptorSet, only the fields that decoding and JSON need. Not the types generated
// from descriptor.proto: those are three thousand lines, most of them for options that nobody here asks for.
// What is read is believed only after DescriptorLinker checked it.

import Bytes

/// A file of the set.
struct ReadFile {
  var name = ""
  var package = ""
  var syntax = ""
  var messages: [ReadMessage] = []
  var enums: [ReadEnum] = []
}

/// A message, as it came.
struct ReadMessage {
  var name = ""
  var fields: [ReadField] = []
  var messages: [ReadMessage] = []
  var enums: [ReadEnum] = []
  var oneofs = 0
  var isMapEntry = false
}

/// A field, as it came.
struct ReadField {
  var name = ""
  var jsonName: String?
  var number: Int32 = 0
  var label: Int32 = 1
  var type: Int32 = 0
  var typeName = ""
  var oneof: Int32?
  var isProto3Optional = false
}

/// An enum, as it came.
struct ReadEnum {
  var name = ""
  var values: [(name: String, number: Int32)] = []
}

/// The reader.
enum DescriptorReader {
  /// The files of the set in `bytes`.
  static func files(
    in bytes: RawSpan, limits: ProtobufDescriptorLimits
  ) throws(ProtobufError) -> [ReadFile] {
    let limits = ProtobufDecodingLimits(
      depth: limits.depth + levelsBesideMessages, messageBytes: limits.setBytes, fieldBytes: limits.nameBytes,
      elements: limits.declarations)
    return try bytes.withUnsafeBytes { (input) throws(ProtobufError) in
      var decoder = try ProtobufDecoder(input, owner: nil, limits: limits)
      var files: [ReadFile] = []
      while let tag = try decoder.nextTag() {
        if tag == delimited(1) { files.append(try file(&decoder)) } else { try decoder.skipField(tag) }
      }
      return files
    }
  }

  /// Around the messages is the file; in the innermost one are an enum and its values.
  private static let levelsBesideMessages = 3

  private static func delimited(_ number: UInt32) -> UInt32 { number << 3 | 2 }
  private static func varint(_ number: UInt32) -> UInt32 { number << 3 }

  private static func file(_ decoder: inout ProtobufDecoder) throws(ProtobufError) -> ReadFile {
    var file = ReadFile()
    let outer = try begin(&decoder)
    while let tag = try decoder.nextTag() {
      switch tag {
      case delimited(1): file.name = try decoder.readString()
      case delimited(2): file.package = try decoder.readString()
      case delimited(4): file.messages.append(try message(&decoder))
      case delimited(5): file.enums.append(try enumeration(&decoder))
      case delimited(12): file.syntax = try decoder.readString()
      default: try decoder.skipField(tag)
      }
    }
    decoder.leave(to: outer)
    return file
  }

  private static func message(_ decoder: inout ProtobufDecoder) throws(ProtobufError) -> ReadMessage {
    var message = ReadMessage()
    let outer = try begin(&decoder)
    while let tag = try decoder.nextTag() {
      switch tag {
      case delimited(1): message.name = try decoder.readString()
      case delimited(2): message.fields.append(try field(&decoder))
      case delimited(3): message.messages.append(try Self.message(&decoder))
      case delimited(4): message.enums.append(try enumeration(&decoder))
      case delimited(7): try messageOptions(&message, &decoder)
      case delimited(8):
        try decoder.spend(elements: 1)
        message.oneofs += 1
        try decoder.skipField(tag)
      default: try decoder.skipField(tag)
      }
    }
    decoder.leave(to: outer)
    return message
  }

  private static func messageOptions(
    _ message: inout ReadMessage, _ decoder: inout ProtobufDecoder
  ) throws(ProtobufError) {
    let outer = try decoder.enter()
    while let tag = try decoder.nextTag() {
      if tag == varint(7) {
        message.isMapEntry = try ProtobufBool.decode(from: &decoder)
      } else {
        try decoder.skipField(tag)
      }
    }
    decoder.leave(to: outer)
  }

  private static func field(_ decoder: inout ProtobufDecoder) throws(ProtobufError) -> ReadField {
    var field = ReadField()
    let outer = try begin(&decoder)
    while let tag = try decoder.nextTag() {
      switch tag {
      case delimited(1): field.name = try decoder.readString()
      case varint(3): field.number = try ProtobufInt32.decode(from: &decoder)
      case varint(4): field.label = try ProtobufInt32.decode(from: &decoder)
      case varint(5): field.type = try ProtobufInt32.decode(from: &decoder)
      case delimited(6): field.typeName = try decoder.readString()
      case varint(9): field.oneof = try ProtobufInt32.decode(from: &decoder)
      case delimited(10): field.jsonName = try decoder.readString()
      case varint(17): field.isProto3Optional = try ProtobufBool.decode(from: &decoder)
      default: try decoder.skipField(tag)
      }
    }
    decoder.leave(to: outer)
    return field
  }

  private static func enumeration(_ decoder: inout ProtobufDecoder) throws(ProtobufError) -> ReadEnum {
    var type = ReadEnum()
    let outer = try begin(&decoder)
    while let tag = try decoder.nextTag() {
      switch tag {
      case delimited(1): type.name = try decoder.readString()
      case delimited(2): type.values.append(try enumValue(&decoder))
      default: try decoder.skipField(tag)
      }
    }
    decoder.leave(to: outer)
    return type
  }

  private static func enumValue(
    _ decoder: inout ProtobufDecoder
  ) throws(ProtobufError) -> (name: String, number: Int32) {
    var value = (name: "", number: Int32(0))
    let outer = try begin(&decoder)
    while let tag = try decoder.nextTag() {
      switch tag {
      case delimited(1): value.name = try decoder.readString()
      case varint(2): value.number = try ProtobufInt32.decode(from: &decoder)
      default: try decoder.skipField(tag)
      }
    }
    decoder.leave(to: outer)
    return value
  }

  /// Goes into a declaration, which counts.
  private static func begin(_ decoder: inout ProtobufDecoder) throws(ProtobufError) -> UnsafeRawPointer {
    try decoder.spend(elements: 1)
    return try decoder.enter()
  }
}
