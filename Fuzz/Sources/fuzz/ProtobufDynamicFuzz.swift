import Bytes
import Wire

/// Messages known by descriptors alone. An even first byte: the rest is an Everything, which has the JSON, or the
/// error, of the generated message. An odd one: two bytes of length, a descriptor set, and a message of each of
/// its types; what is written for it is JSON.
let protobufDynamicFuzz = FuzzTarget(name: "protobuf-dynamic") { bytes in
  guard let first = bytes.first else { return }
  let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
  if first & 1 == 0 {
    checkEverything(rest)
  } else {
    checkSet(rest)
  }
}

private let everything: ProtobufDescriptors = {
  do {
    let set = try Base64.standard.decode(EverythingDescriptors.base64)
    return try ProtobufDescriptors(fileDescriptorSet: set.readable)
  } catch {
    preconditionFailure("EverythingDescriptors.swift is damaged: \(error)")
  }
}()

private func checkEverything(_ bytes: UnsafeRawBufferPointer) {
  var generatedOptions = ProtobufJSONEncodingOptions()
  generatedOptions.types.register(Varve_Testing_Everything.self)
  generatedOptions.types.register(Varve_Testing_Everything.Nested.self)
  let name = Varve_Testing_Everything.protoMessageName
  do throws(ProtobufDynamicError) {
    let json = try everything.jsonUTF8Bytes(of: name, bytes: bytes.bytes)
    guard let message = try? Varve_Testing_Everything(serializedBytes: bytes.bytes) else {
      preconditionFailure("bytes were shown that are no message")
    }
    // An Any may hold more here than the generated message knows of.
    guard let expected = try? message.jsonUTF8Bytes(options: generatedOptions) else { return }
    law(json == expected, "the JSON is another")
  } catch {
    // Generated code goes into an Any in an Any until JSON ends it; here that counts as depth.
    if case .json(.notRepresentable(Google_Protobuf_Any.protoMessageName, _)) = error.reason { return }
    guard let message = try? Varve_Testing_Everything(serializedBytes: bytes.bytes) else { return }
    law((try? message.jsonUTF8Bytes(options: generatedOptions)) == nil, "\(error)")
  }
  var options = ProtobufDynamicJSONOptions()
  options.listsUnknownFields = true
  checkJSON(of: name, everything, bytes, options)
}

private func checkSet(_ bytes: UnsafeRawBufferPointer) {
  guard bytes.count >= 2 else { return }
  let length = min(Int(bytes[0]) << 8 | Int(bytes[1]), bytes.count - 2)
  let set = UnsafeRawBufferPointer(rebasing: bytes[2..<2 + length])
  let message = UnsafeRawBufferPointer(rebasing: bytes[(2 + length)...])
  guard let types = try? ProtobufDescriptors(fileDescriptorSet: set.bytes) else { return }
  var options = ProtobufDynamicJSONOptions()
  options.jsonBytes = 1 << 20
  for type in types.messages.prefix(16) {
    options.listsUnknownFields.toggle()
    options.includeDefaultValues = !options.listsUnknownFields
    checkJSON(of: type.fullName, types, message, options)
  }
}

private func checkJSON(
  of name: String, _ types: ProtobufDescriptors, _ bytes: UnsafeRawBufferPointer,
  _ options: ProtobufDynamicJSONOptions
) {
  guard let json = try? types.jsonUTF8Bytes(of: name, bytes: bytes.bytes, options: options) else { return }
  do throws(JSONError) {
    var reader = try JSONReader(
      json.readable, limits: JSONLimits(depthMaximum: JSONLimits.deepestPossible), duplicateKeys: .keepEvery)
    try reader.skipValue()
    try reader.finish()
  } catch {
    law(false, "what was written is no JSON: \(error)")
  }
}
