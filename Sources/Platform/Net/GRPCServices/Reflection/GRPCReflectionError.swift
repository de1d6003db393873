import Wire

/// Why services cannot be described: a defect of their schemas, which shows when a server starts.
public enum GRPCReflectionError: Error, Equatable, CustomStringConvertible {
  /// A service's descriptors are damaged.
  case descriptors(service: String, reason: String)
  /// Services bring different files of one name.
  case filesDiffer(String, service: String)
  /// A file imports another that no service brings.
  case missingImport(String, of: String)
  /// Two files declare one name.
  case declaredTwice(String, files: [String])
  /// A service is not declared by the file that came with it.
  case undeclared(service: String)

  /// What is wrong.
  public var description: String {
    switch self {
    case .descriptors(let service, let reason): "the descriptors of \(service) are damaged: \(reason)"
    case .filesDiffer(let file, let service):
      "\(service) brings another \(file) than a service before it: make the code of both from one schema"
    case .missingImport(let name, let file): "\(file) imports \(name), which came with no service"
    case .declaredTwice(let name, let files): "\(name) is declared in \(files.joined(separator: " and in "))"
    case .undeclared(let service): "the descriptors that came with \(service) do not declare it"
    }
  }
}
