import Bytes
import Wire

/// CBOR to Codable types: refused or accepted, never worse; what is accepted encodes and decodes to the same.
let cborCodableFuzz = FuzzTarget(name: "cbor-codable") { bytes in
  let message = ByteBuffer(copying: bytes)
  for usesIntegerKeys in [false, true] {
    for duplicates in [CBORReadingOptions.DuplicateKeys.refused, .lastWins, .allowed] {
      let decoder = CBORDecoder(
        options: CBORReadingOptions(duplicateKeys: duplicates), usesIntegerKeys: usesIntegerKeys)
      guard let sample = try? decoder.decode(Sample.self, from: message) else { continue }
      let encoder = CBOREncoder(options: .deterministic, usesIntegerKeys: usesIntegerKeys)
      // A tree that was decoded with duplicate keys cannot be sorted.
      guard let again = try? encoder.encode(sample) else {
        precondition(duplicates == .allowed, "what was decoded does not encode")
        continue
      }
      guard let second = try? CBORDecoder(usesIntegerKeys: usesIntegerKeys).decode(Sample.self, from: again)
      else {
        preconditionFailure("what was encoded does not decode: \(again)")
      }
      precondition((try? encoder.encode(second)) == again, "encoding changed the value")
    }
  }
}

/// A field of every sort.
private struct Sample: Codable {
  var a: Int?
  var b: String?
  var c: ByteBuffer?
  var d: [Double]?
  var e: [String: UInt8]?
  var f: [Int: Bool]?
  var g: [Sample]?
  var h: CBORValue?
  var i: Float?
  var j: [String]?

  enum CodingKeys: Int, CodingKey { case a = 1, b, c, d, e, f, g, h, i, j }
}
