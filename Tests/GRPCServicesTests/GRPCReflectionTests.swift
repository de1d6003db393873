import Bytes
import EchoService
import GRPC
import Testing
import Wire

@testable import GRPCServices

private typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
private typealias Response = Grpc_Reflection_V1_ServerReflectionResponse
private typealias FileOutline = Varve_Grpc_FileOutline

/// A service without methods that brings these files.
private func service(_ name: String, _ files: [FileOutline]) throws -> GRPCService {
  var set = Varve_Grpc_SetOutline()
  set.file = try files.map { try $0.serializedBytes() }
  let bytes = try set.serializedBytes()
  return GRPCService(name: name, handlers: [], descriptors: Base64.standard.encode(bytes.readable))
}

private func file(
  _ name: String, package: String = "", imports: [String] = [], services: [String] = [],
  _ change: (inout FileOutline) -> Void = { _ in }
) -> FileOutline {
  var file = FileOutline()
  (file.name, file.package, file.dependency) = (name, package, imports)
  file.service = services.map { name in
    var service = Varve_Grpc_ServiceOutline()
    service.name = name
    return service
  }
  change(&file)
  return file
}

private func field(_ name: String, number: Int32 = 1, extends: String = "") -> Varve_Grpc_FieldOutline {
  var field = Varve_Grpc_FieldOutline()
  (field.name, field.number, field.extendee) = (name, number, extends)
  return field
}

private func named(_ names: String...) -> [Varve_Grpc_NameOutline] {
  names.map { name in
    var outline = Varve_Grpc_NameOutline()
    outline.name = name
    return outline
  }
}

/// A file with a declaration of every kind.
private let everyKind = file("kinds.proto", package: "a.b", services: ["S"]) { file in
  var kind = Varve_Grpc_EnumOutline()
  (kind.name, kind.value) = ("E", named("ONE"))
  var inner = Varve_Grpc_MessageOutline()
  inner.name = "Inner"
  inner.extension = [field("inner_extra", number: 200, extends: ".a.b.M")]
  var message = Varve_Grpc_MessageOutline()
  (message.name, message.field, message.oneofDecl) = ("M", [field("f")], named("choice"))
  (message.nestedType, message.enumType) = ([inner], [kind])
  file.messageType = [message]
  kind.value = named("TWO")
  file.enumType = [kind]
  file.extension = [field("extra", number: 100, extends: ".a.b.M")]
  file.service[0].method = named("Call")
}

@Suite("gRPC reflection") struct GRPCReflectionTests {
  private let echo = Varve_Testing_V1_EchoService.service(EchoAnswers())

  /// What each question is answered, in one call.
  private func ask(
    _ reflection: GRPCReflection, version: Int = 0, _ questions: [Request.OneOf_MessageRequest?]
  ) async throws -> [Response] {
    try await LoopbackCaller.with(reflection.services) { caller in
      let method = GRPCMethod<Request, Response>(
        reflection.services[version].handlers[0].path, .bidirectional)
      let call = try await caller.bidirectional(method)
      var responses: [Response] = []
      for question in questions {
        var request = Request()
        request.host = "here"
        request.messageRequest = question
        try await call.requests.send(request)
        let response = try #require(try await call.responses.next())
        #expect(response.originalRequest == request && response.validHost == "here")
        responses.append(response)
      }
      try await call.requests.finish()
      #expect(try await call.responses.next() == nil)
      return responses
    }
  }

  /// The names of the files that a question is answered with; nil when it is "not found".
  private func files(_ response: Response) throws -> [String]? {
    if response.errorResponse.errorCode == Int32(GRPCCode.notFound.rawValue) { return nil }
    return try response.fileDescriptorResponse.fileDescriptorProto.map {
      try FileOutline(serializedBytes: $0).name
    }
  }

