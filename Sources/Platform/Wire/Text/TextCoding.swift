// What the text forms share: decoding out of a `String`, encoding into one, and 256-entry tables.

import Bytes

enum TextCoding {
  /// The mark of "not in the alphabet" in a decoding table.
  static let invalid: UInt8 = 0xff

  /// A table from character to digit for an alphabet of ASCII characters.
  static func digits(of alphabet: StaticString) -> [UInt8] {
    var table = [UInt8](repeating: invalid, count: 256)
    alphabet.withUTF8Buffer { characters in
      for (digit, character) in characters.enumerated() { table[Int(character)] = UInt8(digit) }
    }
    return table
  }

  /// What `decode` appends when given the UTF-8 of `text`.
  static func decoding(
    _ text: String, _ decode: (RawSpan, inout ByteBuffer) throws(TextError) -> Void
  ) throws(TextError) -> ByteBuffer {
    var native = text
    var buffer = ByteBuffer()
    let outcome = native.withUTF8 { bytes in
      Result { () throws(TextError) in try decode(UnsafeRawBufferPointer(bytes).bytes, &buffer) }
    }
    try outcome.get()
    return buffer
  }

  /// A string of `count` ASCII bytes that `fill` writes.
  static func string(count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) -> String {
    if count == 0 { return "" }
    return String(unsafeUninitializedCapacity: count) { room in
      if let base = room.baseAddress { fill(UnsafeMutableRawPointer(base)) }
      return count
    }
  }
}
