// The routes as an OpenAPI 3.1 document.

import Bytes
import HTTP
import Wire

/// What the description says of the whole.
public struct OpenAPIInformation: Sendable {
  /// What the interface is called.
  public var title: String
  /// Its version.
  public var version: String
  /// What it is for.
  public var summary: String?

  /// The title and version of an interface.
  public init(title: String, version: String, summary: String? = nil) {
    self.title = title
    self.version = version
    self.summary = summary
  }
}

/// Makes the document of routes.
struct OpenAPIDocument {
  private static let methods: [HTTPMethod: String] = [
    .get: "get", .put: "put", .post: "post", .delete: "delete", .options: "options", .head: "head",
    .patch: "patch", .trace: "trace",
  ]

  private var paths = JSONObject()
  private var schemas: [String: JSONObject] = [:]
  private var ids: Set<String> = []
  private let information: OpenAPIInformation

  init(_ routes: [Routes.Route], _ information: OpenAPIInformation) {
    self.information = information
    for route in routes where !route.operation.isHidden { add(route) }
  }

  /// The document.
  var json: ByteBuffer {
    var info: JSONValue = ["title": .string(information.title), "version": .string(information.version)]
    if let summary = information.summary { info = Self.adding("summary", .string(summary), to: info) }
    var document: JSONValue = ["openapi": "3.1.0", "info": info, "paths": .object(paths)]
    if !schemas.isEmpty {
      let sorted = schemas.sorted { $0.key < $1.key }
      let members = sorted.map { JSONObject.Member(key: $0.key, value: .object($0.value)) }
      document = Self.adding("components", ["schemas": .object(JSONObject(members))], to: document)
    }
    return ByteBuffer(document.text() + "\n")
  }

  private static func adding(_ key: String, _ value: JSONValue, to object: JSONValue) -> JSONValue {
    var members = object.object ?? JSONObject()
    members[key] = value
    return .object(members)
  }

  private mutating func add(_ route: Routes.Route) {
    // Methods of other origin have no place in the document.
    guard let method = Self.methods[route.method] else { return }
    let path = Self.template(route.pattern)
    var item = paths[path]?.object ?? JSONObject()
    // Of routes that differ in what a parameter may be, the format can describe the first alone.
    guard item[method] == nil else { return }
    item[method] = .object(operation(route))
    paths[path] = .object(item)
  }

  private static func template(_ pattern: RoutePattern) -> String {
    pattern.segments.map { segment in
      switch segment {
      case .literal(let text): "/" + text
      case .parameter(let name, _), .rest(let name): "/{\(name)}"
      }
    }.joined()
  }

  private mutating func operation(_ route: Routes.Route) -> JSONObject {
    let operation = route.operation
    var json = JSONObject()
    let id = operation.id ?? Self.id(route)
    precondition(ids.insert(id).inserted, "two operations are called \(id)")
    json["operationId"] = .string(id)
    if let summary = operation.summary { json["summary"] = .string(summary) }
    if !operation.tags.isEmpty { json["tags"] = .array(operation.tags.map { .string($0) }) }
    let parameters = pathParameters(route) + operation.parameters.map { parameter($0) }
    if !parameters.isEmpty { json["parameters"] = .array(parameters) }
    if !operation.requestContents.isEmpty {
      json["requestBody"] = ["required": true, "content": contents(operation.requestContents)]
    }
    var responses = JSONObject()
    for response in operation.responses {
      var described = JSONObject([.init(key: "description", value: .string(response.text))])
      if !response.contents.isEmpty { described["content"] = contents(response.contents) }
      responses["\(response.status.code)"] = .object(described)
    }
    if operation.responses.isEmpty { responses["default"] = ["description": "An answer."] }
    json["responses"] = .object(responses)
    return json
  }

  private static func id(_ route: Routes.Route) -> String {
    let words = route.pattern.segments.map { segment in
      switch segment {
      case .literal(let text): text
      case .parameter(let name, _): "by_\(name)"
      case .rest(let name): "under_\(name)"
      }
    }
    return ([route.method.name.lowercased()] + words).filter { !$0.isEmpty }.joined(separator: "_")
  }

  private func pathParameters(_ route: Routes.Route) -> [JSONValue] {
    route.pattern.parameters.map { parameter in
      let schema: OpenAPISchema =
        switch parameter.kind {
        case .text: .string()
        case .integer: .integer(minimum: 0)
        case .uuid: .string(format: "uuid")
        }
      var json = JSONObject([
        .init(key: "name", value: .string(parameter.name)), .init(key: "in", value: "path"),
        .init(key: "required", value: true), .init(key: "schema", value: .object(schema.json)),
      ])
      let rest = parameter.isRest ? "One or more segments, with the slashes between them." : nil
      if let text = route.operation.pathTexts[parameter.name] ?? rest { json["description"] = .string(text) }
      return .object(json)
    }
  }

  private mutating func parameter(_ parameter: Operation.Parameter) -> JSONValue {
    var json = JSONObject([
      .init(key: "name", value: .string(parameter.name)),
      .init(key: "in", value: .string(parameter.place.rawValue)),
      .init(key: "required", value: .bool(parameter.isRequired)),
      .init(key: "schema", value: schema(parameter.schema)),
    ])
    if let text = parameter.text { json["description"] = .string(text) }
    return .object(json)
  }

  private mutating func contents(_ contents: [OperationContent]) -> JSONValue {
    var json = JSONObject()
    for content in contents {
      json[content.type] = content.schema.map { ["schema": schema($0)] } ?? .object(JSONObject())
    }
    return .object(json)
  }

  /// The schema, with those that it names put where they are looked for.
  private mutating func schema(_ schema: OpenAPISchema) -> JSONValue {
    schemas.merge(schema.named) { mine, theirs in
      precondition(mine == theirs, "two schemas have one name")
      return mine
    }
    return .object(schema.json)
  }
}
