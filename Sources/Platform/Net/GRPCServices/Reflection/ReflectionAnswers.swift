// What answers the calls of reflection.

import Bytes
import GRPC
import Wire

/// Reflection, answered.
struct ReflectionAnswers: Grpc_Reflection_V1_ServerReflectionServiceProvider {
  typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
  typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

  let index: ReflectionIndex
  /// The names of all services, in order.
  let services: [String]

  func serverReflectionInfo(
    _ requests: GRPCRequests<Request>, _ responses: GRPCResponses<Response>, _ call: GRPCCall
  ) async throws(GRPCStatus) {
    for try await request in requests { try await responses.send(response(to: request)) }
  }

  func response(to request: Request) -> Response {
    var response = Response()
    response.validHost = request.host
    response.originalRequest = request
    response.messageResponse = answer(to: request.messageRequest)
    return response
  }

  private func answer(to question: Request.OneOf_MessageRequest?) -> Response.OneOf_MessageResponse {
    switch question {
    case .fileByFilename(let name): return files(index.files[name] == nil ? nil : name, "file")
    case .fileContainingSymbol(let name): return files(index.symbols[name], "symbol")
    case .fileContainingExtension(let wanted):
      return files(index.extensions[wanted.containingType]?[wanted.extensionNumber], "extension")
    case .allExtensionNumbersOfType(let name):
      guard index.messages.contains(name) else { return error(.notFound, "there is no such message") }
      var numbers = Grpc_Reflection_V1_ExtensionNumberResponse()
      numbers.baseTypeName = name
      numbers.extensionNumber = (index.extensions[name] ?? [:]).keys.sorted()
      return .allExtensionNumbersResponse(numbers)
    case .listServices:
      var list = Grpc_Reflection_V1_ListServiceResponse()
      list.service = services.map { name in
        var service = Grpc_Reflection_V1_ServiceResponse()
        service.name = name
        return service
      }
      return .listServicesResponse(list)
    case nil: return error(.invalidArgument, "nothing is asked that this server understands")
    }
  }

  private func files(_ name: String?, _ what: String) -> Response.OneOf_MessageResponse {
    guard let name else { return error(.notFound, "there is no such \(what)") }
    var files = Grpc_Reflection_V1_FileDescriptorResponse()
    files.fileDescriptorProto = index.fileWithImports(name)
    return .fileDescriptorResponse(files)
  }

  private func error(_ code: GRPCCode, _ message: String) -> Response.OneOf_MessageResponse {
    var error = Grpc_Reflection_V1_ErrorResponse()
    error.errorCode = Int32(code.rawValue)
    error.errorMessage = message
    return .errorResponse(error)
  }
}
