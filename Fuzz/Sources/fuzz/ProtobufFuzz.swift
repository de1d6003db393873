import Bytes
import Wire

private typealias Everything = Varve_Testing_Everything

/// Binary protobuf: what decodes encodes to bytes that decode to the same and encode to the same, and what it is
/// in JSON reads back to the same JSON. (Bytes and text are compared, because NaN is not equal to itself.)
let protobufFuzz = FuzzTarget(name: "protobuf") { bytes in
  guard let message = try? Everything(serializedBytes: bytes.bytes),
    let first = try? message.serializedBytes()
  else { return }
  precondition(first.count == message.serializedSize)
  guard let again = try? Everything(serializedBytes: first), let second = try? again.serializedBytes() else {
    preconditionFailure("what was encoded is not decoded")
  }
  precondition(first == second)
  guard let nothing = try? Varve_Testing_Nothing(serializedBytes: bytes.bytes) else {
    preconditionFailure("what is a message is not one when its fields are unknown")
  }
  precondition(nothing.unknownFields.bytes.elementsEqual(bytes))
  checkJSON(message)
}

/// JSON protobuf: the same law, from the other side.
let protobufJSONFuzz = FuzzTarget(name: "protobuf-json") { bytes in
  guard let message = try? Everything(jsonUTF8Bytes: bytes.bytes) else { return }
  guard let binary = try? message.serializedBytes(), let again = try? Everything(serializedBytes: binary)
  else {
    preconditionFailure("what was read from JSON is not a message")
  }
  precondition((try? again.serializedBytes()) == binary)
  checkJSON(again)
}

private func checkJSON(_ message: Everything) {
  guard let json = try? message.jsonUTF8Bytes() else { return }
  var deep = ProtobufJSONDecodingOptions()
  deep.limits.depthMaximum = JSONLimits.deepestPossible
  guard let read = try? Everything(jsonUTF8Bytes: json, options: deep) else {
    preconditionFailure("what was written as JSON is not read")
  }
  precondition((try? read.jsonUTF8Bytes()) == json)
}
