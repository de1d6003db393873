// A number of bytes as people write it: "64 MiB", "1.5GB", "512". Binary and decimal units are both
// understood and never confused: "64 M" and "64 mb" are refused rather than guessed.

/// A number of bytes.
public struct ByteSize: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// How many bytes; never negative.
  public let bytes: Int

  /// `bytes` bytes; a negative number is a programmer's error.
  public init(bytes: Int) {
    precondition(bytes >= 0, "a size cannot be negative")
    self.bytes = bytes
  }

  /// `count` bytes.
  public static func bytes(_ count: Int) -> ByteSize { ByteSize(bytes: count) }
  /// `count` times 1024 bytes.
  public static func kibibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 10) }
  /// `count` times 1024² bytes.
  public static func mebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 20) }
  /// `count` times 1024³ bytes.
  public static func gibibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 30) }
  /// `count` times 1024⁴ bytes.
  public static func tebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 40) }

  /// Fewer bytes come first.
  public static func < (first: ByteSize, second: ByteSize) -> Bool { first.bytes < second.bytes }

  private static let units: [(name: String, bytes: UInt64)] = [
    ("EiB", 1 << 60), ("PiB", 1 << 50), ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("EB", 1_000_000_000_000_000_000), ("PB", 1_000_000_000_000_000), ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1),
  ]

  /// Reads `64 MiB`, `64MiB`, `1.5 GB`, `512 B` or `512`.
  public init(parsing text: String) throws(NotationError) {
    var rest = text[...].utf8
    guard let number = Decimal(consuming: &rest) else {
      throw .malformed("is not a size: write a number and a unit, such as 64 MiB")
    }
    if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
    let unit = String(Substring(rest))
    let factor: UInt64
    if unit.isEmpty, !text.hasSuffix(" ") {
      factor = 1
    } else if let known = Self.units.first(where: { $0.name == unit }) {
      factor = known.bytes
    } else {
      throw .malformed(Self.complaint(aboutUnit: unit))
    }
    guard let bytes = number.times(factor) else {
      throw .malformed("is not a whole number of bytes below 8 EiB")
    }
    self.bytes = bytes
  }

  private static func complaint(aboutUnit unit: String) -> String {
    let meant = units.filter { known in
      known.name.lowercased() == unit.lowercased()
        || known.name.dropLast(known.name.hasSuffix("iB") ? 2 : 1) == unit
    }.map(\.name)
    let known = "KiB, MiB, GiB, TiB, kB, MB, GB, TB"
    return meant.isEmpty || unit.isEmpty
      ? "has no unit of size: use one of \(known)"
      : "has an unclear unit: write \(meant.joined(separator: " or "))"
  }

  /// The size in the largest unit that divides it: `64 MiB`, `1 MB`, `1537 B`.
  public var description: String {
    let exact = Self.units.first { unit in bytes > 0 && UInt64(bytes) % unit.bytes == 0 }
    guard let exact else { return "0 B" }
    return "\(UInt64(bytes) / exact.bytes) \(exact.name)"
  }

  /// The size to three digits, for people who watch: `1.43 GiB`, `12.0 KiB`, `812 B`.
  public var approximate: String {
    var (value, unit) = (Double(bytes), 0)
    let names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while value >= 1023.5, unit < names.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    if unit == 0 { return "\(bytes) B" }
    let places = value < 9.995 ? 100 : value < 99.95 ? 10 : 1
    let scaled = Int((value * Double(places)).rounded())
    if places == 1 { return "\(scaled) \(names[unit])" }
    let fraction = String(scaled % places)
    let padding = String(repeating: "0", count: (places == 100 ? 2 : 1) - fraction.count)
    return "\(scaled / places).\(padding)\(fraction) \(names[unit])"
  }
}
