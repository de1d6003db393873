// What `cat` and `tail` have in common: which records, and how they are printed.

import Bytes
import CommandLine
import Configuration
import Files
import Log
import LogEvents
import LogTools
import Records
import Runtime
import Wire

/// Which records to read, and how to print them.
struct ReadOptions: ArgumentGroup {
  var selection = LogSelection()
  var node = NodeReach()
  var from: ReadBound?
  var to: ReadBound?
  var isFollowing = false
  var limit: Int?
  var key: String?
  var keyPrefix: String?
  var headers: [HeaderField] = []
  var event: EventTypeName?
  var isJSON = false
  var isValueOnly = false
  var isRaw = false
  var descriptors: String?

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.group(\.node)
    arguments.option(
      "from", \.from, .readBound, "Begins there; a time is that of the first record at or after it.")
    arguments.option("to", \.to, .readBound, "Ends before it.")
    arguments.flag("follow", short: "f", \.isFollowing, "Waits for more at the end.")
    arguments.option("limit", short: "l", \.limit, .integer(1...Int.max), "Prints so many records and ends.")
    arguments.option("key", short: "k", \.key, .anyText, "Only records with this key.")
    arguments.option("key-prefix", \.keyPrefix, .anyText, "Only records whose key begins so.")
    arguments.repeatedOption(
      "header", \.headers, .header, "Only records with this header. May be repeated: all must be there.")
    arguments.option(
      "event", short: "e", \.event, .eventType, "Only events of this type, such as varve.log.TopicSet.v1.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each record.")
    arguments.flag("value-only", \.isValueOnly, "Prints the values, a line each; deletions are left out.")
    arguments.flag("raw", \.isRaw, "Prints the bytes of the values as they are, with nothing between them.")
    arguments.option(
      "descriptors", \.descriptors, .path.placeholder("FILE"),
      "Describes more types of events: a FileDescriptorSet, as protoc --descriptor_set_out writes it.")
    arguments.rule("--node stands for a directory: none of --data, --log and --partition-dir goes with it") {
      $0.node.node == nil
        || ($0.selection.place.log == nil && $0.selection.place.configuration.data == nil
          && $0.selection.partitionDirectory == nil)
    }
    arguments.rule("--json, --value-only and --raw exclude each other") {
      [$0.isJSON, $0.isValueOnly, $0.isRaw].count { $0 } <= 1
    }
  }

  /// The largest file of descriptors.
  private static let descriptorBytesMaximum = 64 << 20

  /// The form that is asked for.
  func form() throws -> RecordForm {
    let kind: RecordForm.Kind = isJSON ? .json : isValueOnly ? .value : isRaw ? .raw : .line
    guard let descriptors else { return RecordForm(kind, payloads: EventPayloads()) }
    let bytes = try LocalFiles().contents(
      of: FilePath(descriptors), bytesMaximum: Self.descriptorBytesMaximum)
    do throws(ProtobufDescriptorError) {
      return RecordForm(
        kind, payloads: EventPayloads(try ProtobufDescriptors(fileDescriptorSet: bytes.readable)))
    } catch {
      throw CommandFailure(
        .data, "\(descriptors): \(error)",
        hint: "protoc --include_imports --descriptor_set_out=FILE writes such a file")
    }
  }

  /// The filter that is asked for.
  var filter: RecordFilter {
    var filter = RecordFilter()
    filter.key = key.map { ByteBuffer($0) }
    filter.keyPrefix = keyPrefix.map { ByteBuffer($0) }
    filter.headers = headers.map(\.header)
    filter.eventType = event
    return filter
  }
}

extension ValueNotation where Value == EventTypeName {
  /// `varve.log.TopicSet.v1`, or the message's name, `varve.log.v1.TopicSet`.
  static var eventType: ValueNotation {
    ValueNotation(
      name: "event type", accepted: "a type such as varve.log.TopicSet.v1", placeholder: "TYPE",
      read: { text throws(NotationError) in
        do throws(EventTypeNameError) {
          return try EventTypeName(parsing: text)
        } catch {
          do throws(EventTypeNameError) {
            return try EventTypeName(messageName: text)
          } catch {
            throw .malformed("is no type of events")
          }
        }
      },
      write: \.description)
  }
}
