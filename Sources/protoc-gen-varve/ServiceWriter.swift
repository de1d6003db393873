/// Writes a service: its names, the protocol of what answers its calls, and the struct that makes calls.
struct ServiceWriter {
  let service: ServiceType
  let file: SchemaFile
  let options: GeneratorOptions
  /// Where the file's descriptors are: the source of a String.
  let descriptors: String

  private var visible: String { options.visibility.modifier }

  func write(to text: inout SourceText) {
    writeNames(to: &text)
    if options.services.includesServers {
      text.line()
      writeProvider(to: &text)
    }
    if options.services.includesClients {
      text.line()
      writeClient(to: &text)
    }
  }

  // MARK: Names

  private func writeNames(to text: inout SourceText) {
    let name = service.swiftName
    text.line(documentation(service.path, "The service `\(service.fullName)`.", service.isDeprecated))
    text.block("\(visible)enum \(name)") { text in
      text.line("/// Its name, with its package.")
      text.line("\(visible)static let name = \"\(service.fullName)\"")
      text.line()
      text.line("/// Its file and what that imports, without comments: a FileDescriptorSet in Base64.")
      text.line("\(visible)static let descriptors = \(descriptors)")
      text.line()
      text.line("/// Its methods.")
      text.block("\(visible)enum Methods") { text in
        for (index, method) in service.methods.enumerated() {
          if index > 0 { text.line() }
          text.line(documentation(method))
          text.line(
            """
            \(visible)static let \(SwiftNames.escaped(method.name)) = \
            GRPC.GRPCMethod<\(method.request.swiftName), \(method.response.swiftName)>(
              GRPC.GRPCPath(service: \(name).name, method: "\(method.protoName)"), .\(method.kind))
            """)
        }
      }
      guard options.services.includesServers else { return }
      text.line()
      text.line("/// The service, answered by a provider.")
      let provider = "_ provider: some \(service.providerName)"
      text.block("\(visible)static func service(\(provider)) -> GRPC.GRPCService") { text in
        text.line("GRPC.GRPCService(")
        text.line("  name: \(name).name,")
        text.line("  handlers: [")
        for method in service.methods { writeHandler(method, to: &text) }
        text.line("  ], descriptors: \(name).descriptors)")
      }
    }
  }

  private func writeHandler(_ method: ServiceType.Method, to text: inout SourceText) {
    var parameters = [method.streamsRequests ? "requests" : "request", "call"]
    if method.streamsResponses { parameters.insert("responses", at: 1) }
    let list = parameters.joined(separator: ", ")
    let name = SwiftNames.escaped(method.name)
    text.line(
      """
          .\(method.kind)(Methods.\(name)) { \(list) throws(GRPC.GRPCStatus) in
            try await provider.\(name)(\(list))
          },
      """)
  }

  // MARK: Answering

  private func writeProvider(to text: inout SourceText) {
    text.line("/// What answers the calls of `\(service.fullName)`.")
    text.block("\(visible)protocol \(service.providerName): Sendable") { text in
      for (index, method) in service.methods.enumerated() {
        if index > 0 { text.line() }
        text.line(documentation(method))
        var parameters = [
          method.streamsRequests
            ? "_ requests: GRPC.GRPCRequests<\(method.request.swiftName)>"
            : "_ request: \(method.request.swiftName)",
          "_ call: GRPC.GRPCCall",
        ]
        if method.streamsResponses {
          parameters.insert("_ responses: GRPC.GRPCResponses<\(method.response.swiftName)>", at: 1)
        }
        let result = method.streamsResponses ? "" : " -> \(method.response.swiftName)"
        writeSignature(method, parameters, result, "", to: &text)
      }
    }
  }

  // MARK: Calling

  private func writeClient(to text: inout SourceText) {
    text.line("/// Calls `\(service.fullName)`.")
    if service.isDeprecated { text.line(Self.deprecation) }
    text.block("\(visible)struct \(service.clientName): Sendable") { text in
      text.line("private let caller: any GRPC.GRPCCaller")
      text.line()
      text.line("/// A client that makes its calls with `caller`.")
      text.line("\(visible)init(_ caller: any GRPC.GRPCCaller) { self.caller = caller }")
      for method in service.methods {
        text.line()
        writeCall(method, to: &text)
      }
    }
  }

  private func writeCall(_ method: ServiceType.Method, to text: inout SourceText) {
    let (request, response) = (method.request.swiftName, method.response.swiftName)
    var parameters = ["_ options: GRPC.GRPCCallOptions = .init()"]
    var arguments = ["\(service.swiftName).Methods.\(SwiftNames.escaped(method.name))", "options"]
    if !method.streamsRequests {
      parameters.insert("_ request: \(request)", at: 0)
      arguments.insert("request", at: 1)
    } else if !method.streamsResponses {
      parameters.append(
        "_ body: (GRPC.GRPCOutgoing<\(request)>) async throws(GRPC.GRPCStatus) -> Void")
      arguments.append("body")
    }
    let result =
      switch (method.streamsRequests, method.streamsResponses) {
      case (_, false): response
      case (false, true): "GRPC.GRPCReplies<\(response)>"
      case (true, true): "GRPC.GRPCStreamingCall<\(request), \(response)>"
      }
    text.line(documentation(method))
    if method.isDeprecated { text.line(Self.deprecation) }
    writeSignature(method, parameters, " -> \(result) {", visible, to: &text)
    text.line("  try await self.caller.\(method.kind)(\(arguments.joined(separator: ", ")))")
    text.line("}")
  }

  // MARK: Pieces

  /// What parameters may take together on one line.
  private static let lineLength = 100

  private static let deprecation = "@available(*, deprecated, message: \"the schema says so\")"

  private func writeSignature(
    _ method: ServiceType.Method, _ parameters: [String], _ end: String, _ modifier: String,
    to text: inout SourceText
  ) {
    text.line("\(modifier)func \(SwiftNames.escaped(method.name))(")
    let line = parameters.joined(separator: ", ")
    text.line("  " + (line.utf8.count > Self.lineLength ? parameters.joined(separator: ",\n  ") : line))
    text.line(") async throws(GRPC.GRPCStatus)\(end)")
  }

  private func documentation(_ method: ServiceType.Method) -> String {
    documentation(method.path, "The method `\(method.protoName)`.", method.isDeprecated)
  }

  private func documentation(_ path: [Int32], _ otherwise: String, _ isDeprecated: Bool) -> String {
    let text = file.comments.documentation(at: path) ?? "/// " + otherwise
    return isDeprecated ? text + "\n///\n/// Deprecated by its schema." : text
  }
}
