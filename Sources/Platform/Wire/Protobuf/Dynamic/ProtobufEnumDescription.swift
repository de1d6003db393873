/// An enum type, as its .proto file describes it.
public struct ProtobufEnumDescription: Sendable {
  /// The full name, package included, without a point before it.
  public let fullName: String
  /// The number of a field that was never set: the first value's.
  public let defaultNumber: Int32
  private let names: [Int32: String]

  init(fullName: String, values: [(name: String, number: Int32)]) {
    self.fullName = fullName
    defaultNumber = values.first?.number ?? 0
    names = Dictionary(values.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  /// The numbers that have names, in their order.
  public var numbers: [Int32] { names.keys.sorted() }

  /// The name of a number; of several, the first.
  public func name(of number: Int32) -> String? { names[number] }
}
