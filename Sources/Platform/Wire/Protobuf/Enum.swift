/// An enum generated from a .proto file. Every enum is open: a number without a name is kept as
/// `UNRECOGNIZED` and written back unchanged.
public protocol Enum: RawRepresentable, Hashable, Sendable where RawValue == Int {
  /// The default value.
  init()
  /// The value with this number, `UNRECOGNIZED` when it has no name; nil when the wire cannot carry it.
  init?(rawValue: Int)
  /// The value with this number.
  init(number: Int32)
  /// The number on the wire.
  var number: Int32 { get }
  /// The value named `protoName` in the .proto file.
  init?(protoName: String)
  /// The name in the .proto file; nil for a number without one.
  var protoName: String? { get }
}

extension Enum {
  /// The value with this number; nil when it is outside what the wire carries (32 bits).
  @inlinable
  public init?(rawValue: Int) {
    guard let number = Int32(exactly: rawValue) else { return nil }
    self.init(number: number)
  }

  /// The number on the wire.
  @inlinable public var rawValue: Int { Int(number) }
}
