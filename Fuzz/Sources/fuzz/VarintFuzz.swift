import Bytes

/// Varints: what decodes encodes again to bytes that decode to the same value.
let varintFuzz = FuzzTarget(name: "varint") { bytes in
  var reader = ByteReader(bytes.bytes)
  while let value = try? reader.readVarint() {
    var again = ByteBuffer(capacity: 10)
    again.append(varint: value)
    var second = ByteReader(again.readable)
    precondition((try? second.readVarint()) == value && second.isAtEnd)
  }
}
