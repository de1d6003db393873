// What services need to know of the other files: whether their names are free, and what describes them.

import Bytes
import Wire

extension Schema {
  /// Finds a name that is made of the file's services and that something else has.
  func checkServiceNames(of file: SchemaFile) throws(GeneratorError) {
    var owners: [String: String] = [:]
    for other in files.values {
      for type in other.messages { owners[type.swiftName] = String(type.fullName.dropFirst()) }
      for type in other.enums { owners[type.swiftName] = String(type.fullName.dropFirst()) }
    }
    for service in file.services {
      for name in [service.swiftName, service.providerName, service.clientName] {
        if let owner = owners.updateValue(service.fullName, forKey: name) {
          throw .nameTaken(name, by: owner, service: service.fullName)
        }
      }
      var methods: [String: String] = [:]
      for method in service.methods {
        if let owner = methods.updateValue(method.protoName, forKey: method.name) {
          throw .nameTaken(method.name, by: owner, service: "\(service.fullName).\(method.protoName)")
        }
        // Inside the service's enum, this means the enum of its methods.
        for type in [method.request, method.response] where type.swiftName == "Methods" {
          throw .nameTaken("Methods", by: type.swiftName, service: service.fullName)
        }
      }
    }
  }

  /// The file and what it imports, each after what it imports itself, without comments.
  func descriptorSet(of file: SchemaFile) throws(GeneratorError) -> Google_Protobuf_FileDescriptorSet {
    var set = Google_Protobuf_FileDescriptorSet()
    var seen: Set<String> = []
    try collect(file.name, into: &set, &seen)
    return set
  }

  private func collect(
    _ name: String, into set: inout Google_Protobuf_FileDescriptorSet, _ seen: inout Set<String>
  ) throws(GeneratorError) {
    guard seen.insert(name).inserted else { return }
    guard let file = files[name] else { throw .missingFile(name) }
    for imported in file.descriptor.dependency { try collect(imported, into: &set, &seen) }
    var descriptor = file.descriptor
    descriptor.clearSourceCodeInfo()
    set.file.append(descriptor)
  }
}
