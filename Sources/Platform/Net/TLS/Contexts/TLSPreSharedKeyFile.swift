// Pre-shared keys in a file: a line for each, `identity:key`, the key in hexadecimal. Empty lines and lines that begin
// with # are passed over.

import Bytes
public import Crypto
import Runtime

/// The keys of those who need no certificates, as a file has them. It can be read again while servers use it.
public final class TLSPreSharedKeyFile: Sendable {
  /// The longest file.
  public static let bytesMaximum = 4 << 20
  /// The most keys in one.
  public static let keysMaximum = 10_000

  /// Where it is.
  public let path: String
  private let keys: Locked<[String: SecretBytes]>

  /// Reads the file. It blocks for as long as that takes.
  public init(_ path: String) throws(TLSError) {
    self.path = path
    keys = Locked(try Self.read(path))
  }

  /// How many keys there are.
  public var count: Int { keys.withLock { $0.count } }

  /// The key of an identity; nil when there is none.
  public func key(of identity: String) -> SecretBytes? { keys.withLock { $0[identity] } }

  /// Reads the file again, has `body` do what must succeed for the new keys to be used, and uses them. When it
  /// throws, nothing has changed here. It blocks: not for an event loop.
  public func reload(before body: () throws(TLSError) -> Void = {}) throws(TLSError) {
    let fresh = try Self.read(path)
    try body()
    keys.withLock { $0 = fresh }
  }

  private static func read(_ path: String) throws(TLSError) -> [String: SecretBytes] {
    let content = try PEMFile.content(of: path, bytesMaximum: bytesMaximum)
    return try content.withUnsafeBytes { (bytes) throws(TLSError) in try parse(bytes, path: path) }
  }

  /// The keys in `bytes`, which are the content of the file at `path`.
  public static func parse(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws(TLSError) -> [String: SecretBytes] {
    var keys: [String: SecretBytes] = [:]
    var (rest, number) = (bytes[...], 0)
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      var line = rest[..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
      let key: TLSPreSharedKey
      do throws(Refusal) {
        key = try self.key(line)
      } catch {
        throw .malformed(path: path, reason: "line \(number): \(error.reason)")
      }
      guard keys.updateValue(key.key, forKey: key.identity) == nil else {
        throw .malformed(path: path, reason: "line \(number): the identity was there before")
      }
      guard keys.count <= keysMaximum else {
        throw .malformed(path: path, reason: "more than \(keysMaximum) keys")
      }
    }
    if keys.isEmpty { throw .malformed(path: path, reason: "no key in it") }
    return keys
  }

  // MARK: A line

  private struct Refusal: Error {
    let reason: String
  }

  /// What a line says. The identity may hold colons, a key cannot. Reasons never show what stands in the line.
  private static func key(_ line: Slice<UnsafeRawBufferPointer>) throws(Refusal) -> TLSPreSharedKey {
    guard let colon = line.lastIndex(of: UInt8(ascii: ":")) else {
      throw Refusal(reason: "not written as identity:key")
    }
    guard let identity = String(validating: line[..<colon], as: UTF8.self),
      identity.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { throw Refusal(reason: "the identity is no text") }
    let digits = line[(colon + 1)...]
    guard digits.count % 2 == 0, digits.allSatisfy({ nibble($0) != nil }) else {
      throw Refusal(reason: "the key is not hexadecimal, two digits for each byte")
    }
    let lengths = TLSPreSharedKey.keyBytes
    guard lengths.contains(digits.count / 2) else {
      throw Refusal(
        reason:
          "the key has \(digits.count / 2) bytes; accepted: \(lengths.lowerBound) to \(lengths.upperBound)")
    }
    let key = SecretBytes(count: digits.count / 2) { target in
      for index in target.indices {
        let place = digits.startIndex + 2 * index
        target[index] = (nibble(digits[place]) ?? 0) << 4 | (nibble(digits[place + 1]) ?? 0)
      }
    }
    do throws(TLSError) {
      return try TLSPreSharedKey(identity: identity, key: key)
    } catch {
      throw Refusal(
        reason:
          "the identity has \(identity.utf8.count) bytes; accepted: 1 to \(TLSPreSharedKey.identityBytesMaximum)"
      )
    }
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
