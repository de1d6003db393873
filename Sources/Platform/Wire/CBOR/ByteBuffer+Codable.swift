// Byte strings and whole items as fields of Codable types.

public import Bytes

extension ByteBuffer: Codable {
  /// A byte string, from `CBORDecoder`; from any other decoder an array of numbers, as `[UInt8]` is.
  public init(from decoder: any Decoder) throws {
    if let item = decoder as? CBORItem {
      self = try item.bytes(at: nil)
    } else {
      self.init(try [UInt8](from: decoder))
    }
  }

  /// A byte string, to `CBOREncoder`; to any other encoder an array of numbers, as `[UInt8]` is.
  public func encode(to encoder: any Encoder) throws {
    if let place = encoder as? CBOREncodingPlace {
      try place.encode(self)
    } else {
      try [UInt8](self).encode(to: encoder)
    }
  }
}

extension CBORValue: Codable {
  /// Whatever item is there. Only `CBORDecoder` can tell.
  public init(from decoder: any Decoder) throws {
    guard let item = decoder as? CBORItem else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "a CBORValue can only be decoded by CBORDecoder"))
    }
    self = try item.value(at: nil)
  }

  /// The item. Only `CBOREncoder` can write it.
  public func encode(to encoder: any Encoder) throws {
    guard let place = encoder as? CBOREncodingPlace else {
      throw EncodingError.invalidValue(
        self,
        EncodingError.Context(
          codingPath: encoder.codingPath, debugDescription: "a CBORValue can only be encoded by CBOREncoder"))
    }
    try place.encode(self)
  }
}
