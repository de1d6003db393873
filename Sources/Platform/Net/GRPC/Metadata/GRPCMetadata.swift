// What travels with a call besides its messages: names with texts, and names that end in "-bin" with bytes.

public import Bytes
package import HTTP
import Wire

/// An entry's value.
public enum GRPCMetadataValue: Hashable, Sendable {
  /// Printable ASCII.
  case text(String)
  /// Anything, under a name that ends in `-bin`.
  case bytes(ByteBuffer)
}

/// Names with values, in the order they came; a name may have several.
public struct GRPCMetadata: Hashable, Sendable {
  /// One of them.
  public struct Entry: Hashable, Sendable {
    let field: HTTPFieldName
    /// What it says.
    public let value: GRPCMetadataValue
    /// In small letters.
    public var name: String { field.text }
  }

  /// How much metadata may be.
  public enum Limit {
    /// Entries of one call.
    public static let entries = 128
    /// Bytes of names and values together, before encoding.
    public static let bytes = 8 << 10
  }

  /// All of them.
  public private(set) var entries: [Entry] = []
  private var bytes = 0

  /// None.
  public init() {}

  // MARK: Reading

  /// The first text of that name; nil when there is none.
  public func text(_ name: String) -> String? {
    for entry in entries where entry.name == name {
      if case .text(let text) = entry.value { return text }
    }
    return nil
  }

  /// The first bytes of that name; nil when there are none.
  public func bytes(_ name: String) -> ByteBuffer? {
    for entry in entries where entry.name == name {
      if case .bytes(let bytes) = entry.value { return bytes }
    }
    return nil
  }

  // MARK: Changing

  /// Adds a text.
  ///
  /// - Throws: `invalidArgument` for a name or text that cannot be sent, `resourceExhausted` when there is too much.
  public mutating func append(_ name: String, _ text: String) throws(GRPCStatus) {
    let field = try check(name, isBinary: false)
    guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      throw GRPCStatus(
        .invalidArgument, "the metadata \(name) is no printable ASCII: a name with -bin takes bytes")
    }
    try append(Entry(field: field, value: .text(text)), byteCount: text.utf8.count)
  }

  /// Adds bytes.
  ///
  /// - Parameter name: ends in `-bin`.
  /// - Throws: as above.
  public mutating func append(_ name: String, bytes: ByteBuffer) throws(GRPCStatus) {
    let field = try check(name, isBinary: true)
    try append(Entry(field: field, value: .bytes(bytes)), byteCount: bytes.count)
  }

  private mutating func append(_ entry: Entry, byteCount: Int) throws(GRPCStatus) {
    let added = entry.name.utf8.count + byteCount
    guard entries.count < Limit.entries, bytes + added <= Limit.bytes else {
      throw GRPCStatus(
        .resourceExhausted, "more metadata than \(Limit.entries) entries or \(Limit.bytes) bytes")
    }
    entries.append(entry)
    bytes += added
  }

  private func check(_ name: String, isBinary: Bool) throws(GRPCStatus) -> HTTPFieldName {
    guard name.utf8.allSatisfy(Self.isNameable), let field = HTTPFieldName(name) else {
      throw GRPCStatus(.invalidArgument, "\"\(name)\" is no name for metadata: small letters, digits, - _ .")
    }
    if Self.isReserved(name) || Self.isOfHTTP(name) {
      throw GRPCStatus(.invalidArgument, "the name \(name) is the protocol's own")
    }
    guard name.hasSuffix("-bin") == isBinary else {
      let rule = isBinary ? "names of bytes end in -bin" : "only names of bytes end in -bin"
      throw GRPCStatus(.invalidArgument, "the metadata \(name): \(rule)")
    }
    return field
  }

  private static func isNameable(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
    default: false
    }
  }

  // MARK: The wire

  /// What the fields of a head or of trailers say besides what is the protocol's own.
  ///
  /// - Throws: `resourceExhausted` when there is too much, `internal` for bytes that are not Base64.
  package init(_ fields: HTTPFields) throws(GRPCStatus) {
    // Most calls have nothing else than the protocol's own, of which no text is made.
    var others: [(name: String, value: String)] = []
    fields.forEach { name, value in
      if Self.isOwn(name) { return }
      others.append((HTTPFields.text(name).lowercased(), HTTPFields.text(value)))
    }
    for (name, value) in others {
      // What HTTP takes for a name and gRPC does not is another party's, and no business of the call.
      guard name.utf8.allSatisfy(Self.isNameable), let field = HTTPFieldName(name) else { continue }
      guard name.hasSuffix("-bin") else {
        try append(Entry(field: field, value: .text(value)), byteCount: value.utf8.count)
        continue
      }
      // Several values of one name may have been joined.
      for part in value.split(separator: ",", omittingEmptySubsequences: false) {
        let bytes: ByteBuffer
        do throws(TextError) {
          bytes = try Self.reading.decode(String(part.drop { $0 == " " }))
        } catch {
          throw GRPCStatus(.internal, "the metadata \(name) is not Base64: \(error)")
        }
        try append(Entry(field: field, value: .bytes(bytes)), byteCount: bytes.count)
      }
    }
  }

  /// Adds what it says to the fields of a head or of trailers.
  package func write(to fields: inout HTTPFields) {
    for entry in entries {
      switch entry.value {
      case .text(let text): fields.append(entry.field, text)
      case .bytes(let bytes): fields.append(entry.field, Self.writing.encode(bytes.readable))
      }
    }
  }

  /// Peers write padding or leave it out; we leave it out.
  private static let writing = Base64(.standard, padding: .forbidden)
  private static let reading = Base64(.standard, padding: .optional)

  /// Whether a field is the protocol's, in letters of whatever size.
  private static func isOwn(_ name: UnsafeRawBufferPointer) -> Bool {
    let reserved: StaticString = "grpc-"
    let isReserved =
      name.first == UInt8(ascii: ":")
      || (name.count >= reserved.utf8CodeUnitCount
        && HTTPByte.equalIgnoringCase(
          UnsafeRawBufferPointer(rebasing: name.prefix(reserved.utf8CodeUnitCount)), reserved))
    return isReserved || ofHTTP.contains { HTTPByte.equalIgnoringCase(name, $0) }
  }

  private static let ofHTTP: [StaticString] = [
    "te", "content-type", "content-length", "user-agent", "host", "accept-encoding", "date", "server",
  ]

  private static func isReserved(_ name: String) -> Bool { name.hasPrefix("grpc-") || name.hasPrefix(":") }

  private static func isOfHTTP(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { bytes in
      ofHTTP.contains { HTTPByte.equalIgnoringCase(UnsafeRawBufferPointer(bytes), $0) }
    }
  }
}
