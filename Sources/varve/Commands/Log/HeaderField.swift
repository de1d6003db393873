// `name=value` on the command line: a header of a record.

import Bytes
import CommandLine
import Records

/// A header as it is typed.
struct HeaderField: Hashable, Sendable {
  let name: String
  let value: String

  /// The header of a record.
  var header: RecordHeader { RecordHeader(key: name, value: ByteBuffer(value)) }
}

extension ValueNotation where Value == HeaderField {
  /// A name, an equals sign, and a value that may be empty.
  static var header: ValueNotation {
    ValueNotation(
      name: "header", accepted: "a name, = and a value", placeholder: "NAME=VALUE",
      read: { text throws(NotationError) in
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
          throw .malformed("has no name and =")
        }
        return HeaderField(
          name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
      },
      write: { "\($0.name)=\($0.value)" })
  }
}
