/// A message type, as its .proto file describes it.
public struct ProtobufMessageDescription: Sendable {
  /// The full name, package included, without a point before it.
  public let fullName: String
  /// The fields in the order of their numbers.
  public let fields: [ProtobufFieldDescription]
  /// Whether it stands for the entries of a map and was never written down.
  public let isMapEntry: Bool
  private let places: [Int32: Int]

  init(fullName: String, fields: [ProtobufFieldDescription], isMapEntry: Bool) {
    self.fullName = fullName
    self.fields = fields.sorted { $0.number < $1.number }
    self.isMapEntry = isMapEntry
    places = Dictionary(
      self.fields.enumerated().map { ($1.number, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The field with this number.
  public func field(_ number: Int32) -> ProtobufFieldDescription? { places[number].map { fields[$0] } }

  /// Where in `fields` the field with this number is.
  func place(of number: Int32) -> Int? { places[number] }
}
