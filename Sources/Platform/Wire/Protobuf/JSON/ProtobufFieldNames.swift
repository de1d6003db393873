/// The names a message's fields have in JSON: the one in lowerCamelCase (or given by `json_name`) and the one
/// in the .proto file; both are read.
public struct ProtobufFieldNames: Sendable {
  private let numbers: [Int32]
  private let indexes: [String: Int]

  /// The fields of a message: number, JSON name, proto name.
  public init(_ fields: [(Int32, String, String)]) {
    numbers = fields.map(\.0)
    var indexes: [String: Int] = [:]
    indexes.reserveCapacity(fields.count * 2)
    // JSON names last: where a proto name is another field's JSON name, the JSON name is meant.
    for (index, field) in fields.enumerated() { indexes[field.2] = index }
    for (index, field) in fields.enumerated() { indexes[field.1] = index }
    self.indexes = indexes
  }

  /// The field's place among the others and its number.
  func find(_ name: String) -> (index: Int, number: Int32)? {
    indexes[name].map { ($0, numbers[$0]) }
  }
}
