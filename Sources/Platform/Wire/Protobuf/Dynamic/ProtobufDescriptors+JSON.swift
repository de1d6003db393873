// Any message as JSON, from descriptors alone.

public import Bytes

extension ProtobufDescriptors {
  /// Writes a message as canonical protobuf JSON, byte for byte what a generated message of its type writes.
  ///
  /// - Parameters:
  ///   - name: The full name of the message's type.
  ///   - bytes: The encoded message. It is read whole before anything is written.
  ///   - writer: Where a value may come next. A message that turns out to have no JSON leaves it in the middle of
  ///     the document (`ByteBuffer.appendJSON` then takes back what was written).
  ///   - options: What to accept and how to write it.
  public func json(
    of name: String, bytes: RawSpan, into writer: inout JSONWriter,
    options: ProtobufDynamicJSONOptions = .init()
  ) throws(ProtobufDynamicError) {
    guard let place = place(of: name) else { throw ProtobufDynamicError(.unknownMessage(name)) }
    var path = DynamicPath()
    let value: DynamicValue
    do throws(ProtobufError) {
      value = try decode(place, bytes, limits: options.limits, failedAt: &path)
    } catch {
      throw ProtobufDynamicError(.malformed(error), path: path.description)
    }
    var encoder = DynamicJSONEncoder(continuing: writer, types: self, options: options)
    do throws(ProtobufJSONError) {
      try encoder.write(value, of: .message(place))
      writer = encoder.takeWriter()
    } catch {
      let path = encoder.path.description
      writer = encoder.takeWriter()
      if case .any(let error) = error { throw ProtobufDynamicError(.malformed(error), path: path) }
      throw ProtobufDynamicError(.json(error), path: path)
    }
  }

  /// A message as canonical protobuf JSON.
  public func jsonUTF8Bytes(
    of name: String, bytes: RawSpan, style: JSONWriter.Style = .compact,
    options: ProtobufDynamicJSONOptions = .init()
  ) throws(ProtobufDynamicError) -> ByteBuffer {
    var buffer = ByteBuffer()
    try buffer.appendJSON(style: style) { (writer) throws(ProtobufDynamicError) in
      try json(of: name, bytes: bytes, into: &writer, options: options)
    }
    return buffer
  }

  /// Reads a message; when that fails, `path` leads to where it did.
  func decode(
    _ place: Int, _ bytes: RawSpan, limits: ProtobufDecodingLimits, failedAt path: inout DynamicPath
  ) throws(ProtobufError) -> DynamicValue {
    if case .wellKnown(let type) = forms[place] { return .wellKnown(try decode(type, bytes, limits)) }
    return try bytes.withUnsafeBytes { (input) throws(ProtobufError) in
      var decoder = try DynamicDecoder(input, types: self, limits: limits)
      var message = DynamicMessage(type: place)
      do throws(ProtobufError) {
        try decoder.read(&message)
      } catch {
        path.append(decoder.path)
        throw error
      }
      return .message(message)
    }
  }

  private func decode<Known: WellKnownJSON>(
    _ type: Known.Type, _ bytes: RawSpan, _ limits: ProtobufDecodingLimits
  ) throws(ProtobufError) -> any WellKnownJSON {
    try Known(serializedBytes: bytes, limits: limits)
  }
}
