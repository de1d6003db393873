import Bytes
import GRPC
import GRPCServices
import Testing
import Wire

private func info(_ reason: String) -> Google_Rpc_ErrorInfo {
  var info = Google_Rpc_ErrorInfo()
  (info.reason, info.domain, info.metadata) = (reason, "varve.example.com", ["lease": "7"])
  return info
}

@Suite("gRPC status details") struct GRPCStatusDetailsTests {
  @Test func detailsComeBackByTheirType() throws {
    var retry = Google_Rpc_RetryInfo()
    retry.retryDelay.seconds = 3
    var bad = Google_Rpc_BadRequest()
    bad.fieldViolations = [.init()]
    bad.fieldViolations[0].field = "addresses[2].port"
    let status = GRPCStatus(
      .aborted, "the lease is over", details: [info("LEASE_EXPIRED"), retry, bad, info("LATER")])
    #expect(status.code == .aborted && status.message == "the lease is over")
    #expect(try status.detail(Google_Rpc_ErrorInfo.self) == info("LEASE_EXPIRED"))
    #expect(try status.detail(Google_Rpc_RetryInfo.self) == retry)
    #expect(try status.detail() == bad)
    #expect(try status.detail(Google_Rpc_Help.self) == nil)
    let decoded = try #require(try status.decodedDetails())
    #expect(decoded.code == 10 && decoded.message == "the lease is over")
    #expect(
      decoded.details.map(\.typeURL)
        == ["ErrorInfo", "RetryInfo", "BadRequest", "ErrorInfo"].map {
          "type.googleapis.com/google.rpc.\($0)"
        })
  }

  @Test func withoutDetailsThereAreNone() throws {
    let status = GRPCStatus(.notFound, "gone")
    #expect(try status.decodedDetails() == nil && status.detail(Google_Rpc_ErrorInfo.self) == nil)
    let empty = GRPCStatus(.notFound, "gone", details: [any Message]())
    #expect(try empty.decodedDetails()?.details.isEmpty == true)
  }

  /// What does not fit is left out; what comes after it and fits is not.
  @Test func detailsStayWithinTrailers() throws {
    let large = info(String(repeating: "A", count: GRPCStatus.DetailsLimit.bytes))
    let half = info(String(repeating: "B", count: GRPCStatus.DetailsLimit.bytes / 2))
    let status = GRPCStatus(
      .internal, String(repeating: "é", count: 4000), details: [large, half, half, info("LAST")])
    let decoded = try #require(try status.decodedDetails())
    #expect(try decoded.details.map { try $0.unpack() } == [half, info("LAST")])
    #expect(decoded.message.utf8.count == GRPCStatus.DetailsLimit.messageBytes)
    #expect(status.message.count == 4000)
    #expect(try #require(status.details).count <= GRPCStatus.DetailsLimit.bytes)
  }

  @Test func detailsThatAreNoneAreSaidToBe() {
    for damaged: [UInt8] in [[0xff], [0x1a, 0x05, 0x0a], [0x12, 0x01, 0xff]] {
      let status = GRPCStatus(.unknown, "", details: ByteBuffer(damaged))
      #expect(throws: ProtobufError.self) { try status.decodedDetails() }
      #expect(throws: ProtobufError.self) { try status.detail(Google_Rpc_ErrorInfo.self) }
    }
  }
}