  @Test func listsServicesAndItself() async throws {
    let reflection = try GRPCReflection(of: [GRPCHealth().service, echo])
    for version in 0..<2 {
      let list = try await ask(reflection, version: version, [.listServices("*")])[0].listServicesResponse
      #expect(
        list.service.map(\.name) == [
          "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection", "varve.testing.v1.Echo",
        ])
    }
    #expect(
      reflection.services.map(\.name) == [
        "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
      ])
  }

  @Test func findsTheFileOfEveryKindOfName() async throws {
    let reflection = try GRPCReflection(of: [try service("a.b.S", [everyKind])])
    let known = [
      "a.b.S", "a.b.S.Call", "a.b.M", "a.b.M.f", "a.b.M.choice", "a.b.M.Inner", "a.b.M.E", "a.b.M.ONE",
      "a.b.E",
      "a.b.TWO", "a.b.extra", "a.b.M.Inner.inner_extra",
    ]
    let unknown = [
      "", "a.b", "a.b.", ".a.b.M", "a.b.ONE", "a.b.M.E.ONE", "a.b.E.TWO", "b.M", "a.b.M.F", "kinds.proto",
    ]
    let answers = try await ask(reflection, (known + unknown).map { .fileContainingSymbol($0) })
    for (name, answer) in zip(known, answers) { #expect(try files(answer) == ["kinds.proto"], "\(name)") }
    for (name, answer) in zip(unknown, answers.dropFirst(known.count)) {
      #expect(try files(answer) == nil, "\(name)")
    }
  }

  @Test func findsFilesByNameWithWhatTheyImport() async throws {
    let base = file("base.proto")
    let left = file("left.proto", imports: ["base.proto"])
    let right = file("right.proto", imports: ["left.proto", "base.proto"])
    let top = file("top.proto", imports: ["right.proto", "left.proto"], services: ["S"])
    let reflection = try GRPCReflection(of: [try service("S", [base, left, right, top])])
    let table: [(String, [String]?)] = [
      ("top.proto", ["top.proto", "right.proto", "left.proto", "base.proto"]),
      ("right.proto", ["right.proto", "left.proto", "base.proto"]), ("base.proto", ["base.proto"]),
      ("gone.proto", nil), ("", nil), ("TOP.proto", nil), ("S", nil),
      ("grpc/reflection/v1/reflection.proto", ["grpc/reflection/v1/reflection.proto"]),
    ]
    let answers = try await ask(reflection, table.map { .fileByFilename($0.0) })
    for ((name, expected), answer) in zip(table, answers) {
      #expect(try files(answer) == expected, "\(name)")
    }
  }

  @Test func findsExtensions() async throws {
    let reflection = try GRPCReflection(of: [try service("a.b.S", [everyKind])])
    func question(_ type: String, _ number: Int32) -> Request.OneOf_MessageRequest {
      var wanted = Grpc_Reflection_V1_ExtensionRequest()
      (wanted.containingType, wanted.extensionNumber) = (type, number)
      return .fileContainingExtension(wanted)
    }
    let answers = try await ask(
      reflection,
      [question("a.b.M", 100), question("a.b.M", 200), question("a.b.M", 1), question("a.b.N", 100)])
    #expect(
      try answers.map(files) == [["kinds.proto"], ["kinds.proto"], nil, nil])
    let numbers = try await ask(
      reflection, ["a.b.M", "a.b.M.Inner", "a.b.E", "a.b.N"].map { .allExtensionNumbersOfType($0) })
    #expect(numbers[0].allExtensionNumbersResponse.extensionNumber == [100, 200])
    #expect(numbers[1].allExtensionNumbersResponse.baseTypeName == "a.b.M.Inner")
    #expect(numbers[1].allExtensionNumbersResponse.extensionNumber.isEmpty)
    #expect(numbers[2...].allSatisfy { $0.errorResponse.errorCode == 5 })
  }

  @Test func answersOnAfterAQuestionWithoutAnAnswer() async throws {
    let reflection = try GRPCReflection(of: [echo])
    let answers = try await ask(reflection, [nil, .fileByFilename("gone"), .fileContainingSymbol(echo.name)])
    #expect(answers[0].errorResponse.errorCode == Int32(GRPCCode.invalidArgument.rawValue))
    #expect(!answers[0].errorResponse.errorMessage.isEmpty)
    #expect(try files(answers[1]) == nil)
    #expect(try files(answers[2]) == ["testing/echo.proto"])
  }

  /// Messages can be read with nothing but what reflection says.
  @Test func whatItSaysIsEnoughToReadMessages() async throws {
    let reflection = try GRPCReflection(of: [echo])
    let files = try await ask(reflection, [.fileContainingSymbol("varve.testing.v1.Echo.Chat")])[0]
    var set = Varve_Grpc_SetOutline()
    set.file = files.fileDescriptorResponse.fileDescriptorProto
    let bytes = try set.serializedBytes()
    let types = try ProtobufDescriptors(fileDescriptorSet: bytes.readable)
    var message = Varve_Testing_V1_EchoRequest()
    message.text = "tea"
    let encoded = try message.serializedBytes()
    let json = try types.jsonUTF8Bytes(of: "varve.testing.v1.EchoRequest", bytes: encoded.readable)
    #expect(json == ByteBuffer(#"{"text":"tea"}"#))
  }

  @Test func servicesOfOneFileShareIt() throws {
    let both = [file("both.proto", services: ["S", "T"])]
    #expect(throws: Never.self) { try GRPCReflection(of: [try service("S", both), try service("T", both)]) }
  }

  /// A service whose schema nobody has is listed, and nothing more is said of it.
  @Test func listsWhatItCannotDescribe() async throws {
    let reflection = try GRPCReflection(of: [GRPCService(name: "plain.S", handlers: [])])
    let answers = try await ask(reflection, [.listServices(""), .fileContainingSymbol("plain.S")])
    #expect(answers[0].listServicesResponse.service.map(\.name).contains("plain.S"))
    #expect(try files(answers[1]) == nil)
  }

  @Test func refusesSchemasThatDoNotFitTogether() throws {
    let s = file("s.proto", package: "p", services: ["S"])
    let table: [([GRPCService], GRPCReflectionError)] = [
      (
        [try service("p.S", [s]), try service("T", [file("s.proto", services: ["T"])])],
        .filesDiffer("s.proto", service: "T")
      ),
      (
        [try service("S", [file("s.proto", imports: ["gone.proto"], services: ["S"])])],
        .missingImport("gone.proto", of: "s.proto")
      ),
      ([try service("p.T", [s])], .undeclared(service: "p.T")),
      (
        [try service("p.S", [s, file("t.proto", package: "p", services: ["S"])])],
        .declaredTwice("p.S", files: ["s.proto", "t.proto"])
      ),
      (
        [
          try service("a.b.S", [everyKind]),
          try service(
            "T",
            [
              file("t.proto", services: ["T"]) {
                $0.extension = [field("again", number: 100, extends: ".a.b.M")]
              }
            ]),
        ], .declaredTwice("extension 100 of a.b.M", files: ["kinds.proto", "t.proto"])
      ),
    ]
    for (services, error) in table {
      #expect(throws: error) { try GRPCReflection(of: services) }
      #expect(!error.description.isEmpty)
    }
    for damaged in ["!", "AAAA", "CgEB"] {
      let service = GRPCService(name: "S", handlers: [], descriptors: damaged)
      let error = #expect(throws: GRPCReflectionError.self) { try GRPCReflection(of: [service]) }
      guard case .descriptors(service: "S", _) = error else {
        Issue.record("\(damaged): \(String(describing: error))")
        continue
      }
    }
  }
}
