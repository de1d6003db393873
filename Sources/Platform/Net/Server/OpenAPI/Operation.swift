// What a route does, in words and schemas: the part of its declaration that is for people and their tools.

public import HTTP

/// A body: its media type and what it holds.
public struct OperationContent: Sendable {
  /// The media type.
  public let type: String
  /// What it holds; nil for bytes that nobody looks into.
  public let schema: OpenAPISchema?

  /// A body of a type.
  public init(_ type: String, _ schema: OpenAPISchema? = nil) {
    self.type = type
    self.schema = schema
  }

  /// A body in JSON.
  public static func json(_ schema: OpenAPISchema) -> OperationContent {
    OperationContent("application/json", schema)
  }
}

/// What a route does.
public struct Operation: Sendable {
  /// Where a parameter stands. Those of the path are in the pattern.
  public enum Place: String, Sendable {
    /// Behind the question mark.
    case query
    /// In a header field.
    case header
    /// In a cookie.
    case cookie
  }

  struct Parameter: Sendable {
    let name: String
    let place: Place
    let schema: OpenAPISchema
    let isRequired: Bool
    let text: String?
  }

  struct Response: Sendable {
    let status: HTTPStatus
    let text: String
    let contents: [OperationContent]
  }

  private(set) var id: String?
  private(set) var summary: String?
  private(set) var tags: [String]
  private(set) var parameters: [Parameter] = []
  private(set) var pathTexts: [String: String] = [:]
  private(set) var requestContents: [OperationContent] = []
  private(set) var responses: [Response] = []
  private(set) var isHidden = false

  /// An operation.
  ///
  /// - Parameters:
  ///   - id: a name for programs; made of the method and the pattern when nil.
  ///   - summary: what it does, in a line.
  ///   - tags: what it is listed under.
  public init(_ id: String? = nil, summary: String? = nil, tags: [String] = []) {
    self.id = id
    self.summary = summary
    self.tags = tags
  }

  /// A route that is not described.
  public static var hidden: Operation {
    var operation = Operation()
    operation.isHidden = true
    return operation
  }

  /// With a parameter.
  public func parameter(
    _ name: String, in place: Place, _ schema: OpenAPISchema, isRequired: Bool = false, _ text: String? = nil
  ) -> Operation {
    changed {
      $0.parameters.append(
        Parameter(name: name, place: place, schema: schema, isRequired: isRequired, text: text))
    }
  }

  /// With a word on a parameter of the path.
  public func path(_ name: String, _ text: String) -> Operation { changed { $0.pathTexts[name] = text } }

  /// With a body that the request has, in one of these forms.
  public func accepts(_ contents: OperationContent...) -> Operation {
    changed { $0.requestContents = contents }
  }

  /// With an answer.
  public func answers(_ status: HTTPStatus, _ text: String, _ contents: OperationContent...) -> Operation {
    changed { $0.responses.append(Response(status: status, text: text, contents: contents)) }
  }

  /// With errors that are answered with problem details.
  public func fails(_ statuses: HTTPStatus...) -> Operation {
    changed { operation in
      for status in statuses {
        let contents = [OperationContent(ProblemAnswers.contentType, ProblemAnswers.schema)]
        operation.responses.append(
          Response(status: status, text: status.reason.description, contents: contents))
      }
    }
  }

  private func changed(_ change: (inout Operation) -> Void) -> Operation {
    var copy = self
    change(&copy)
    return copy
  }
}
