import Bytes
import Testing

@Suite("ByteBuffer") struct ByteBufferTests {
  @Test func appendsAndConsumes() {
    var buffer = ByteBuffer("hello")
    buffer.append(" world")
    buffer.consume(6)
    #expect(String(validating: buffer) == "world")
  }
}
