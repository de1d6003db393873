import LogEvents
import Testing

@Suite("Event type names") struct EventTypeNameTests {
  @Test(
    "A ce_type and a message name are two ways to write one name",
    arguments: [
      ("varve.log.TopicSet.v1", "varve.log.v1.TopicSet"),
      ("varve.log.TopicSet.v12", "varve.log.v12.TopicSet"),
      ("sync.RecordsPushed.v1", "sync.v1.RecordsPushed"),
      ("a.b_2.c.E2e.v9999", "a.b_2.c.v9999.E2e"),
      ("varve.v1.Odd.v2", "varve.v1.v2.Odd"),
    ])
  func bothWays(type: String, message: String) throws {
    let parsed = try EventTypeName(parsing: type)
    #expect(parsed.description == type && parsed.messageName == message)
    #expect(try EventTypeName(messageName: message) == parsed)
  }

  @Test func hasItsParts() throws {
    let name = try EventTypeName(of: Varve_Log_V1_ConsumerSet.self)
    #expect(name.domain == "varve.log" && name.event == "ConsumerSet" && name.version == 1)
    #expect(name.description == "varve.log.ConsumerSet.v1")
  }

  @Test(
    "What is no name is refused, and the part that is wrong is said",
    arguments: [
      ("", .tooFewParts("")), ("TopicSet.v1", .tooFewParts("TopicSet.v1")),
      (".log.TopicSet.v1", .domain("", in: ".log.TopicSet.v1")),
      ("varve.Log.TopicSet.v1", .domain("Log", in: "varve.Log.TopicSet.v1")),
      ("varve.1og.TopicSet.v1", .domain("1og", in: "varve.1og.TopicSet.v1")),
      ("varve.log é.TopicSet.v1", .domain("log é", in: "varve.log é.TopicSet.v1")),
      ("varve.log.topicSet.v1", .event("topicSet", in: "varve.log.topicSet.v1")),
      ("varve.log.Topic_Set.v1", .event("Topic_Set", in: "varve.log.Topic_Set.v1")),
      ("varve.log..v1", .event("", in: "varve.log..v1")),
      ("varve.log.v1.TopicSet", .event("v1", in: "varve.log.v1.TopicSet")),
      ("varve.log.TopicSet.1", .version("1", in: "varve.log.TopicSet.1")),
      ("varve.log.TopicSet.v", .version("v", in: "varve.log.TopicSet.v")),
      ("varve.log.TopicSet.v0", .version("v0", in: "varve.log.TopicSet.v0")),
      ("varve.log.TopicSet.v01", .version("v01", in: "varve.log.TopicSet.v01")),
      ("varve.log.TopicSet.v+1", .version("v+1", in: "varve.log.TopicSet.v+1")),
      ("varve.log.TopicSet.v10000", .version("v10000", in: "varve.log.TopicSet.v10000")),
      ("varve.log.TopicSet.v1 ", .version("v1 ", in: "varve.log.TopicSet.v1 ")),
    ] as [(String, EventTypeNameError)])
  func refused(text: String, expected: EventTypeNameError) {
    #expect(throws: expected) { try EventTypeName(parsing: text) }
  }

  @Test func keepsItsLimit() throws {
    let longest = "a" + String(repeating: "b", count: EventTypeName.bytesMaximum - 6) + ".C.v1"
    #expect(try EventTypeName(parsing: longest).description == longest)
    #expect(throws: EventTypeNameError.tooLong(bytes: 256, limit: 255)) {
      try EventTypeName(parsing: "a" + longest)
    }
  }
}
