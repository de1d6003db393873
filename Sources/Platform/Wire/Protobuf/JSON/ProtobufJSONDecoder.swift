// Reads messages out of a JSON document: the strict reader of Wire, plus what protobuf's JSON mapping adds to
// it (numbers as strings, enums by name, null for "not set"). What each field type makes of a value is in
// ProtobufScalarJSON.swift; messages with a form of their own are in WellKnown/.

/// A cursor over a JSON document.
public struct ProtobufJSONDecoder: ~Escapable {
  var reader: JSONReader
  let options: ProtobufJSONDecodingOptions

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, options: ProtobufJSONDecodingOptions) throws(ProtobufJSONError) {
    self.options = options
    do throws(JSONError) {
      reader = try JSONReader(bytes, limits: options.limits)
    } catch {
      throw .json(error)
    }
  }

  /// Runs a step of the reader; its errors become ours.
  @_lifetime(self: copy self)
  mutating func read<Result>(
    _ step: (inout JSONReader) throws(JSONError) -> Result
  ) throws(ProtobufJSONError) -> Result {
    do throws(JSONError) {
      return try step(&reader)
    } catch {
      throw .json(error)
    }
  }

  /// What kind of value comes next.
  @_lifetime(self: copy self)
  mutating func peek() throws(ProtobufJSONError) -> JSONKind {
    try read { (reader) throws(JSONError) in try reader.peek() }
  }

  /// The next member's name; nil at the end of the object.
  @_lifetime(self: copy self)
  mutating func nextKey() throws(ProtobufJSONError) -> String? {
    try read { (reader) throws(JSONError) in try reader.nextKey() ? reader.text : nil }
  }

  /// Reads over a value.
  @_lifetime(self: copy self)
  mutating func skipValue() throws(ProtobufJSONError) {
    try read { (reader) throws(JSONError) in try reader.skipValue() }
  }

  /// Reads a string.
  @_lifetime(self: copy self)
  mutating func readString() throws(ProtobufJSONError) -> String {
    try read { (reader) throws(JSONError) in try reader.readString() }
  }

  /// Reads a number, or the number a string is.
  @_lifetime(self: copy self)
  mutating func readNumber(for type: String) throws(ProtobufJSONError) -> JSONNumber {
    if try peek() != .string {
      return try read { (reader) throws(JSONError) in try reader.readNumber() }
    }
    let start = reader.offset
    guard let number = JSONNumber(try readString()) else { throw invalid(type, at: start) }
    return number
  }

  /// Reads an integer, which may be written in a string, with an exponent, or with a fraction of zero.
  @_lifetime(self: copy self)
  mutating func readInteger<Integer: FixedWidthInteger>(
    _ type: Integer.Type
  ) throws(ProtobufJSONError) -> Integer {
    _ = try peek()
    let start = reader.offset
    let decimal = try readNumber(for: "\(type)").decimal
    if let value = decimal.exactInt64, let fitting = Integer(exactly: value) { return fitting }
    if let value = decimal.exactUInt64, let fitting = Integer(exactly: value) { return fitting }
    throw invalid("\(type)", at: start)
  }

  /// Goes into an array and calls `element` before each value.
  @_lifetime(self: copy self)
  mutating func readArray(
    _ element: (inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Void
  ) throws(ProtobufJSONError) {
    try read { (reader) throws(JSONError) in try reader.beginArray() }
    while try read({ (reader) throws(JSONError) in try reader.nextElement() }) { try element(&self) }
  }

  /// Goes into an object and calls `member` before each value.
  @_lifetime(self: copy self)
  mutating func readObject(
    _ member: (String, inout ProtobufJSONDecoder) throws(ProtobufJSONError) -> Void
  ) throws(ProtobufJSONError) {
    try read { (reader) throws(JSONError) in try reader.beginObject() }
    while let name = try nextKey() { try member(name, &self) }
  }

  /// Reads `null` where it means "not set".
  @_lifetime(self: copy self)
  mutating func readNull(unless isValue: Bool) throws(ProtobufJSONError) -> Bool {
    if isValue { return false }
    return try read { (reader) throws(JSONError) in try reader.readNullIfPresent() }
  }

  /// Checks that the document ends here.
  @_lifetime(self: copy self)
  mutating func finish() throws(ProtobufJSONError) {
    try read { (reader) throws(JSONError) in try reader.finish() }
  }

  // MARK: Errors

  /// The error for a value the type cannot hold.
  func invalid(_ type: String, at offset: Int) -> ProtobufJSONError {
    .invalidValue(type: type, reader.failure(.expectedValue, at: offset).position)
  }

  /// The error for a second member of a oneof.
  public func secondOf(oneof name: String) -> ProtobufJSONError { .repeatedField(name, reader.position) }
}
