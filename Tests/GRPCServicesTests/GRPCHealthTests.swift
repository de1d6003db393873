import EchoService
import GRPC
import Testing

@testable import GRPCServices

private typealias Client = Grpc_Health_V1_HealthServiceClient

@Suite("gRPC health") struct GRPCHealthTests {
  private func withClient(_ health: GRPCHealth, _ body: (Client) async throws -> Void) async throws {
    try await LoopbackCaller.with([health.service]) { try await body(Client($0)) }
  }

  private func request(_ service: String) -> Grpc_Health_V1_HealthCheckRequest {
    var request = Grpc_Health_V1_HealthCheckRequest()
    request.service = service
    return request
  }

  private func check(
    _ client: Client, _ service: String
  ) async throws -> Grpc_Health_V1_HealthCheckResponse.ServingStatus {
    try await client.check(request(service)).status
  }

  @Test func checkSaysHowAServiceIs() async throws {
    let health = GRPCHealth()
    health.set(.notServing, of: "shop.Till")
    health.set(.unknown, of: "shop.Stock")
    try await withClient(health) { client in
      let overall = try await check(client, "")
      #expect(overall == .serving)
      #expect(try await check(client, "shop.Till") == .notServing)
      #expect(try await check(client, "shop.Stock") == .unknown)
      health.set(.serving, of: "shop.Till")
      #expect(try await check(client, "shop.Till") == .serving)
      health.remove("shop.Till")
      for unknown in ["shop.Till", "shop.till", "shop"] {
        await #expect(throws: GRPCStatus(.notFound, "there is no such service")) {
          try await client.check(request(unknown))
        }
      }
    }
  }

  @Test func listHasEveryServiceUpToAHundred() async throws {
    let health = GRPCHealth(.unknown)
    for index in 1..<GRPCHealth.Limit.listedServices { health.set(.serving, of: "s\(index)") }
    try await withClient(health) { client in
      let statuses = try await client.list(.init()).statuses
      #expect(
        statuses.count == 100 && statuses[""]?.status == .unknown && statuses["s99"]?.status == .serving)
      health.set(.serving, of: "s100")
      let error = await #expect(throws: GRPCStatus.self) { try await client.list(.init()) }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test func watchTellsEveryChangeOfItsService() async throws {
    let health = GRPCHealth()
    try await withClient(health) { client in
      let watch = try await client.watch(request("shop.Till"))
      #expect(try await watch.next()?.status == .serviceUnknown)
      health.set(.serving, of: "shop.Till")
      #expect(try await watch.next()?.status == .serving)
      // Neither of these is a change.
      health.set(.serving, of: "shop.Till")
      health.set(.notServing, of: "")
      health.set(.notServing, of: "shop.Till")
      #expect(try await watch.next()?.status == .notServing)
      health.remove("shop.Till")
      #expect(try await watch.next()?.status == .serviceUnknown)
      watch.cancel()
      let error = await #expect(throws: GRPCStatus.self) { try await watch.next() }
      #expect(error?.code == .cancelled)
    }
  }

  @Test func watchOfAKnownServiceBeginsWithItsStatus() async throws {
    let health = GRPCHealth(.notServing)
    try await withClient(health) { client in
      let watch = try await client.watch(request(""))
      #expect(try await watch.next()?.status == .notServing)
    }
  }

  /// Nobody reads while the status changes a thousand times: what is waiting then is the last, not all of them.
  @Test func slowWatchersGetWhatIs() async throws {
    let health = GRPCHealth()
    try await withClient(health) { client in
      let watch = try await client.watch(request(""))
      #expect(try await watch.next()?.status == .serving)
      for _ in 0..<500 {
        health.set(.notServing)
        health.set(.serving)
      }
      health.set(.unknown)
      var seen = 0
      while let status = try await watch.next()?.status, status != .unknown { seen += 1 }
      #expect(seen < 20)
    }
  }

  @Test func shutDownEndsWatchesAfterTheyWereTold() async throws {
    let health = GRPCHealth()
    health.set(.notServing, of: "shop.Stock")
    try await withClient(health) { client in
      let table: [(String, [Grpc_Health_V1_HealthCheckResponse.ServingStatus])] = [
        ("", [.serving, .notServing]), ("shop.Stock", [.notServing]), ("shop.Gone", [.serviceUnknown]),
      ]
      var watches: [GRPCReplies<Grpc_Health_V1_HealthCheckResponse>] = []
      for (service, statuses) in table {
        let watch = try await client.watch(request(service))
        #expect(try await watch.next()?.status == statuses[0])
        watches.append(watch)
      }
      health.shutDown()
      // Whoever comes now is told at once.
      watches.append(try await client.watch(request("")))
      for (watch, rest) in zip(watches, table.map { $0.1.dropFirst() } + [[.notServing]]) {
        for status in rest { #expect(try await watch.next()?.status == status) }
        let error = await #expect(throws: GRPCStatus.self) { try await watch.next() }
        #expect(error?.code == .unavailable)
      }
    }
  }

  @Test func shutDownIsForEver() async throws {
    let health = GRPCHealth()
    health.set(.serving, of: "shop.Till")
    try await withClient(health) { client in
      let watch = try await client.watch(request("shop.Till"))
      #expect(try await watch.next()?.status == .serving)
      health.shutDown()
      #expect(try await watch.next()?.status == .notServing)
      health.set(.serving)
      health.remove("shop.Till")
      #expect(health.status() == .notServing && health.status(of: "shop.Till") == .notServing)
    }
  }

  @Test func watchesAreCountedUntilTheyEnd() async throws {
    let health = GRPCHealth()
    var others: [UInt64] = []
    for _ in 1..<GRPCHealth.Limit.watchers { others.append(try health.watch("a").number) }
    try await withClient(health) { client in
      let last = try await client.watch(request("b"))
      #expect(try await last.next() != nil)
      let refused = try await client.watch(request("b"))
      let error = await #expect(throws: GRPCStatus.self) { try await refused.next() }
      #expect(error?.code == .resourceExhausted)
      last.cancel()
    }
    // The call has ended with its loop: its place is free.
    let number = try health.watch("b").number
    #expect(throws: GRPCStatus.self) { try health.watch("b") }
    health.endWatch(number, of: "b")
    for number in others { health.endWatch(number, of: "a") }
    #expect(throws: Never.self) { try health.watch("a") }
  }

  @Test func namesOfWatchedServicesHaveALimit() async throws {
    try await withClient(GRPCHealth()) { client in
      let longest = String(repeating: "a", count: GRPCHealth.Limit.serviceNameBytes)
      let longestWatch = try await client.watch(request(longest))
      #expect(try await longestWatch.next()?.status == .serviceUnknown)
      let watch = try await client.watch(request(longest + "a"))
      let error = await #expect(throws: GRPCStatus.self) { try await watch.next() }
      #expect(error?.code == .invalidArgument)
    }
  }
}
