// Everything that can be wrong with stored or received records, in words an operator can act on.

/// Why bytes are not the records they should be.
public enum RecordError: Error, Equatable, Sendable {
  /// The bytes end before the thing does.
  case truncated(needed: Int, got: Int)
  /// The batch has another format version than 2.
  case wrongMagic(UInt8)
  /// The batch's length field is below a header's or above the limit.
  case lengthOutOfRange(Int32)
  /// The bytes are not those the checksum was made of; `expected` is the stored one.
  case checksumMismatch(expected: UInt32, computed: UInt32)
  /// A batch begins below the offset where it must.
  case offsetOutOfOrder(expected: Int64, found: Int64)
  /// A header's fields contradict each other.
  case malformedHeader(String)
  /// A record's bytes make no record; `index` counts from 0 within the batch.
  case malformedRecord(index: Int, reason: String)
  /// A control record's key or value is not one.
  case malformedControlRecord(String)
  /// A side file's content is not what its name says.
  case malformedSideFile(file: String, reason: String)
  /// The batch is compressed in a way that is not supported: gzip (1), snappy (2) or an unknown code.
  case unsupportedCompression(UInt8)
  /// The compression library refused the bytes, or had no memory.
  case compressionFailed(String)
  /// The records would take more than this, uncompressed.
  case decompressedTooLarge(bytesMaximum: Int)
}

extension RecordError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .truncated(let needed, let got): "\(needed) bytes are needed and \(got) are there"
    case .wrongMagic(let magic): "the batch has format version \(magic); only version 2 is read"
    case .lengthOutOfRange(let length): "the batch's length field says \(length)"
    case .checksumMismatch(let expected, let computed):
      "the stored checksum is \(Self.hex(expected)), the bytes have \(Self.hex(computed))"
    case .offsetOutOfOrder(let expected, let found):
      "the batch begins at offset \(found), below \(expected), where it must not begin earlier"
    case .malformedHeader(let reason): "the batch header is malformed: \(reason)"
    case .malformedRecord(let index, let reason): "record \(index) of the batch is malformed: \(reason)"
    case .malformedControlRecord(let reason): "the control record is malformed: \(reason)"
    case .malformedSideFile(let file, let reason): "the \(file) is malformed: \(reason)"
    case .unsupportedCompression(let code): Self.unsupported(code)
    case .compressionFailed(let reason): "the compressed records could not be handled: \(reason)"
    case .decompressedTooLarge(let maximum): "the records take more than \(maximum) bytes uncompressed"
    }
  }

  private static func unsupported(_ code: UInt8) -> String {
    let name =
      switch code {
      case 1: "gzip"
      case 2: "snappy"
      default: "code \(code)"
      }
    return "the records are compressed with \(name); none, lz4 and zstd are supported"
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
