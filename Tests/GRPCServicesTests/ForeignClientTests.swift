// gRPC's own Python clients of health, reflection and status details, against a server of ours.

import EchoService
import Foundation
import GRPC
import GRPCServer
import GRPCServices
import HTTPServer
import Peers
import Runtime
import Telemetry
import Testing

private typealias Echo = Varve_Testing_V1_EchoService

/// Echo, which also says how itself is: as its requests say.
private struct Patient: Sendable {
  let health: GRPCHealth

  var service: GRPCService {
    GRPCService(
      name: Echo.name,
      handlers: [
        .unary(Echo.Methods.unary) { request, call throws(GRPCStatus) in
          switch request.text {
          case "serving": health.set(.serving, of: Echo.name)
          case "notServing": health.set(.notServing, of: Echo.name)
          case "remove": health.remove(Echo.name)
          default: throw complaint(request.text)
          }
          var response = Varve_Testing_V1_EchoResponse()
          response.text = request.text
          return response
        }
      ], descriptors: Echo.descriptors)
  }

  private func complaint(_ text: String) -> GRPCStatus {
    var info = Google_Rpc_ErrorInfo()
    (info.reason, info.domain, info.metadata) = ("UNKNOWN_WORD", "varve.example.com", ["word": text])
    var bad = Google_Rpc_BadRequest()
    bad.fieldViolations = [.init()]
    (bad.fieldViolations[0].field, bad.fieldViolations[0].description_p) = ("text", "means nothing")
    return GRPCStatus(.invalidArgument, "“\(text)” means nothing", details: [info, bad])
  }
}

@Suite("Foreign clients of gRPC's own services") struct ForeignClientTests {
  /// What a Python program prints that is told the port of a server.
  private func python(_ script: String) async throws -> [String] {
    let health = GRPCHealth()
    let patient = Patient(health: health)
    let described = [health.service, patient.service]
    let services = described + (try GRPCReflection(of: described)).services
    var loops = EventLoopGroup.Configuration(loops: 1)
    loops.poolThreads = 1
    let group = try EventLoopGroup(loops)
    do {
      let logs = try LogPipeline(sink: MemorySink(), levels: try LogLevels(parsing: "info"))
      let metrics = MetricRegistry()
      let router = GRPCRouter(
        services, GRPCRouter.Configuration(name: "test"), metrics: metrics, logger: logs.logger("grpc"))
      let server = try HTTPServer(
        HTTPServer.Configuration(name: "test", address: .ip(.loopbackV4, port: 0)), on: group,
        time: SystemTime(), metrics: metrics, logger: logs.logger("http"), handler: router)
      let address = server.address
      let port = try #require(address.port)
      let printed = try await blocking { try ForeignProgram.python(script, ["127.0.0.1:\(port)"], input: "") }
      await server.drain(within: Duration.zero)
      await group.shutdown()
      return printed.split(separator: "\n").map(String.init)
    } catch {
      await group.shutdown()
      throw error
    }
  }

  /// What `body` returns, run on a thread of its own: it blocks.
  private func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  /// A client that knows the messages from what reflection says.
  private static let reflecting = """
    import sys, grpc
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass
    from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
    channel = grpc.insecure_channel(sys.argv[1])
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)
    def call(service, method, **fields):
      method = pool.FindServiceByName(service).FindMethodByName(method)
      send = channel.unary_unary(
        "/" + service + "/" + method.name, lambda request: request.SerializeToString(),
        GetMessageClass(method.output_type).FromString)
      return send(GetMessageClass(method.input_type)(**fields), timeout=20)
    def echo(text): return call("varve.testing.v1.Echo", "Unary", text=text)

    """

