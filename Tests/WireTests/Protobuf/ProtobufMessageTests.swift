import Bytes
import Testing
import Wire

@Suite("Protobuf messages") struct ProtobufMessageTests {
  @Test func roundTrips() throws {
    var message = Varve_Testing_Everything()
    message.plainInt32 = 5
    message.repeatedNested = [.init(), .init()]
    #expect(try Varve_Testing_Everything(serializedBytes: message.serializedBytes()) == message)
  }
}
