// What the tables answer, on both stores.

import Bytes
import Database
import Log
import LogEvents
import Projections
import Records
import Runtime
import Testing
import Wire

@testable import Cluster

@Suite("Asking about the cluster") struct QueryTests {
  private static let gib = 1 << 30

  /// Three nodes, one draining, one removed; disks of every state.
  private func history(_ cluster: ClusterService) async throws {
    try await cluster.createLake()
    let gib = Self.gib
    try await cluster.submit(
      .join(
        JoinNode(
          id: .test(1), name: "beta", addresses: ["/ip4/10.0.0.1/tcp/1", "/dns4/beta/tcp/1"],
          failureDomain: "rack1", softwareRelease: "0.1.0",
          disks: [
            NewDisk(id: .test(1), name: "one", path: "/1", totalBytes: 100 * gib, freeBytes: 50 * gib),
            NewDisk(id: .test(2), name: "two", path: "/2", totalBytes: 100 * gib, freeBytes: 40 * gib),
          ])))
    try await cluster.submit(
      .join(
        .test(
          2, disks: [NewDisk(id: .test(3), name: "one", path: "/1", totalBytes: 10 * gib, freeBytes: 9 * gib)]
        )
      ))
    try await cluster.submit(
      .join(.test(3, disks: [NewDisk(id: .test(4), name: "one", path: "/1", totalBytes: gib)])))
    try await cluster.submit(
      .updateDisk(.test(1), .test(2), DiskChange(state: .offline, error: "EIO reading /2")))
    try await cluster.submit(.drain(.test(2), reason: "old"))
    try await cluster.submit(.remove(.test(3), reason: "burnt", isForced: true))
    try await cluster.submit(
      .reportLiveness(LivenessReport(.test(1), is: .suspect, since: 7, detector: .test(2))))
  }

