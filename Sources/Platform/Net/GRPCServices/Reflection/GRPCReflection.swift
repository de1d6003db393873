// What a server's services look like, for clients that were made without their schemas: `grpc.reflection.v1`, and
// `v1alpha`, which is the same under an older name.

public import GRPC
import Wire

/// Describes services.
public struct GRPCReflection: Sendable {
  /// What answers the calls, under both names.
  public let services: [GRPCService]

  /// Describes these services, and itself.
  public init(of described: [GRPCService]) throws(GRPCReflectionError) {
    let names = [Grpc_Reflection_V1_ServerReflectionService.name, Self.olderName]
    let own = [Grpc_Reflection_V1_ServerReflectionService.descriptors, ReflectionV1AlphaDescriptors.base64]
    var index = ReflectionIndex()
    for service in described where !service.descriptors.isEmpty {
      try index.add(service.descriptors, of: service.name)
    }
    for (name, descriptors) in zip(names, own) { try index.add(descriptors, of: name) }
    try index.checkImports()
    let answers = ReflectionAnswers(index: index, services: Set(described.map(\.name) + names).sorted())
    services = [
      Grpc_Reflection_V1_ServerReflectionService.service(answers),
      GRPCService(
        name: Self.olderName,
        handlers: [
          .bidirectional(Self.olderMethod) { requests, responses, call throws(GRPCStatus) in
            try await answers.serverReflectionInfo(requests, responses, call)
          }
        ], descriptors: ReflectionV1AlphaDescriptors.base64),
    ]
  }

  private static let olderName = "grpc.reflection.v1alpha.ServerReflection"
  private static let olderMethod = GRPCMethod<
    Grpc_Reflection_V1_ServerReflectionRequest, Grpc_Reflection_V1_ServerReflectionResponse
  >(GRPCPath(service: olderName, method: "ServerReflectionInfo"), .bidirectional)
}
