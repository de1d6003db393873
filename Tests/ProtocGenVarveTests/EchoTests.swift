import Bytes
import EchoService
import GRPC
import Testing
import Wire

private typealias Request = Varve_Testing_V1_EchoRequest
private typealias Response = Varve_Testing_V1_EchoResponse

private func request(
  _ text: String, payload: [UInt8] = [], times: UInt32 = 0, failure: GRPCCode = .ok
) -> Request {
  var request = Request()
  request.text = text
  request.payload = ByteBuffer(payload)
  request.repeat = times
  request.failCode = UInt32(failure.rawValue)
  return request
}

/// What the generator made of a service, called and answered.
@Suite("Generated services") struct EchoTests {
  private func withEcho(_ body: (Varve_Testing_V1_EchoServiceClient) async throws -> Void) async throws {
    try await LoopbackCaller.with([Varve_Testing_V1_EchoService.service(EchoAnswers())]) { caller in
      try await body(Varve_Testing_V1_EchoServiceClient(caller))
    }
  }

  @Test func oneRequestOneResponse() async throws {
    try await withEcho { echo in
      let response = try await echo.unary(request("ab", payload: [1, 2], times: 2))
      #expect(response.text == "abab" && response.payload == ByteBuffer([1, 2, 1, 2]))
    }
  }

  @Test func manyRequestsOneResponse() async throws {
    try await withEcho { echo in
      let response = try await echo.collect { requests throws(GRPCStatus) in
        for index in 0..<20 { try await requests.send(request("\(index),", payload: [UInt8(index)])) }
      }
      #expect(response.sequence == 20 && response.text.hasPrefix("0,1,") && response.payload.count == 20)
      let none = try await echo.collect { _ in }
      #expect(none == Response())
    }
  }

  @Test func oneRequestManyResponses() async throws {
    try await withEcho { echo in
      var sequences: [UInt64] = []
      for try await response in try await echo.expand(request("x", times: 20)) {
        #expect(response.text == "x")
        sequences.append(response.sequence)
      }
      #expect(sequences == Array(0..<20))
    }
  }

  @Test func manyOfEach() async throws {
    try await withEcho { echo in
      let call = try await echo.chat()
      for round in 0..<3 {
        try await call.requests.send(request("\(round)", times: 2))
        for sequence in 0..<2 {
          let response = try await call.responses.next()
          #expect(response?.text == "\(round)" && response?.sequence == UInt64(round * 2 + sequence))
        }
      }
      try await call.requests.finish()
      #expect(try await call.responses.next() == nil)
    }
  }

  @Test func failuresComeBackWithTheirCode() async throws {
    try await withEcho { echo in
      let failing = request("no", times: 2, failure: .notFound)
      let expected = GRPCStatus(.notFound, "no")
      await #expect(throws: expected) { try await echo.unary(failing) }
      await #expect(throws: expected) {
        try await echo.collect { requests throws(GRPCStatus) in try await requests.send(failing) }
      }
      let responses = try await echo.expand(failing)
      #expect(try await responses.next() != nil)
      #expect(try await responses.next() != nil)
      await #expect(throws: expected) { try await responses.next() }
    }
  }

  @Test func methodsAreNamedAsOnTheWire() {
    #expect(Varve_Testing_V1_EchoService.name == "varve.testing.v1.Echo")
    #expect(Varve_Testing_V1_EchoService.Methods.chat.path.path == "/varve.testing.v1.Echo/Chat")
    let service = Varve_Testing_V1_EchoService.service(EchoAnswers())
    #expect(service.handlers.map(\.path.method) == ["Unary", "Collect", "Expand", "Chat"])
    #expect(service.handlers.map(\.kind) == [.unary, .clientStreaming, .serverStreaming, .bidirectional])
    #expect(service.descriptors == Varve_Testing_V1_EchoService.descriptors)
  }

  /// Names that Swift has other uses for, types of other files, and several services of one file.
  @Test func awkwardServicesAreCalledAndAnswered() async throws {
    let services = [
      Varve_Testing_V1_ParcelService.service(Parcels()), Varve_Testing_V1_NothingService.service(Parcels()),
    ]
    #expect(services.map(\.name) == ["varve.testing.v1.ParcelService", "varve.testing.v1.Nothing"])
    #expect(services[0].descriptors == services[1].descriptors)
    #expect(services[0].handlers.map(\.path.method).contains("GetHTTP_url"))
    try await LoopbackCaller.with(services) { caller in
      let client = Varve_Testing_V1_ParcelServiceClient(caller)
      var parcel = Varve_Testing_V1_Parcel()
      parcel.content.name = "tea"
      #expect(try await client.default(parcel) == parcel.content)
      #expect(try await client.self_p(parcel) == Google_Protobuf_Empty())
      #expect(try await client.init_p { _ in } == Varve_Testing_V1_Parcel())
      #expect(try await client.repeat(Google_Protobuf_Empty()).next() == parcel.content)
      #expect(try await client.caller(parcel) == parcel)
      #expect(try await client.getHTTPURL(parcel) == parcel)
      let call = try await client.name()
      try await call.requests.send(parcel)
      #expect(try await call.responses.next() == parcel)
    }
  }
}

/// Answers everything with tea.
private struct Parcels: Varve_Testing_V1_ParcelServiceProvider, Varve_Testing_V1_NothingServiceProvider {
  typealias Parcel = Varve_Testing_V1_Parcel

  func `default`(_ request: Parcel, _ call: GRPCCall) async throws(GRPCStatus) -> Parcel.Content {
    request.content
  }

  func self_p(_ request: Parcel, _ call: GRPCCall) async throws(GRPCStatus) -> Google_Protobuf_Empty {
    Google_Protobuf_Empty()
  }

  func init_p(_ requests: GRPCRequests<Parcel>, _ call: GRPCCall) async throws(GRPCStatus) -> Parcel {
    Parcel()
  }

  func `repeat`(
    _ request: Google_Protobuf_Empty, _ responses: GRPCResponses<Parcel.Content>, _ call: GRPCCall
  ) async throws(GRPCStatus) {
    var content = Parcel.Content()
    content.name = "tea"
    try await responses.send(content)
  }

  func name(
    _ requests: GRPCRequests<Parcel>, _ responses: GRPCResponses<Parcel>, _ call: GRPCCall
  ) async throws(GRPCStatus) {
    for try await request in requests { try await responses.send(request) }
  }

  func caller(_ request: Parcel, _ call: GRPCCall) async throws(GRPCStatus) -> Parcel { request }
  func getHTTPURL(_ request: Parcel, _ call: GRPCCall) async throws(GRPCStatus) -> Parcel { request }
  func old(_ request: Parcel, _ call: GRPCCall) async throws(GRPCStatus) -> Parcel { request }
}