  @Test("nodes, disks and the summary show what happened", arguments: StoreKind.allCases)
  func shown(_ kind: StoreKind) async throws {
    let time = ManualTime()
    let now = time.wall.milliseconds
    let fixture = try ClusterFixture(kind, time: time)
    try await fixture.withCluster { cluster, _ in
      #expect(try await cluster.view { view throws(DatabaseError) in try await view.summary() } == nil)
      try await history(cluster)
      let members = try await cluster.view { view throws(DatabaseError) in try await view.nodes() }
      #expect(members.map(\.name) == ["beta", "n2"])
      #expect(members.map(\.state) == [.suspect, .draining])
      let beta = ClusterNode(
        id: .test(1), name: "beta", addresses: ["/ip4/10.0.0.1/tcp/1", "/dns4/beta/tcp/1"],
        failureDomain: "rack1", softwareRelease: "0.1.0", standing: .active, standingSince: now,
        standingReason: "", isForced: false, liveness: .suspect, livenessSince: 7, joined: now)
      #expect(members[0] == beta)
      #expect(try await cluster.view { view throws(DatabaseError) in try await view.node(.test(1)) } == beta)
      let removed = try await cluster.view { view throws(DatabaseError) in
        try await view.nodes(includingRemoved: true)
      }
      #expect(removed.map(\.name) == ["beta", "n2", "n3"])
      #expect(removed[2].isForced && removed[2].standingReason == "burnt" && removed[2].state == .removed)
      let disks = try await cluster.view { view throws(DatabaseError) in
        try await view.disks(of: .test(1), includingRetired: true)
      }
      #expect(disks.map(\.state) == [.online, .offline])
      #expect(disks.map(\.writableBytes) == [49 * Self.gib, 0])
      #expect(disks[1].error == "EIO reading /2")
      let all = try await cluster.view { view throws(DatabaseError) in
        (try await view.disks().map(\.id), try await view.disks(includingRetired: true).map(\.id))
      }
      #expect(all.0 == [.test(1), .test(2), .test(3)])
      #expect(all.1 == [.test(1), .test(2), .test(3), .test(4)])
      let summary = try #require(
        try await cluster.view { view throws(DatabaseError) in try await view.summary() })
      #expect(summary.name == "lake" && summary.created == now && summary.policies == 1)
      #expect(summary.nodes == [.suspect: 1, .draining: 1, .removed: 1] && summary.members == 2)
      #expect(summary.disks == [.online: 2, .offline: 1, .retired: 1])
      #expect(summary.totalBytes == 210 * Self.gib && summary.freeBytes == 99 * Self.gib)
      #expect(summary.writableBytes == 0, "nothing is written to suspect and draining nodes")
      try await cluster.submit(.reportLiveness(LivenessReport(.test(1), is: .online)))
      try await cluster.submit(.reactivate(.test(2)))
      let better = try #require(
        try await cluster.view { view throws(DatabaseError) in try await view.summary() })
      #expect(better.writableBytes == 57 * Self.gib && better.writableDataBytes == 38 * Self.gib)
    }
    let verification = try await fixture.verify()
    #expect(verification.holds, "\(verification.tables.compactMap(\.difference))")
  }

  @Test("the nearest policy at or above a path holds, and says where it is", arguments: StoreKind.allCases)
  func policies(_ kind: StoreKind) async throws {
    try await ClusterFixture(kind).withCluster { cluster, _ in
      #expect(
        try await cluster.view { view throws(DatabaseError) in try await view.effectivePolicy(for: .root) }
          == nil)
      try await cluster.createLake()
      func coding(_ k: Int) -> ErasureCoding {
        ErasureCoding(dataShards: k, parityShards: 1, stripeBytes: 4096)
      }
      try await cluster.submit(.setPolicy(try ScopePath("/a"), coding(5)))
      try await cluster.submit(.setPolicy(try ScopePath("/a/b/c"), coding(6)))
      try await cluster.submit(.setPolicy(try ScopePath("/ab"), coding(7)))
      try await cluster.submit(.setPolicy(try ScopePath("/gone"), coding(8)))
      try await cluster.submit(.removePolicy(try ScopePath("/gone")))
      let expected = [
        ("/", "/", 4), ("/x", "/", 4), ("/a", "/a", 5), ("/a/b", "/a", 5), ("/a/bc", "/a", 5),
        ("/a/b/c", "/a/b/c", 6), ("/a/b/c/d/e", "/a/b/c", 6), ("/ab", "/ab", 7), ("/abc", "/", 4),
        ("/gone/x", "/", 4),
      ]
      for (text, from, dataShards) in expected {
        let path = try ScopePath(text)
        let found = try #require(
          try await cluster.view { view throws(DatabaseError) in try await view.effectivePolicy(for: path) })
        #expect(found.path.text == text && found.policy.path.text == from, "\(text)")
        #expect(
          found.policy.coding.dataShards == dataShards && found.isInherited == (text != from), "\(text)")
      }
      let all = try await cluster.view { view throws(DatabaseError) in try await view.policies() }
      #expect(all.map(\.path.text) == ["/", "/a", "/a/b/c", "/ab"])
      #expect(Set(all.map(\.id)).count == 4)
    }
  }

  @Test("every event is known by its name, and says what it changes")
  func events() throws {
    let names = [
      "ClusterCreated", "NodeJoined", "NodeUpdated", "NodeLivenessChanged", "NodeDraining", "NodeReactivated",
      "NodeRemoved", "DiskAdded", "DiskUpdated", "DiskRetired", "PolicySet", "PolicyRemoved",
    ]
    #expect(ClusterEvent.types.names == names.map { "varve.cluster.\($0).v1" }.sorted())
    var joined = Varve_Cluster_V1_NodeJoined()
    joined.nodeID = NodeID.test(3).bytes
    let place = EventPlace(partition: 0, offset: 0, time: 0)
    let domain = try ClusterDomain()
    #expect(
      domain.changes(of: .joined(joined), at: place) == [Change(kind: "node", key: "\(NodeID.test(3))")])
  }

  @Test("an event that no cluster can have stops the tables, and commands say so")
  func foreignEvents() async throws {
    try await ClusterFixture().withCluster { cluster, log in
      try await cluster.createLake()
      var event = Varve_Cluster_V1_NodeDraining()
      event.nodeID = .init("short")
      let record = Record(
        key: .init("node/short"), value: try event.serializedBytes(),
        headers: [RecordHeader(key: "ce_type", value: .init("varve.cluster.NodeDraining.v1"))])
      try await log.topic(try ClusterDomain().topic).partitions[0].append([record])
      await #expect(throws: CommandError<ClusterRefusal>.self) { try await cluster.submit(.join(.test(1))) }
      guard case .stopped(let failure)? = cluster.refusal else {
        Issue.record("the domain goes on")
        return
      }
      #expect(failure.offset.value == 1 && failure.cause.contains("an id of 5 bytes"))
    }
  }
}
