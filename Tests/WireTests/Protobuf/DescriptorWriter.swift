/// Writes descriptor sets by hand: also such as protoc would never write.
enum DescriptorWriter {
  struct Field {
    var name: String
    var number: UInt64
    var label: UInt64
    var type: UInt64
    var typeName: String?
    var oneof: UInt64?

    init(
      _ name: String, _ number: UInt64, label: UInt64 = 1, type: UInt64, typeName: String? = nil,
      oneof: UInt64? = nil
    ) {
      (self.name, self.number, self.label, self.type) = (name, number, label, type)
      (self.typeName, self.oneof) = (typeName, oneof)
    }
  }

  static func set(_ files: [[UInt8]]) -> [UInt8] {
    WireWriter.bytes { writer in for file in files { writer.field(1, file) } }
  }

  static func file(
    _ name: String, package: String = "", syntax: String = "proto2", messages: [[UInt8]] = [],
    enums: [[UInt8]] = []
  ) -> [UInt8] {
    WireWriter.bytes { writer in
      writer.field(1, Array(name.utf8))
      if !package.isEmpty { writer.field(2, Array(package.utf8)) }
      for message in messages { writer.field(4, message) }
      for type in enums { writer.field(5, type) }
      writer.field(12, Array(syntax.utf8))
    }
  }

  static func message(
    _ name: String, _ fields: [Field] = [], nested: [[UInt8]] = [], oneofs: Int = 0, isMapEntry: Bool = false
  ) -> [UInt8] {
    WireWriter.bytes { writer in
      writer.field(1, Array(name.utf8))
      for field in fields { writer.field(2, Self.field(field)) }
      for message in nested { writer.field(3, message) }
      if isMapEntry { writer.field(7, WireWriter.bytes { $0.field(7, varint: 1) }) }
      for _ in 0..<oneofs { writer.field(8, WireWriter.bytes { $0.field(1, Array("o".utf8)) }) }
    }
  }

  private static func field(_ field: Field) -> [UInt8] {
    WireWriter.bytes { writer in
      writer.field(1, Array(field.name.utf8))
      writer.field(3, varint: field.number)
      writer.field(4, varint: field.label)
      if field.type != 0 { writer.field(5, varint: field.type) }
      if let typeName = field.typeName { writer.field(6, Array(typeName.utf8)) }
      if let oneof = field.oneof { writer.field(9, varint: oneof) }
    }
  }

  static func enumeration(_ name: String, _ values: [(String, UInt64)]) -> [UInt8] {
    WireWriter.bytes { writer in
      writer.field(1, Array(name.utf8))
      for (name, number) in values {
        writer.field(
          2,
          WireWriter.bytes {
            $0.field(1, Array(name.utf8))
            $0.field(2, varint: number)
          })
      }
    }
  }
}
