import Bytes
import Wire

/// JSON: the tree, skipping and pulling agree on what is a document; a tree writes to a document that reads
/// back to the same tree, laid out either way; an error lies inside the document.
let jsonFuzz = FuzzTarget(name: "json") { bytes in
  let limits = JSONLimits(depthMaximum: JSONLimits.deepestPossible, stringBytesMaximum: 4096)
  let tree = Result { () throws(JSONError) in
    try JSONValue(parsing: bytes.bytes, limits: limits, duplicateKeys: .keepEvery)
  }
  let skipped = Result { () throws(JSONError) in
    var reader = try JSONReader(bytes.bytes, limits: limits)
    try reader.skipValue()
    try reader.finish()
  }
  let strict = Result { () throws(JSONError) in
    try JSONValue(parsing: bytes.bytes, limits: limits, duplicateKeys: .refuse)
  }
  switch tree {
  case .success(let value):
    precondition((try? skipped.get()) != nil)
    switch strict {
    case .success(let same): precondition(same == value)
    case .failure(let error): precondition(error.reason == .duplicateKey)
    }
    for style in [JSONWriter.Style.compact, .pretty(indent: 1)] {
      let wide = JSONLimits(depthMaximum: JSONLimits.deepestPossible)
      let again = try? JSONValue(parsing: value.text(style: style), limits: wide, duplicateKeys: .keepEvery)
      precondition(again == value)
    }
    readNumbers(of: value)
  case .failure(let error):
    precondition(error.position.offset >= 0 && error.position.offset <= bytes.count)
    precondition(error.position.line >= 1 && error.position.column >= 1)
    if case .failure(let other) = skipped { precondition(other == error) } else { preconditionFailure() }
  }
}

/// What a number says of itself must be so, and a double it gives must be written to one that reads the same.
private func readNumbers(of value: JSONValue) {
  switch value {
  case .array(let elements): for element in elements { readNumbers(of: element) }
  case .object(let object): for member in object.members { readNumbers(of: member.value) }
  case .number(let number):
    if let integer = number.int64 { precondition(JSONNumber(integer).int64 == integer) }
    if let integer = number.uint64 { precondition(JSONNumber(integer).uint64 == integer) }
    precondition(JSONNumber(number.text) == number)
    guard let double = number.double else { return }
    precondition(Double(number.text) == double)
    var writer = JSONWriter()
    guard (try? writer.double(double)) != nil else { preconditionFailure() }
    let text = writer.finish().withReadableBytes { String(decoding: $0, as: UTF8.self) }
    precondition(JSONNumber(text)?.double?.bitPattern == double.bitPattern)
  case .null, .bool, .string: return
  }
}
