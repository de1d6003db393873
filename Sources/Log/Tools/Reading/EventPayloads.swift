// What a record holds when it is an event: the header `ce_type` names the type, and descriptors say how the value
// is read.

public import Bytes
public import LogEvents
public import Records
public import Wire

/// Shows the values of events as JSON.
public struct EventPayloads: Sendable {
  /// The header that names the type.
  public static let typeHeader = "ce_type"

  /// What was made of a value.
  public enum Payload: Sendable {
    /// The event, as one line of JSON.
    case event(EventTypeName, json: ByteBuffer)
    /// The type is known, and the value is none of it.
    case unreadable(EventTypeName, reason: String)
    /// No event, or one of a type that nobody described.
    case unknown
  }

  /// The first that knows a type decides.
  private let sets: [ProtobufDescriptors]

  /// Events of the types in `descriptors`, and of those in the catalogue.
  public init(_ descriptors: ProtobufDescriptors? = nil) {
    sets = (descriptors.map { [$0] } ?? []) + [EventCatalogue.descriptors]
  }

  /// Looks at a record.
  public func payload(of record: Record) -> Payload {
    guard let value = record.value, let type = Self.type(of: record),
      let descriptors = sets.first(where: { $0.message(named: type.messageName) != nil })
    else { return .unknown }
    do throws(ProtobufDynamicError) {
      var options = ProtobufDynamicJSONOptions()
      options.listsUnknownFields = true
      options.preserveProtoFieldNames = true
      return .event(
        type,
        json: try descriptors.jsonUTF8Bytes(of: type.messageName, bytes: value.readable, options: options))
    } catch {
      return .unreadable(type, reason: error.description)
    }
  }

  /// The event type that a record's header names; nil when there is none, or it is no name of a type.
  public static func type(of record: Record) -> EventTypeName? {
    guard let bytes = record.headers.first(where: { $0.key == typeHeader })?.value,
      let text = String(validating: bytes)
    else { return nil }
    do throws(EventTypeNameError) {
      return try EventTypeName(parsing: text)
    } catch {
      return nil
    }
  }
}
