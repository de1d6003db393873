// What values look like, as JSON Schema has it (draft 2020-12, which OpenAPI 3.1 uses).

import Wire

/// A schema.
public struct OpenAPISchema: Sendable {
  /// A property of an object.
  public struct Property: Sendable {
    let name: String
    let schema: OpenAPISchema
    let isRequired: Bool
    let description: String?

    /// A property that is always there.
    public static func required(
      _ name: String, _ schema: OpenAPISchema, _ description: String? = nil
    ) -> Property {
      Property(name: name, schema: schema, isRequired: true, description: description)
    }

    /// A property that may be missing.
    public static func optional(
      _ name: String, _ schema: OpenAPISchema, _ description: String? = nil
    ) -> Property {
      Property(name: name, schema: schema, isRequired: false, description: description)
    }
  }

  private(set) var json: JSONObject
  /// The schemas that it refers to by name.
  private(set) var named: [String: JSONObject] = [:]

  private init(type: String, _ more: [(String, JSONValue)] = []) {
    json = JSONObject([.init(key: "type", value: .string(type))])
    for (key, value) in more { json[key] = value }
  }

  /// Text. The format is one of JSON Schema's: `date-time`, `uuid`, `uri`.
  public static func string(format: String? = nil) -> OpenAPISchema {
    OpenAPISchema(type: "string", format.map { [("format", .string($0))] } ?? [])
  }

  /// One of a few words.
  public static func oneOf(_ words: [String]) -> OpenAPISchema {
    OpenAPISchema(type: "string", [("enum", .array(words.map { .string($0) }))])
  }

  /// A whole number of 64 bits.
  public static func integer(minimum: Int64? = nil) -> OpenAPISchema {
    OpenAPISchema(
      type: "integer",
      [("format", .string("int64"))] + (minimum.map { [("minimum", .integer($0))] } ?? []))
  }

  /// A number.
  public static func number() -> OpenAPISchema { OpenAPISchema(type: "number") }

  /// True or false.
  public static func boolean() -> OpenAPISchema { OpenAPISchema(type: "boolean") }

  /// A list.
  public static func array(of element: OpenAPISchema) -> OpenAPISchema {
    var schema = OpenAPISchema(type: "array", [("items", .object(element.json))])
    schema.named = element.named
    return schema
  }

  /// An object with these properties, and perhaps others.
  public static func object(_ properties: [Property]) -> OpenAPISchema {
    var (schema, members) = (OpenAPISchema(type: "object"), JSONObject())
    for property in properties {
      var json = property.schema.json
      if let description = property.description { json["description"] = .string(description) }
      members[property.name] = .object(json)
      schema.adopt(property.schema)
    }
    if !properties.isEmpty { schema.json["properties"] = .object(members) }
    let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { schema.json["required"] = .array(required) }
    return schema
  }

  /// A schema that is described once, and referred to by `name`.
  public static func named(_ name: String, _ schema: OpenAPISchema) -> OpenAPISchema {
    precondition(
      !name.isEmpty && name.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5f },
      "a schema's name is letters, digits and underscores: \(name)")
    var reference = reference(to: name)
    reference.named = schema.named
    reference.named[name] = schema.json
    return reference
  }

  /// A schema that is described elsewhere under `name`: how a schema refers to itself.
  public static func reference(to name: String) -> OpenAPISchema {
    var reference = OpenAPISchema(type: "")
    reference.json = JSONObject([.init(key: "$ref", value: .string("#/components/schemas/\(name)"))])
    return reference
  }

  private mutating func adopt(_ other: OpenAPISchema) {
    named.merge(other.named) { mine, theirs in
      precondition(mine == theirs, "two schemas have one name")
      return mine
    }
  }
}
