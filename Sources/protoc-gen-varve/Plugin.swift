// protoc runs this program with a CodeGeneratorRequest on standard input and expects a CodeGeneratorResponse
// on standard output. What is wrong with a schema goes into the response, which protoc prints; what is wrong
// with the conversation itself goes to standard error and ends the process.

import Bytes
import Glibc
import Wire

@main
struct Plugin {
  static func main() {
    do {
      // Schemas come from the project itself: a large descriptor set is no attack.
      var limits = ProtobufDecodingLimits.standard
      limits.elements = 1 << 24
      let input = try StandardStreams.readAll()
      let request = try Google_Protobuf_Compiler_CodeGeneratorRequest(serializedBytes: input, limits: limits)
      try StandardStreams.writeAll(try Generator.response(to: request).serializedBytes())
    } catch {
      // Nothing is left to tell it to when standard error is closed, too; the status still says it.
      _ = try? StandardStreams.writeAll(ByteBuffer("protoc-gen-varve: \(error)\n"), to: STDERR_FILENO)
      exit(1)
    }
  }
}
