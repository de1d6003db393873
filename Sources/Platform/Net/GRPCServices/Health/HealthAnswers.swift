// What answers the calls of `grpc.health.v1.Health`.

import GRPC
import Wire

/// Health, answered.
struct HealthAnswers: Grpc_Health_V1_HealthServiceProvider {
  typealias Response = Grpc_Health_V1_HealthCheckResponse

  let health: GRPCHealth

  func check(
    _ request: Grpc_Health_V1_HealthCheckRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Response {
    guard let status = health.status(of: request.service) else {
      throw GRPCStatus(.notFound, "there is no such service")
    }
    return response(status)
  }

  func list(
    _ request: Grpc_Health_V1_HealthListRequest, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Grpc_Health_V1_HealthListResponse {
    let statuses = health.statuses
    guard statuses.count <= GRPCHealth.Limit.listedServices else {
      throw GRPCStatus(
        .resourceExhausted, "more services than \(GRPCHealth.Limit.listedServices): ask for each")
    }
    var list = Grpc_Health_V1_HealthListResponse()
    list.statuses = statuses.mapValues(response)
    return list
  }

  func watch(
    _ request: Grpc_Health_V1_HealthCheckRequest, _ responses: GRPCResponses<Response>, _ call: GRPCCall
  ) async throws(GRPCStatus) {
    let service = request.service
    let (number, changes) = try health.watch(service)
    defer { health.endWatch(number, of: service) }
    var known: Response?
    var signals = changes.makeAsyncIterator()
    repeat {
      // A slow client gets what is, not all that was.
      let report = health.report(of: service)
      let now = response(report.status)
      if now != known { try await responses.send(now) }
      known = now
      if report.isLast { throw GRPCStatus(.unavailable, "the server shuts down") }
    } while await signals.next() != nil
    throw GRPCStatus(.cancelled, "nobody watches any more")
  }

  private func response(_ status: GRPCHealth.Status?) -> Response {
    var response = Response()
    response.status =
      switch status {
      case nil: .serviceUnknown
      case .unknown: .unknown
      case .serving: .serving
      case .notServing: .notServing
      }
    return response
  }
}
