import Bytes
import Testing
import Wire

@testable import protoc_gen_varve

private typealias FileDescriptor = Google_Protobuf_FileDescriptorProto

private func method(
  _ name: String, _ input: String = ".shop.Order", _ output: String = ".shop.Order",
  streams: (requests: Bool, responses: Bool) = (false, false)
) -> Google_Protobuf_MethodDescriptorProto {
  var method = Google_Protobuf_MethodDescriptorProto()
  method.name = name
  method.inputType = input
  method.outputType = output
  (method.clientStreaming, method.serverStreaming) = streams
  return method
}

private func service(
  _ name: String, _ methods: [Google_Protobuf_MethodDescriptorProto]
) -> Google_Protobuf_ServiceDescriptorProto {
  var service = Google_Protobuf_ServiceDescriptorProto()
  service.name = name
  service.method = methods
  return service
}

private func message(_ name: String) -> Google_Protobuf_DescriptorProto {
  var message = Google_Protobuf_DescriptorProto()
  message.name = name
  return message
}

/// A file with a message and a service.
private func file(_ change: (inout FileDescriptor) -> Void = { _ in }) -> FileDescriptor {
  var file = FileDescriptor()
  file.name = "shop.proto"
  file.package = "shop"
  file.syntax = "proto3"
  file.messageType = [message("Order")]
  file.service = [service("Till", [method("Pay")])]
  change(&file)
  return file
}

private func response(
  _ files: FileDescriptor..., options: String = ""
) -> Google_Protobuf_Compiler_CodeGeneratorResponse {
  var request = Google_Protobuf_Compiler_CodeGeneratorRequest()
  request.protoFile = files
  request.fileToGenerate = files.last.map { [$0.name] } ?? []
  request.parameter = options
  return Generator.response(to: request)
}

@Suite("Generator of services") struct ServiceGeneratorTests {
  @Test func writesWhatIsAskedFor() throws {
    let table: [(options: String, has: [Bool])] = [
      ("", [true, true, true]), ("Services=Both", [true, true, true]),
      ("Services=Server", [true, true, false]), ("Services=Client", [true, false, true]),
      ("Services=None", [false, false, false]),
    ]
    for (options, has) in table {
      let content = try #require(response(file(), options: options).file.first).content
      let parts = [
        "enum Shop_TillService {", "protocol Shop_TillServiceProvider", "struct Shop_TillServiceClient",
      ]
      #expect(parts.map(content.contains) == has, "\(options)")
      #expect(content.contains("\nimport GRPC\n") == has[0], "\(options)")
      #expect(content.contains("static func service(") == has[1], "\(options)")
      #expect(content.contains("struct Shop_Order"))
    }
    let visible = response(file(), options: "Visibility=Public").file[0].content
    #expect(visible.contains("\npublic import GRPC\npublic import Wire\n"))
    for part in [
      "enum Shop_TillService", "protocol Shop_TillServiceProvider", "struct Shop_TillServiceClient",
    ] {
      #expect(visible.contains("\npublic \(part)"))
    }
  }

  /// A file without services comes out as if there were none in the language.
  @Test func changesNothingWithoutServices() {
    let bare = file { $0.service = [] }
    #expect(response(bare).file[0].content == response(file(), options: "Services=None").file[0].content)
  }

  @Test func importsWireForItsTypesOnly() {
    var types = file { $0.service = [] }
    types.name = "types.proto"
    let own = file {
      $0.messageType = []
      $0.dependency = ["types.proto"]
    }
    let content = response(types, own).file[0].content
    #expect(content.contains("import GRPC") && !content.contains("import Wire"))
    types.package = "google.protobuf"
    types.messageType = [message("Empty")]
    let foreign = file {
      $0.messageType = []
      $0.service = [service("Till", [method("Pay", ".google.protobuf.Empty", ".google.protobuf.Empty")])]
    }
    #expect(response(types, foreign).file[0].content.contains("\nimport GRPC\nimport Wire\n"))
  }

  @Test func carriesCommentsOver() {
    var (ofService, ofMethod) = (
      Google_Protobuf_SourceCodeInfo.Location(), Google_Protobuf_SourceCodeInfo.Location()
    )
    ofService.path = [6, 0]
    ofService.leadingComments = " Takes money.\n"
    ofMethod.path = [6, 0, 2, 0]
    ofMethod.trailingComments = " Once.\n"
    let content = response(file { $0.sourceCodeInfo.location = [ofService, ofMethod] }).file[0].content
    #expect(content.contains("/// Takes money.\nenum Shop_TillService {"))
    #expect(content.components(separatedBy: "  /// Once.\n").count == 4, "names, provider and client say so")
  }

