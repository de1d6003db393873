// The description of routes: what it says, and that somebody else's validator takes it.

import Bytes
import HTTP
import HTTPServer
import Peers
import Telemetry
import Testing
import Wire

@Suite("OpenAPI documents") struct OpenAPITests {
  static func router() -> Router {
    let node = OpenAPISchema.named(
      "Node",
      .object([
        .required("id", .string(format: "uuid")), .required("size", .integer(minimum: 0), "In bytes."),
        .optional("state", .oneOf(["live", "leaving"])), .optional("load", .number()),
        .optional("children", .array(of: .reference(to: "Node"))), .optional("is_full", .boolean()),
      ]))
    var routes = Routes()
    let answer: Endpoint = { _, _ in HTTPResponse() }
    routes.get(
      "/nodes",
      Operation("listNodes", summary: "Lists nodes", tags: ["nodes"])
        .parameter("limit", in: .query, .integer(minimum: 1), "How many at most.")
        .parameter("X-Trace", in: .header, .string(), isRequired: true)
        .answers(200, "The nodes.", .json(.array(of: node)), OperationContent("text/csv")).fails(400, 503),
      answer: answer)
    routes.put(
      "/nodes/{id:uuid}",
      Operation().path("id", "Which node.").accepts(.json(node)).answers(204, "Done.").fails(404),
      answer: answer)
    routes.get("/files/{volume:int}/{path...}", Operation(), answer: answer)
    routes.get("/files/{volume}/{path...}", Operation().answers(200, "Bytes."), answer: answer)
    routes.get("/secret", .hidden, answer: answer)
    routes.describe(.init(title: "Nodes", version: "1.2.3", summary: "All about nodes"))
    return Router(routes, server: "test", metrics: MetricRegistry())
  }

  @Test func theDocumentSaysWhatWasDeclared() async throws {
    try await ServerFixture.with(Self.router()) { fixture in
      let answer = try await fixture.send(RoutingTests.get("/openapi.json"))
      #expect(answer.contains("Content-Type: application/json\r\n"))
      let body = try #require(answer.range(of: "\r\n\r\n")).upperBound
      let document = try JSONValue(parsing: String(answer[body...]))
      #expect(document["openapi"] == "3.1.0")
      #expect(document["info"] == ["title": "Nodes", "version": "1.2.3", "summary": "All about nodes"])
      let paths = try #require(document["paths"]?.object)
      #expect(paths.members.map(\.key) == ["/nodes", "/nodes/{id}", "/files/{volume}/{path}"])
      let list = try #require(paths["/nodes"]?["get"])
      #expect(list["operationId"] == "listNodes")
      #expect(list["parameters"]?[0]?["schema"]?["minimum"] == 1)
      #expect(list["parameters"]?[1]?["required"] == true)
      let content = list["responses"]?["200"]?["content"]
      #expect(content?["application/json"]?["schema"]?["items"] == ["$ref": "#/components/schemas/Node"])
      #expect(content?["text/csv"] == [:])
      #expect(list["responses"]?["503"]?["content"]?["application/problem+json"] != nil)
      let put = try #require(paths["/nodes/{id}"]?["put"])
      #expect(put["operationId"] == "put_nodes_by_id")
      #expect(put["requestBody"]?["required"] == true)
      #expect(put["parameters"]?[0]?["schema"]?["format"] == "uuid")
      #expect(put["parameters"]?[0]?["description"] == "Which node.")
      let schemas = try #require(document["components"]?["schemas"]?.object)
      #expect(schemas.members.map(\.key) == ["Node", "Problem"])
      #expect(schemas["Node"]?["required"] == ["id", "size"])
    }
  }

  @Test func aValidatorTakesIt() async throws {
    let document = try #require(Self.router().openAPIDocument)
    let script = """
      import json, sys
      from openapi_spec_validator import OpenAPIV31SpecValidator
      document = json.load(sys.stdin)
      for error in OpenAPIV31SpecValidator(document).iter_errors():
          print(list(error.absolute_path), error.message)
      # That it looks at all.
      document["paths"]["/nodes/{id}"]["put"]["parameters"] = []
      print(len(list(OpenAPIV31SpecValidator(document).iter_errors())) > 0)
      """
    let text = try #require(String(validating: document))
    #expect(try await blocking { try ForeignProgram.python(script, input: text) } == "True\n")
  }
}
