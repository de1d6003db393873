import Bytes
import Wire

/// Base64: a strict variant takes only the text it would have written; the lenient one takes that as well.
let base64Fuzz = FuzzTarget(name: "base64") { bytes in
  let variants: [Base64] = [
    .standard, .url, Base64(.standard, padding: .forbidden), Base64(.url, padding: .required),
  ]
  for variant in variants {
    var decoded = ByteBuffer()
    guard (try? variant.decode(bytes.bytes, into: &decoded)) != nil else {
      precondition(decoded.isEmpty)
      continue
    }
    var again = ByteBuffer()
    variant.encode(decoded.readable, into: &again)
    precondition(again == ByteBuffer(copying: bytes))
    var lenient = ByteBuffer()
    precondition((try? Base64.lenient.decode(bytes.bytes, into: &lenient)) != nil && lenient == decoded)
  }
  var loose = ByteBuffer()
  if (try? Base64.lenient.decode(bytes.bytes, into: &loose)) != nil {
    let text: String = Base64.lenient.encode(loose.readable)
    precondition((try? Base64.standard.decode(text)) == loose)
  }
  let written: String = Base64.url.encode(bytes.bytes)
  precondition((try? Base64.url.decode(written)) == ByteBuffer(copying: bytes))
}

/// Base58: both directions undo each other.
let base58Fuzz = FuzzTarget(name: "base58") { bytes in
  var decoded = ByteBuffer()
  if (try? Base58.decode(bytes.bytes, into: &decoded)) != nil {
    var again = ByteBuffer()
    precondition((try? Base58.encode(decoded.readable, into: &again)) != nil)
    precondition(again == ByteBuffer(copying: bytes))
  } else {
    precondition(decoded.isEmpty)
  }
  var text = ByteBuffer()
  if (try? Base58.encode(bytes.bytes, into: &text)) != nil {
    var back = ByteBuffer()
    precondition((try? Base58.decode(text.readable, into: &back)) != nil)
    precondition(back == ByteBuffer(copying: bytes))
  } else {
    precondition(bytes.count > Base58.bytesMaximum)
  }
}

/// Hex: what is taken is written the same, but for the case of its letters.
let hexFuzz = FuzzTarget(name: "hex") { bytes in
  var decoded = ByteBuffer()
  guard (try? Hex.decode(bytes.bytes, into: &decoded)) != nil else {
    precondition(decoded.isEmpty)
    return
  }
  let text: String = Hex.encode(decoded.readable)
  precondition(text == String(decoding: bytes, as: UTF8.self).lowercased())
  var upper = ByteBuffer()
  Hex.encode(decoded.readable, into: &upper, letters: .upper)
  var again = ByteBuffer()
  precondition((try? Hex.decode(upper.readable, into: &again, letters: .upper)) != nil && again == decoded)
}

/// UUIDs: what is taken is written the same, but for the case of its letters.
let uuidFuzz = FuzzTarget(name: "uuid") { bytes in
  for form in [UUID.Form.hyphenated, .compact] {
    guard let id = try? UUID(parsing: bytes.bytes, form: form) else { continue }
    precondition(id.text(form: form) == String(decoding: bytes, as: UTF8.self).lowercased())
    precondition(UUID(id.description) == id)
    _ = (id.version, id.unixMilliseconds, id.hasStandardVariant)
  }
}