  @Test func marksWhatIsDeprecated() {
    let content = response(
      file {
        $0.service[0].method[0].options.deprecated = true
        $0.service.append(service("Old", [method("Pay")]))
        $0.service[1].options.deprecated = true
      }
    ).file[0].content
    let mark = "@available(*, deprecated, message: \"the schema says so\")\n"
    #expect(content.contains("  \(mark)  func pay("))
    #expect(content.contains("\n\(mark)struct Shop_OldServiceClient"))
    #expect(content.components(separatedBy: mark).count == 3)
  }

  @Test func reportsWhatIsWrong() {
    let cases: [(FileDescriptor, String, String)] = [
      (
        file(), "Services=Some",
        "option 'Services=Some' is not understood; accepted: None, Server, Client, Both"
      ),
      (
        file { $0.service[0].method = [method("Pay", ".shop.Gone")] }, "",
        "shop.Till.Pay: type .shop.Gone is not defined"
      ),
      (
        file { $0.messageType.append(message("TillService")) }, "",
        "shop.Till: its Swift would have the name Shop_TillService, which shop.TillService has; rename one of them"
      ),
      (
        file { $0.messageType.append(message("TillServiceClient")) }, "",
        "shop.Till: its Swift would have the name Shop_TillServiceClient, which shop.TillServiceClient has; "
          + "rename one of them"
      ),
      (
        file { $0.service.append(service("TillService", [])) }, "",
        "shop.TillService: its Swift would have the name Shop_TillService, which shop.Till has; rename one of them"
      ),
      (
        file { $0.service[0].method = [method("GetUrl"), method("get_url")] }, "",
        "shop.Till.get_url: its Swift would have the name getURL, which GetUrl has; rename one of them"
      ),
      (
        file(), "InsideWire=true",
        "shop.proto: services cannot be part of module Wire: say Services=None, or leave InsideWire out"
      ),
      (file { $0.dependency = ["gone.proto"] }, "", "gone.proto: not in the request"),
    ]
    for (file, options, error) in cases {
      let answer = response(file, options: options)
      #expect(answer.error == error && answer.file.isEmpty)
    }
    var types = file { $0.service = [] }
    types.messageType[0].name = "Methods"
    types.options.swiftPrefix = ""
    let taken = file { $0.service = [service("Till", [method("Pay", ".shop.Methods", ".shop.Methods")])] }
    types.name = "types.proto"
    #expect(
      response(types, taken).error
        == "shop.Till: its Swift would have the name Methods, which Methods has; rename one of them")
  }

  @Test func namesMethodsSoThatTheyCanBeCalled() {
    let table = [
      ("Pay", "pay"), ("GetURL", "getURL"), ("self", "self_p"), ("Init", "init_p"), ("_", "_"),
      ("Default", "default"), ("_1", "_1"),
    ]
    for (proto, swift) in table { #expect(SwiftNames.method(proto) == swift) }
    #expect(SwiftNames.service("Log") == "LogService" && SwiftNames.service("LogService") == "LogService")
  }

  /// Every file is there once, after what it imports, and says nothing of comments.
  @Test func describesItsFileAndImports() throws {
    func plain(_ name: String, imports: [String]) -> FileDescriptor {
      var file = FileDescriptor()
      (file.name, file.package, file.syntax, file.dependency) = (name, name, "proto3", imports)
      file.sourceCodeInfo.location = [Google_Protobuf_SourceCodeInfo.Location()]
      return file
    }
    let last = file { $0.dependency = ["left", "right"] }
    let content = response(
      plain("base", imports: []), plain("left", imports: ["base"]),
      plain("right", imports: ["base", "left"]),
      plain("other", imports: []), last
    ).file[0].content
    let literal = try #require(content.split(separator: "\"\"\"").dropFirst().first)
    let base64 = literal.filter { !" \\\n".contains($0) }
    let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: try Base64.standard.decode(base64))
    #expect(set.file.map(\.name) == ["base", "left", "right", "shop.proto"])
    #expect(set.file.allSatisfy { !$0.hasSourceCodeInfo })
    #expect(set.file.last?.service.first?.method.first?.name == "Pay")
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    var (parts, rest) = ([Substring](), self[...])
    while let range = rest.firstRange(of: separator) {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return parts + [rest]
  }
}
