import Wire

/// The whole run: request in, response out.
enum Generator {
  /// Google_Protobuf_Compiler_CodeGeneratorResponse.Feature.proto3Optional, as the bit set it is sent in.
  private static let features: UInt64 = 1

  /// Generates what `request` asks for; an error is part of the response.
  static func response(
    to request: Google_Protobuf_Compiler_CodeGeneratorRequest
  ) -> Google_Protobuf_Compiler_CodeGeneratorResponse {
    var response = Google_Protobuf_Compiler_CodeGeneratorResponse()
    response.supportedFeatures = features
    do throws(GeneratorError) {
      let options = try GeneratorOptions(parsing: request.parameter)
      let schema = try Schema(request.protoFile, comments: options.comments)
      // The schema's types go with it, so it has to outlast the last file.
      defer { withExtendedLifetime(schema) {} }
      for name in request.fileToGenerate {
        guard let file = schema.files[name] else { throw .missingFile(name) }
        var output = Google_Protobuf_Compiler_CodeGeneratorResponse.File()
        output.name = options.outputPath(for: name)
        output.content = try FileWriter(file: file, schema: schema, options: options).content()
        response.file.append(output)
      }
    } catch {
      response.file = []
      response.error = error.description
    }
    return response
  }
}
