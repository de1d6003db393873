// Parameters on their way to the server, in the form libpq takes them.

import Bytes
import Glibc

/// The parameters of one statement in the form libpq wants them: arrays of addresses and lengths, into one block
/// of bytes. It is filled again for each statement, so that sending one allocates nothing.
struct PostgresParameters: ~Copyable {
  /// Why values cannot be parameters.
  enum Refusal: Error {
    case zeroInText
    case tooMany
    case tooLarge
  }

  /// The protocol counts parameters in 16 bits.
  static let countMaximum = 65_535
  /// The server takes no message of more than 1 GiB; what surrounds the values needs a little of that.
  static let bytesMaximum = (1 << 30) - (1 << 20)
  /// Room that is given back after a statement that needed more.
  static let keptBytesMaximum = 256 << 10

  private(set) var addresses: UnsafeMutablePointer<UnsafePointer<CChar>?>
  private(set) var lengths: UnsafeMutablePointer<Int32>
  /// All ones: every parameter is binary.
  private(set) var formats: UnsafeMutablePointer<Int32>
  private var capacity = 0
  private var block: UnsafeMutableRawPointer
  private var blockBytes = 0
  /// Bytes of the values that are laid out now.
  private(set) var byteCount = 0

  init() {
    addresses = .allocate(capacity: 1)
    lengths = .allocate(capacity: 1)
    formats = .allocate(capacity: 1)
    block = .allocate(byteCount: 1, alignment: 8)
  }

  deinit {
    addresses.deallocate()
    lengths.deallocate()
    formats.deallocate()
    block.deallocate()
  }

  /// Lays `values` out.
  mutating func lay(_ values: [SQLValue]) throws(Refusal) {
    guard values.count <= Self.countMaximum else { throw .tooMany }
    try reserve(values)
    var next = block
    for index in values.indices {
      let start = next
      switch values[index] {
      case .null:
        addresses[index] = nil
        lengths[index] = 0
        continue
      case .integer(let value):
        next.storeBytes(of: value.bigEndian, as: Int64.self)
        next += 8
      case .real(let value):
        next.storeBytes(of: value.bitPattern.bigEndian, as: UInt64.self)
        next += 8
      case .text(let value):
        let count = Self.copy(value, to: next)
        if memchr(next, 0, count) != nil { throw .zeroInText }
        next += count
      case .bytes(let value):
        value.withReadableBytes { bytes in
          if let base = bytes.baseAddress { next.copyMemory(from: base, byteCount: bytes.count) }
        }
        next += value.count
      }
      addresses[index] = UnsafePointer(start.assumingMemoryBound(to: CChar.self))
      lengths[index] = Int32(next - start)
    }
    byteCount = next - block
  }

  private static func copy(_ text: String, to target: UnsafeMutableRawPointer) -> Int {
    let copied: Int? = text.utf8.withContiguousStorageIfAvailable { bytes in
      if let base = bytes.baseAddress { target.copyMemory(from: base, byteCount: bytes.count) }
      return bytes.count
    }
    if let copied { return copied }
    var count = 0
    for byte in text.utf8 {
      target.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
      count += 1
    }
    return count
  }

  private mutating func reserve(_ values: [SQLValue]) throws(Refusal) {
    var bytes = 1
    for value in values {
      switch value {
      case .null: break
      case .integer, .real: bytes += 8
      case .text(let text): bytes += text.utf8.count
      case .bytes(let buffer): bytes += buffer.count
      }
    }
    guard bytes <= Self.bytesMaximum else { throw .tooLarge }
    if bytes > blockBytes || blockBytes > Self.keptBytesMaximum && bytes <= Self.keptBytesMaximum {
      block.deallocate()
      blockBytes = max(bytes, 4096)
      block = .allocate(byteCount: blockBytes, alignment: 8)
    }
    guard values.count > capacity else { return }
    capacity = max(16, values.count * 2)
    addresses.deallocate()
    lengths.deallocate()
    formats.deallocate()
    addresses = .allocate(capacity: capacity)
    lengths = .allocate(capacity: capacity)
    formats = .allocate(capacity: capacity)
    formats.initialize(repeating: 1, count: capacity)
  }
}
