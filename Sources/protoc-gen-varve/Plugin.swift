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
      report("protoc-gen-varve: \(error)\n")
      exit(1)
    }
  }

  /// Writes to standard error; where even that fails, the status has to say it all.
  private static func report(_ line: String) {
    do throws(StreamError) {
      try StandardStreams.writeAll(ByteBuffer(line), to: STDERR_FILENO)
    } catch {
      exit(2)
    }
  }
}
