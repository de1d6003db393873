// What the cluster accepts and what it refuses: tables of a history, a command, and its answer.

import Bytes
import Cluster
import Database
import Log
import Projections
import Testing

@Suite("Deciding about the cluster") struct DecidingTests {
  /// After these commands, that one is answered so.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var history: [ClusterCommand]
    var command: ClusterCommand
    /// nil: accepted.
    var refusal: ClusterRefusal?
    /// How many events it makes.
    var events = 0

    var testDescription: String { name }
  }

  private static let (one, two, three) = (NodeID.test(1), NodeID.test(2), NodeID.test(3))
  private static let (disk, other) = (DiskID.test(1), DiskID.test(2))
  private static let members: [ClusterCommand] = [
    .join(.test(1, disks: [NewDisk(id: disk, name: "a", path: "/a", totalBytes: 100, freeBytes: 60)])),
    .join(.test(2)),
  ]

  static let nodeCases: [Case] = [
    Case(name: "a new node joins", history: [], command: .join(.test(1)), events: 1),
    Case(
      name: "an id is made", history: [], command: .join(JoinNode(name: "x", addresses: ["/a"])), events: 1),
    Case(
      name: "joining again as before changes nothing", history: members, command: members[0], events: 0),
    Case(
      name: "joining again with another address is refused", history: members,
      command: .join(JoinNode(id: two, name: "n2", addresses: ["/other"])),
      refusal: .nodeDiffers(two, in: ["addresses"])),
    Case(
      name: "joining again without its disk is refused", history: members, command: .join(.test(1)),
      refusal: .nodeDiffers(one, in: ["disks"])),
    Case(
      name: "a name that is taken", history: members,
      command: .join(JoinNode(id: three, name: "n2", addresses: ["/a"])),
      refusal: .nodeNameTaken("n2", by: two)),
    Case(
      name: "the name of a removed node is free",
      history: members + [.remove(two, reason: "", isForced: true)],
      command: .join(JoinNode(id: three, name: "n2", addresses: ["/a"])), events: 1),
    Case(
      name: "a removed id never comes back", history: members + [.remove(two, reason: "", isForced: true)],
      command: .join(.test(2)), refusal: .nodeRemoved(two)),
    Case(
      name: "another's disk", history: members,
      command: .join(.test(3, disks: [NewDisk(id: disk, name: "b", path: "/b")])),
      refusal: .diskExists(disk, of: one)),
    Case(
      name: "a node is renamed", history: members, command: .updateNode(two, NodeChange(name: "x")), events: 1
    ),
    Case(
      name: "a node is described as it is", history: members,
      command: .updateNode(two, NodeChange(name: "n2", failureDomain: "")), events: 0),
    Case(
      name: "a node is renamed to another", history: members,
      command: .updateNode(two, NodeChange(name: "n1")), refusal: .nodeNameTaken("n1", by: one)),
    Case(
      name: "nobody is described", history: members, command: .updateNode(three, NodeChange(name: "x")),
      refusal: .unknownNode(three)),
    Case(
      name: "a node is missed", history: members, command: .reportLiveness(LivenessReport(two, is: .suspect)),
      events: 1),
    Case(
      name: "a node that is heard of is heard of", history: members,
      command: .reportLiveness(LivenessReport(two, is: .online)), events: 0),
    Case(
      name: "nobody is missed", history: members,
      command: .reportLiveness(LivenessReport(three, is: .offline)), refusal: .unknownNode(three)),
    Case(
      name: "nobody notices", history: members,
      command: .reportLiveness(LivenessReport(two, is: .offline, detector: three)),
      refusal: .unknownNode(three)),
    Case(name: "a node is drained", history: members, command: .drain(two, reason: "old"), events: 1),
    Case(
      name: "a node is drained twice", history: members + [.drain(two, reason: "old")],
      command: .drain(two, reason: "older"), events: 0),
    Case(
      name: "a draining node comes back", history: members + [.drain(two, reason: "")],
      command: .reactivate(two), events: 1),
    Case(name: "an active node comes back", history: members, command: .reactivate(two), events: 0),
    Case(
      name: "a removed node comes back", history: members + [.remove(two, reason: "", isForced: true)],
      command: .reactivate(two), refusal: .nodeRemoved(two)),
    Case(
      name: "a node that was not drained is removed", history: members,
      command: .remove(two, reason: "", isForced: false), refusal: .notDrained(two)),
    Case(
      name: "a drained node is removed", history: members + [.drain(two, reason: "")],
      command: .remove(two, reason: "", isForced: false), events: 1),
    Case(
      name: "a node is removed by force", history: members, command: .remove(two, reason: "", isForced: true),
      events: 1),
    Case(
      name: "a node is removed twice", history: members + [.remove(two, reason: "", isForced: true)],
      command: .remove(two, reason: "", isForced: false), events: 0),
    Case(
      name: "the last member stays, whoever forces it",
      history: members + [.remove(two, reason: "", isForced: true)],
      command: .remove(one, reason: "", isForced: true), refusal: .lastNode(one)),
  ]

  static let diskCases: [Case] = [
    Case(
      name: "a disk comes", history: members, command: .addDisk(two, NewDisk(name: "b", path: "/b")),
      events: 1),
    Case(
      name: "a disk comes again", history: members,
      command: .addDisk(one, NewDisk(id: disk, name: "a", path: "/a")), events: 0),
    Case(
      name: "its name is taken", history: members, command: .addDisk(one, NewDisk(name: "a", path: "/b")),
      refusal: .diskNameTaken("a", by: disk)),
    Case(
      name: "its path is taken", history: members, command: .addDisk(one, NewDisk(name: "b", path: "/a")),
      refusal: .diskPathTaken("/a", by: disk)),
    Case(
      name: "its id is another's", history: members,
      command: .addDisk(two, NewDisk(id: disk, name: "a", path: "/a")), refusal: .diskExists(disk, of: one)),
    Case(
      name: "names are a node's own", history: members,
      command: .addDisk(two, NewDisk(name: "a", path: "/a")), events: 1),
    Case(
      name: "a retired disk leaves its name and path",
      history: members + [.retireDisk(one, disk, reason: "loud")],
      command: .addDisk(one, NewDisk(id: other, name: "a", path: "/a")), events: 1),
    Case(
      name: "a retired disk never comes back", history: members + [.retireDisk(one, disk, reason: "loud")],
      command: .addDisk(one, NewDisk(id: disk, name: "a", path: "/a")), refusal: .diskExists(disk, of: one)),
    Case(
      name: "no disk comes to a removed node", history: members + [.remove(two, reason: "", isForced: true)],
      command: .addDisk(two, NewDisk(name: "b", path: "/b")), refusal: .nodeRemoved(two)),
    Case(
      name: "a disk fills up", history: members, command: .updateDisk(one, disk, DiskChange(freeBytes: 10)),
      events: 1),
    Case(
      name: "a disk is as it was", history: members,
      command: .updateDisk(one, disk, DiskChange(freeBytes: 60, state: .online)), events: 0),
    Case(
      name: "more is free than there is", history: members,
      command: .updateDisk(one, disk, DiskChange(freeBytes: 101)),
      refusal: .invalid(InvalidValue("free bytes", "101", accepted: "at most the disk's 100"))),
    Case(
      name: "a disk shrinks below what is free", history: members,
      command: .updateDisk(one, disk, DiskChange(totalBytes: 50)),
      refusal: .invalid(InvalidValue("free bytes", "60", accepted: "at most the disk's 50"))),
    Case(
      name: "another node's disk fails", history: members,
      command: .updateDisk(two, disk, DiskChange(state: .offline)), refusal: .unknownDisk(disk, of: two)),
    Case(
      name: "a retired disk fails", history: members + [.retireDisk(one, disk, reason: "")],
      command: .updateDisk(one, disk, DiskChange(state: .offline)), refusal: .diskRetired(disk)),
    Case(
      name: "a disk is retired", history: members, command: .retireDisk(one, disk, reason: "loud"), events: 1),
    Case(
      name: "a disk is retired twice", history: members + [.retireDisk(one, disk, reason: "loud")],
      command: .retireDisk(one, disk, reason: "loud"), events: 0),
    Case(
      name: "no disk is retired", history: members, command: .retireDisk(one, other, reason: ""),
      refusal: .unknownDisk(other, of: one)),
  ]

  static let policyCases: [Case] = {
    let wide = ErasureCoding(dataShards: 8, parityShards: 4, stripeBytes: 4 << 20)
    let photos = try? ScopePath("/photos")
    let path = photos ?? .root
    return [
      Case(name: "a path gets a policy", history: [], command: .setPolicy(path, wide), events: 1),
      Case(
        name: "the same policy again", history: [.setPolicy(path, wide)], command: .setPolicy(path, wide),
        events: 0),
      Case(
        name: "another policy", history: [.setPolicy(path, wide)], command: .setPolicy(path, .standard),
        events: 1),
      Case(name: "the root changes", history: [], command: .setPolicy(.root, wide), events: 1),
      Case(name: "the root goes", history: [], command: .removePolicy(.root), refusal: .rootPolicy),
      Case(
        name: "no policy goes", history: [], command: .removePolicy(path), refusal: .noPolicy(path)),
      Case(
        name: "a policy goes", history: [.setPolicy(path, wide)], command: .removePolicy(path), events: 1),
      Case(
        name: "a policy goes twice", history: [.setPolicy(path, wide), .removePolicy(path)],
        command: .removePolicy(path), refusal: .noPolicy(path)),
    ]
  }()

  @Test("commands are accepted or refused by what there is", arguments: nodeCases + diskCases + policyCases)
  func decisions(_ example: Case) async throws {
    try await ClusterFixture().withCluster { cluster, log in
      try await cluster.createLake()
      for command in example.history { try await cluster.submit(command) }
      let end = try log.topic(try ClusterDomain().topic).partitions[0].extent().end.value
      #expect(try await cluster.refusal(of: example.command) == example.refusal)
      let now = try log.topic(try ClusterDomain().topic).partitions[0].extent().end.value
      #expect(Int(now - end) == example.events)
    }
  }

  @Test("there is one cluster, and nothing before it")
  func creating() async throws {
    try await ClusterFixture().withCluster { cluster, _ in
      for command in [
        ClusterCommand.join(.test(1)), .setPolicy(.root, .standard), .drain(.test(1), reason: ""),
      ] {
        #expect(try await cluster.refusal(of: command) == .noCluster)
      }
      let created = try await cluster.submit(.create(name: "lake", policy: .standard))
      let id = try #require(ClusterID(sqlValue: .bytes(created.reply.clusterID)))
      #expect(
        try await cluster.refusal(of: .create(name: "pond", policy: .standard))
          == .clusterExists(id, name: "lake"))
    }
  }

  @Test("as many as may be, and no more")
  func limits() async throws {
    try await ClusterFixture().withCluster { cluster, _ in
      try await cluster.createLake()
      let disks = (0..<64).map { NewDisk(name: "d\($0)", path: "/d\($0)") }
      try await cluster.submit(.join(.test(1, disks: disks)))
      #expect(
        try await cluster.refusal(of: .addDisk(.test(1), NewDisk(name: "x", path: "/x")))
          == .full(what: "disks of the node", maximum: 64))
      // Many at once: they are decided together, each seeing those before it.
      let refused = try await withThrowingTaskGroup(of: ClusterRefusal?.self) { group in
        for number in 2...1030 {
          group.addTask { try await cluster.refusal(of: .join(.test(UInt64(number)))) }
        }
        return try await group.reduce(into: [ClusterRefusal?]()) { $0.append($1) }.compactMap { $0 }
      }
      #expect(refused == Array(repeating: .full(what: "nodes", maximum: 1024), count: 6))
    }
  }

  @Test("many who want one name at once: one gets it")
  func races() async throws {
    try await ClusterFixture().withCluster { cluster, _ in
      try await cluster.createLake()
      let outcomes = try await withThrowingTaskGroup(of: ClusterRefusal?.self) { group in
        for _ in 0..<40 {
          group.addTask { try await cluster.refusal(of: .join(JoinNode(name: "x", addresses: ["/a"]))) }
        }
        return try await group.reduce(into: [ClusterRefusal?]()) { $0.append($1) }
      }
      #expect(outcomes.filter { $0 == nil }.count == 1)
      #expect(try await cluster.view { view throws(DatabaseError) in try await view.nodes().count } == 1)
    }
  }

  @Test("a join that is asked again with its command's id gets the id it got first")
  func repeated() async throws {
    try await ClusterFixture().withCluster { cluster, _ in
      try await cluster.createLake()
      let join = ClusterCommand.join(
        JoinNode(name: "x", addresses: ["/a"], disks: [NewDisk(name: "d", path: "/d")]))
      let first = try await cluster.submit(join, id: ByteBuffer("once"))
      let again = try await cluster.submit(join, id: ByteBuffer("once"))
      #expect(again.isRepeated && again.reply == first.reply && first.reply.diskIds.count == 1)
      let node = try #require(NodeID(sqlValue: .bytes(first.reply.nodeID)))
      var known = JoinNode(name: "x", addresses: ["/a"], disks: [NewDisk(name: "d", path: "/d")])
      known.id = node
      let identical = try await cluster.submit(.join(known))
      #expect(identical.reply.unchanged && identical.reply.diskIds == first.reply.diskIds)
    }
  }
}