  @Test func healthIsCheckedAndWatched() async throws {
    let printed = try await python(
      Self.reflecting + """
        from grpc_health.v1 import health_pb2, health_pb2_grpc
        health = health_pb2_grpc.HealthStub(channel)
        request = lambda name: health_pb2.HealthCheckRequest(service=name)
        name = health_pb2.HealthCheckResponse.ServingStatus.Name
        print("overall", name(health.Check(request(""), timeout=20).status))
        try: health.Check(request("varve.testing.v1.Echo"), timeout=20)
        except grpc.RpcError as error: print(error.code().name, error.details())
        watch = health.Watch(request("varve.testing.v1.Echo"), timeout=20)
        print(name(next(watch).status))
        for word in ["serving", "notServing", "remove", "serving"]:
          echo(word)
          print(name(next(watch).status))
        watch.cancel()
        print(name(health.Check(request("varve.testing.v1.Echo"), timeout=20).status))
        statuses = call("grpc.health.v1.Health", "List").statuses
        for service in sorted(statuses): print("listed", service or "-", name(statuses[service].status))
        """)
    #expect(
      printed == [
        "overall SERVING", "NOT_FOUND there is no such service", "SERVICE_UNKNOWN", "SERVING", "NOT_SERVING",
        "SERVICE_UNKNOWN", "SERVING", "SERVING", "listed - SERVING", "listed varve.testing.v1.Echo SERVING",
      ])
  }

  @Test func reflectionTellsEnoughToCall() async throws {
    let printed = try await python(
      Self.reflecting + """
        from grpc_reflection.v1alpha import reflection_pb2
        for name in database.get_services(): print(name)
        print(echo("serving").text)
        service = pool.FindServiceByName("varve.testing.v1.Echo")
        print([(m.name, m.client_streaming, m.server_streaming) for m in service.methods])
        print(pool.FindMessageTypeByName("varve.testing.v1.EchoRequest").fields_by_name["delay_ms"].number)
        print(pool.FindFileByName("grpc/health/v1/health.proto").package)
        for find, name in [
          (pool.FindMessageTypeByName, "varve.testing.v1.Gone"), (pool.FindFileByName, "gone.proto"),
        ]:
          try: print("found", find(name))
          except KeyError: print("not found", name)
        print(list(database.FindAllExtensionNumbers("varve.testing.v1.EchoRequest")))
        for version in ["v1", "v1alpha"]:
          ask = channel.stream_stream(
            "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo",
            lambda request: request.SerializeToString(), reflection_pb2.ServerReflectionResponse.FromString)
          requests = [
            reflection_pb2.ServerReflectionRequest(file_containing_symbol="gone"),
            reflection_pb2.ServerReflectionRequest(list_services="")]
          for answer in ask(iter(requests), timeout=20):
            print(version, answer.WhichOneof("message_response"), answer.error_response.error_code)
        """)
    #expect(
      printed == [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection", "varve.testing.v1.Echo", "serving",
        "[('Unary', False, False), ('Collect', True, False), ('Expand', False, True), ('Chat', True, True)]",
        "4",
        "grpc.health.v1", "not found varve.testing.v1.Gone", "not found gone.proto", "[]",
        "v1 error_response 5",
        "v1 list_services_response 0", "v1alpha error_response 5", "v1alpha list_services_response 0",
      ])
  }

  @Test func detailsOfAStatusAreRead() async throws {
    let printed = try await python(
      Self.reflecting + """
        from google.rpc import error_details_pb2
        from grpc_status import rpc_status
        try: echo("sleep")
        except grpc.RpcError as error:
          status = rpc_status.from_call(error)
          print(status.code, status.message == error.details(), status.message)
          info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
          print([any.Is(kind.DESCRIPTOR) for any, kind in zip(status.details, [info, bad])])
          status.details[0].Unpack(info), status.details[1].Unpack(bad)
          print(info.reason, info.domain, dict(info.metadata))
          print([(v.field, v.description) for v in bad.field_violations])
        """)
    #expect(
      printed == [
        "3 True “sleep” means nothing", "[True, True]", "UNKNOWN_WORD varve.example.com {'word': 'sleep'}",
        "[('text', 'means nothing')]",
      ])
  }
}
