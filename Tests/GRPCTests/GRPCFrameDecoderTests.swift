import Bytes
import Testing

@testable import GRPC

@Suite("Messages out of a body") struct GRPCFrameDecoderTests {
  private func message(_ text: String, isCompressed: Bool = false) -> ByteBuffer {
    var buffer = ByteBuffer()
    GRPCFrameDecoder.writePrefix(isCompressed: isCompressed, count: text.utf8.count, to: &buffer)
    buffer.append(text)
    return buffer
  }

  private func frames(_ decoder: inout GRPCFrameDecoder) throws(GRPCStatus) -> [GRPCFrame] {
    var frames: [GRPCFrame] = []
    while let frame = try decoder.next() { frames.append(frame) }
    return frames
  }

  @Test("the prefix is a flag and a length of four bytes, the highest first")
  func prefix() {
    var buffer = ByteBuffer()
    GRPCFrameDecoder.writePrefix(isCompressed: true, count: 0x0102_0304, to: &buffer)
    #expect(buffer == ByteBuffer([1, 1, 2, 3, 4]))
  }

  @Test("messages come out the same however the body is cut", arguments: 1...20)
  func cuts(_ size: Int) throws {
    var body = message("one")
    body.append(message(""))
    body.append(message("three, which is longer", isCompressed: true))
    var decoder = GRPCFrameDecoder(bytesMaximum: 100)
    var found: [GRPCFrame] = []
    while !body.isEmpty {
      decoder.receive(body.split(min(size, body.count)))
      found += try frames(&decoder)
    }
    try decoder.finish()
    #expect(
      found == [
        GRPCFrame(isCompressed: false, bytes: ByteBuffer("one")),
        GRPCFrame(isCompressed: false, bytes: ByteBuffer()),
        GRPCFrame(isCompressed: true, bytes: ByteBuffer("three, which is longer")),
      ])
  }

  @Test("a message of the limit is taken, and one byte more refused before it has come")
  func limit() throws {
    var decoder = GRPCFrameDecoder(bytesMaximum: 5)
    decoder.receive(message("12345"))
    #expect(try frames(&decoder).count == 1)
    var buffer = ByteBuffer()
    GRPCFrameDecoder.writePrefix(isCompressed: false, count: 6, to: &buffer)
    decoder.receive(buffer)
    #expect(throws: GRPCStatus(.resourceExhausted, "a message of 6 bytes, of at most 5")) {
      try decoder.next()
    }
  }

  @Test("what is no message is refused", arguments: [2, 3, 0x80, 0xff] as [UInt8])
  func flags(_ flag: UInt8) {
    var decoder = GRPCFrameDecoder(bytesMaximum: 100)
    decoder.receive(ByteBuffer([flag, 0, 0, 0, 0]))
    do throws(GRPCStatus) {
      _ = try decoder.next()
      Issue.record("taken")
    } catch {
      #expect(error.code == .internal)
    }
  }

  @Test("a body that ends inside a message is refused", arguments: 1...7)
  func truncated(_ count: Int) throws {
    var whole = message("abc")
    var decoder = GRPCFrameDecoder(bytesMaximum: 100)
    decoder.receive(whole.split(count))
    #expect(try decoder.next() == nil)
    do throws(GRPCStatus) {
      try decoder.finish()
      Issue.record("taken")
    } catch {
      #expect(error == GRPCStatus(.internal, "the body ends inside a message"))
    }
  }
}
