import Bytes
import Wire

/// CBOR: every way of reading agrees on what is accepted; what is accepted encodes to bytes that mean the
/// same, and deterministically to bytes that there is only one of.
let cborFuzz = FuzzTarget(name: "cbor") { bytes in
  let message = ByteBuffer(copying: bytes)
  let value: CBORValue
  do throws(CBORError) {
    value = try CBORValue(decoding: message)
  } catch {
    precondition(!isSkippable(message), "skipping accepts what reading refuses")
    precondition((try? CBORValue(decoding: message, options: .deterministic)) == nil)
    return
  }
  precondition(isSkippable(message), "skipping refuses what reading accepts")
  precondition(value.description.utf8.count > 0)

  var lenient = CBORReadingOptions(duplicateKeys: .lastWins, byteStrings: .shared)
  precondition(decoded(message, lenient) == value, "there was no key twice, and something was dropped")
  lenient.duplicateKeys = .allowed
  precondition(decoded(message, lenient) == value)

  for options in [CBORWritingOptions(), CBORWritingOptions(floats: .asGiven), .deterministicLengthFirst] {
    precondition(
      decoded(encoded(value, options), CBORReadingOptions()) == value, "encoding changed the value")
  }
  // Written as they are, such bignums have no place in deterministic encoding.
  if hasLongBignum(value) { return }
  let canonical = encoded(value, .deterministic)
  precondition(decoded(canonical, .deterministic) == value, "our deterministic form is not deterministic")
  precondition(
    (decoded(message, .deterministic) != nil) == (canonical == message),
    "one value has two deterministic forms")
}

/// Whether a bignum is in the tree that a shorter item could stand for.
private func hasLongBignum(_ value: CBORValue) -> Bool {
  switch value {
  case .tagged(2...3, .bytes(let magnitude)): magnitude.count <= 8 || magnitude[0] == 0
  case .tagged(_, let content): hasLongBignum(content)
  case .array(let elements): elements.contains(where: hasLongBignum)
  case .map(let map): map.pairs.contains { hasLongBignum($0.key) || hasLongBignum($0.value) }
  default: false
  }
}

private func decoded(_ message: ByteBuffer, _ options: CBORReadingOptions) -> CBORValue? {
  try? CBORValue(decoding: message, options: options)
}

private func encoded(_ value: CBORValue, _ options: CBORWritingOptions) -> ByteBuffer {
  do {
    return try value.encoded(options)
  } catch {
    preconditionFailure("a value without duplicate keys does not encode: \(error)")
  }
}

private func isSkippable(_ message: ByteBuffer) -> Bool {
  do throws(CBORError) {
    var reader = try CBORReader(message)
    try reader.skip()
    try reader.finish()
    return true
  } catch {
    return false
  }
}
