import Bytes
public import Wire

/// Every event there is, described: what tools show events with that have no code for them.
public enum EventCatalogue {
  /// The descriptors of `Schemas/events`, read at the first use.
  public static let descriptors: ProtobufDescriptors = {
    do {
      let set = try Base64.standard.decode(EventDescriptors.base64)
      return try ProtobufDescriptors(fileDescriptorSet: set.readable)
    } catch {
      // The text is generated and part of the program: nothing outside can make it wrong.
      preconditionFailure("EventDescriptors.swift is damaged: run ops/schemas (\(error))")
    }
  }()
}
